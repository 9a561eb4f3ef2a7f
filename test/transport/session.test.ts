import { randomBytes } from "node:crypto";
import { jest } from "@jest/globals";
import type { Connection, OutputLine } from "../../src/transport/transport.ts";
import { eventually } from "../lab/process.ts";
import { answer, carrying, connect, meteredSession, running, script, shells, uniqueSleep } from "./_host.ts";

jest.setTimeout(60_000);

describe.each(shells)("a session under %s", (shell) => {
  let connection: Connection;
  beforeAll(() => void (connection = connect(shell)));
  afterAll(() => connection.close());
  const ask = (...args: Parameters<typeof script>) => answer(connection, script(...args));
  const many = async (...texts: string[]) => (await (await connection.session()).ask(texts.map((text) => script(text)))).map((reply) => reply.stdout.toString());

  describe.each([false, true])("(trusted: %s)", (trusted) => {
    const binary = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes(70_000)]);

    test("gives exit code, stdout and stderr apart", async () => {
      expect(await ask("echo out; echo err >&2; exit 7", { trusted })).toEqual({ status: "done", code: 7, stdout: "out\n", stderr: "err\n" });
    });

    test.each([0, 1, 2, 44, 99, 126, 127, 143, 255])("gives exit code %i as it is", async (code) => {
      expect(await ask(`exit ${code}`, { trusted })).toMatchObject({ status: "done", code });
    });

    test.each([
      ["nothing", ""],
      ["no newline at the end", "no newline"],
      ["only a newline", "\n"],
      ["three newlines", "\n\n\n"],
      ["a newline in front", "\nx"],
    ])("gives %s back byte for byte", async (_, text) => {
      const expected = { status: "done", code: 0, stdout: text, stderr: text };
      expect(await ask(`printf '${text.replaceAll("\n", "\\n")}'; printf '${text.replaceAll("\n", "\\n")}' >&2`, { trusted })).toEqual(expected);
    });

    test.each([
      ["short", "printf 'a\\n\\nb'; exit 3", "a\n\nb", 3],
      ["empty", "exit 0", "", 0],
      ["one that ends with newlines", "printf 'a\\n\\n\\n'", "a\n\n\n", 0],
      ["quoted", `printf "it's \\\\ (x"; case x in x) printf ')' ;; esac`, "it's \\ (x)", 0],
      ["long", `head -c 100000 /dev/zero | tr '\\0' y; echo`, `${"y".repeat(100_000)}\n`, 0],
    ])("holds an answer against what is expected: %s", async (_, text, stdout, code) => {
      const same = async (expected: object, said = text) => (await ask(said, { trusted, expected: { stdout, code, ...expected } })).code;
      expect(await same({})).toBe(0);
      expect([await same({ stdout: `${stdout}x` }), await same({ stdout: `${stdout}\n` }), await same({ code: code + 1 }), await same({}, `echo e >&2; ${text}`), await same({}, `echo o; ${text}`)]).toEqual([1, 1, 1, 1, 1]);
    });

    test.each([
      ["in the frame", binary.subarray(0, 256)],
      ["ahead of it", binary],
    ])("gives binary input, sent %s, back as binary output", async (_, bytes) => {
      const [reply] = await (await connection.session()).ask([script("cat; cat >&2", { stdin: bytes, trusted })]);
      expect(reply!.stdout.equals(bytes)).toBe(true);
      expect(reply!.stderr.length).toBe(0);
    });

    test("gives a megabyte on one line", async () => {
      const { stdout } = await ask("head -c 1048576 /dev/zero | tr '\\0' x", { trusted });
      expect(stdout).toBe("x".repeat(1048576));
    });

    test("keeps the order within each stream", async () => {
      const { stdout, stderr } = await ask("i=0; while [ $i -lt 300 ]; do echo $i; echo $i >&2; i=$((i+1)); done", { trusted });
      const expected = Array.from({ length: 300 }, (_, index) => `${index}\n`).join("");
      expect([stdout, stderr]).toEqual([expected, expected]);
    });

    test("is not disturbed by what a script does to its shell", async () => {
      const hostile = ["cd /tmp; set -e; false; echo no", "exec true", "set -u; echo $nothing", "umask 000; trap 'echo bye' EXIT; exit 0", "exec 0<&- 1>&- 2>&-", "if", "bl_i=5; bl_nonce=x; IFS=x; PATH=", "exec >/dev/null 2>&1; echo no", "unset -f bl_end; alias printf=false; readonly bl_code=9"];
      for (const text of hostile) await ask(text, { trusted });
      expect(await ask("pwd; umask; echo \"${bl_i-}\" | wc -c; command -v printf >/dev/null && echo fine", { trusted, accept: [0] })).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\/\n0?022\n\d+\nfine\n$/) });
    });

    test("gives a script no input but its own", async () => {
      expect(await ask("cat; read -r line || echo none", { trusted })).toMatchObject({ stdout: "none\n" });
      expect(await ask("read -r line; echo \"got $line\"", { stdin: "one\ntwo\n", trusted })).toMatchObject({ stdout: "got one\n" });
      expect(await ask("exit 0", { stdin: Buffer.alloc(300_000, 120), trusted })).toMatchObject({ code: 0 });
      expect(await ask("sleep 0.1; wc -c", { stdin: Buffer.alloc(3_000_000, 120), trusted })).toMatchObject({ stdout: expect.stringMatching(/^ *3000000\n$/) });
    });

    test("leaves a script only its own descriptors", async () => {
      expect((await ask("for f in /proc/self/fd/*; do [ -e $f ] && echo ${f##*/}; done | sort -n | head -n 4 | tr '\\n' ' '; ls -l /proc/self/fd/6 /proc/self/fd/7 /proc/self/fd/9", { trusted })).code).not.toBe(0);
    });

    test("does not let output forge an answer", async () => {
      const forged = "\\n0123456789abcdef0123456789abcdef 0 0 -\\n";
      expect(await ask(`printf '${forged}'; printf '${forged}' >&2; exit 5`, { trusted })).toMatchObject({ code: 5, stdout: forged.replaceAll("\\n", "\n") });
    });

    test("kills the whole tree when the time is up, and says so", async () => {
      const nap = uniqueSleep();
      const tree = `trap '' TERM; (trap '' TERM; sleep ${nap} & setsid sleep ${nap} & env -i sleep ${nap} & wait) & env -i sleep ${nap} & sleep ${nap}; sleep ${nap}`;
      expect(await ask(tree, { timeout: 1, trusted })).toMatchObject({ status: "timeout" });
      expect(running(nap)).toEqual([]);
    });

    test("kills the whole tree when it is cancelled, keeps what was said, and goes on", async () => {
      const nap = uniqueSleep();
      const controller = new AbortController();
      const session = await connection.session();
      const onLine = (line: OutputLine) => line.text === "ready" && controller.abort();
      const replies = await session.ask([script("echo first", { trusted }), script(`sleep ${nap} & env -i sleep ${nap} & printf 'ready\\nhalf'; sleep ${nap}`, { trusted }), script("echo never")], { signal: controller.signal, onLine });
      expect(replies.map((reply) => [reply.status, reply.stdout.toString()])).toEqual([["done", "first\n"], ["cancelled", "ready\nhalf"]]);
      expect(running(nap)).toEqual([]);
      expect(await ask("echo on", { trusted })).toMatchObject({ status: "done", stdout: "on\n" });
    });

    test("lets what is better finished finish when it is cancelled, with its answer, and begins nothing behind it", async () => {
      const controller = new AbortController();
      const session = await connection.session();
      const onLine = (line: OutputLine) => line.text === "ready" && controller.abort();
      const replies = await session.ask([script("echo ready; sleep 0.5; echo whole; echo words >&2; exit 3", { trusted, onDisconnect: "finish", accept: [3] }), script("echo never", { trusted })], { signal: controller.signal, onLine });
      expect(replies.map(({ status, code, stdout, stderr }) => [status, code, stdout.toString(), stderr.toString()])).toEqual([["done", 3, "ready\nwhole\n", "words\n"], ["cancelled", 143, "", ""]]);
      expect(await ask("echo on", { trusted })).toMatchObject({ status: "done", stdout: "on\n" });
    });

    test("does not begin what is better finished when it is cancelled before", async () => {
      const controller = new AbortController();
      const session = await connection.session();
      const onLine = (line: OutputLine) => line.text === "ready" && controller.abort();
      const first = session.ask([script("echo ready; sleep 0.2", { trusted })], { signal: controller.signal, onLine });
      const second = session.ask([script("echo no", { trusted, onDisconnect: "finish" })], { signal: controller.signal });
      expect([...(await first), ...(await second)].map((reply) => reply.status)).toEqual(["cancelled", "cancelled"]);
    });

    test("lets what is better finished come to an end of its own when its time is up", async () => {
      const nap = uniqueSleep();
      const orderly = `trap 'sleep 1.5; echo closed; exit 4' TERM; echo open; while :; do sleep ${nap} & wait; done`;
      expect(await ask(orderly, { timeout: 1, trusted, onDisconnect: "finish" })).toEqual({ status: "timeout", code: expect.any(Number), stdout: "open\nclosed\n", stderr: "" });
    });

    test("hands lines on while the script runs", async () => {
      const session = await connection.session();
      const seen: OutputLine[] = [];
      const controller = new AbortController();
      // The script would never end: only a line that comes before its end can end it.
      await session.ask([script("true", { trusted }), script("echo one; echo two >&2; sleep 1000", { trusted })], {
        signal: controller.signal,
        onLine: (line) => {
          seen.push(line);
          if (seen.length === 2) controller.abort();
        },
      });
      expect(seen).toContainEqual({ request: 1, stream: "stdout", text: "one" });
      expect(seen).toContainEqual({ request: 1, stream: "stderr", text: "two" });
    });

    test("marks every process that it starts with the cookie of its batch, which is another each time", async () => {
      const [first, second] = [await ask("sh -c 'echo $BOWLINE_REQUEST'", { trusted }), await ask("sh -c 'echo $BOWLINE_REQUEST'", { trusted })];
      expect(first.stdout).toMatch(/^[0-9a-f]{32}\n$/);
      expect(second.stdout).not.toBe(first.stdout);
      expect(carrying(first.stdout.trim())).toEqual([]);
    });

    test("exports an environment to one script only", async () => {
      const environment = { PLAIN: "x", ODD: "a'b\"c $HOME `id`\nnew line\\", EMPTY: "" };
      expect(await ask("sh -c 'printf %s \"$ODD\"; echo \"${EMPTY-unset}$PLAIN\"'", { environment, trusted })).toMatchObject({ stdout: `${environment.ODD}x\n` });
      expect(await ask("echo ${PLAIN-unset}", { trusted })).toMatchObject({ stdout: "unset\n" });
    });
  });

  test("does not show a script the nonce that ends answers", async () => {
    const { session, sent } = meteredSession(shell);
    const [reply] = await session.ask([script("set; env; cat /proc/self/fd/0 /proc/[0-9]*/cmdline /proc/[0-9]*/environ", { environment: { A: "x" } })]);
    const [, nonce] = /^hello ([0-9a-f]{32}) /m.exec(sent())!;
    expect(reply!.stdout.toString()).toContain("A=x");
    expect(reply!.stdout.includes(nonce!)).toBe(false);
    await session.close();
  });

  test("says nothing of a signal that ended a script", async () => {
    expect(await ask("kill -9 $$")).toEqual({ status: "done", code: 137, stdout: "", stderr: "" });
    expect(await ask("kill -TERM 0; sleep 9")).toEqual({ status: "done", code: 143, stdout: "", stderr: "" });
  });

  test("runs a script in a process group of its own", async () => {
    const [own, leader] = (await ask("cut -d' ' -f5 /proc/self/stat; echo $$")).stdout.trim().split("\n");
    expect(own).toBe(leader);
  });

  test("names the line of a mistake as the script has it", async () => {
    expect((await ask("true\ntrue\nno-such-command")).stderr).toMatch(/\b3\b.*no-such-command/);
  });

  test("lets a child live that has closed its streams, and answers at once", async () => {
    const nap = uniqueSleep();
    const { code, stdout: pid } = await ask(`sleep ${nap} >/dev/null 2>&1 & echo $!`);
    expect(code).toBe(0);
    await eventually("the child", 20_000, () => Promise.resolve(running(nap).length === 1 ? true : undefined));
    process.kill(Number(pid));
  });

  test.each([
    ["its standard output", "(sleep 0.3; echo late) &"],
    ["its standard error", "(sleep 0.3; echo late >&2) >/dev/null &"],
    ["another descriptor", "exec 5>&1; (sleep 0.3; echo late >&5) >/dev/null 2>&1 &"],
    ["a session of its own", "setsid sh -c 'sleep 0.3; echo late' &"],
  ])("does not let a child that still holds %s speak into later answers", async (_, text) => {
    expect(await many(`${text} echo first`, "sleep 0.5; echo second", "echo third")).toEqual(["first\n", "second\n", "third\n"]);
  });

  test("stops behind a request that fails, and goes on behind an accepted code", async () => {
    const session = await connection.session();
    const codes = async (accept?: number[]) => (await session.ask([script("exit 0"), script("exit 3", accept ? { accept } : {}), script("exit 0")])).map((reply) => reply.code);
    expect(await codes()).toEqual([0, 3]);
    expect(await codes([0, 3])).toEqual([0, 3, 0]);
    expect(await codes(Array.from({ length: 256 }, (_, code) => code))).toEqual([0, 3, 0]);
    expect(await codes([1])).toEqual([0, 3]);
  });

  test("answers questions in the order in which they were asked, without waiting in between", async () => {
    const session = await connection.session();
    const asked = Array.from({ length: 20 }, (_, index) => session.ask([script(`echo ${index}`)]));
    expect((await Promise.all(asked)).map(([reply]) => reply!.stdout.toString())).toEqual(asked.map((_, index) => `${index}\n`));
  });

  test("does not send what was cancelled before it was its turn", async () => {
    const replies = await (await connection.session()).ask([script("echo no"), script("echo no")], { signal: AbortSignal.abort() });
    expect(replies.map((reply) => [reply.status, reply.stdout.length])).toEqual([["cancelled", 0]]);
  });

  test("counts one round trip for a batch", async () => {
    const before = connection.roundTrips;
    await many("true", "true", "true");
    expect(connection.roundTrips - before).toBe(1);
  });

  // Each shell gets many; ten thousand under the one that most hosts have.
  test("runs thousands of scripts without leaking a descriptor", async () => {
    const session = await connection.session();
    const state = async () => (await ask("ls /proc/$$/fd", { trusted: true })).stdout;
    const before = await state();
    const leaked = async () => (await state()).split("\n").filter((fd) => !before.split("\n").includes(fd));
    for (let from = 0; from < (shell === "dash" ? 10_000 : 500); from += 100) {
      const replies = await session.ask(Array.from({ length: 100 }, (_, index) => script(`echo ${from + index}; exit $((${from + index} % 7))`, { trusted: true, accept: [0, 1, 2, 3, 4, 5, 6] })));
      expect(replies.map((reply) => `${reply.stdout}${reply.code}`)).toEqual(Array.from({ length: 100 }, (_, index) => `${from + index}\n${(from + index) % 7}`));
    }
    // While it waits for the next request, a shell may keep its own input aside under one more number.
    expect((await leaked()).length).toBeLessThanOrEqual(1);
  }, 120_000);
});

test("what is better finished is killed too when it does not end", async () => {
  const nap = uniqueSleep();
  const connection = connect("dash");
  expect(await answer(connection, script(`trap '' TERM; sleep ${nap}; sleep ${nap}`, { timeout: 1, onDisconnect: "finish" }))).toMatchObject({ status: "timeout" });
  expect(running(nap)).toEqual([]);
  await connection.close();
});

test("closing a session leaves what a script left running on purpose, and nothing else", async () => {
  const nap = uniqueSleep();
  const connection = connect("dash");
  const { stdout: pid } = await answer(connection, script(`sleep ${nap} >/dev/null 2>&1 & echo $!`));
  await connection.close();
  await eventually("the child", 20_000, () => Promise.resolve(running(nap).length === 1 ? true : undefined));
  process.kill(Number(pid));
});
