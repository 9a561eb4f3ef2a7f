import { execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { jest } from "@jest/globals";
import { BowlineError } from "../../src/core/errors.ts";
import type { LocalFile } from "../../src/core/step.ts";
import type { Reply, Request } from "../../src/transport/transport.ts";
import { eventually } from "../lab/process.ts";
import { connect, local, meteredSession, running, script, shells, uniqueSleep, type Scissors } from "./_host.ts";

jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), "bowline-loss-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
// The lock of this machine belongs to whoever else runs here.
process.env["BOWLINE_LOCK"] = join(root, "lock");

/** A file of which all but the beginning is packed. */
const packedFile: LocalFile = {
  path: join(root, "packed"),
  size: 1_200_000,
  sha256: "",
  packed: (from) => {
    const bytes = gzipSync(readFileSync(packedFile.path).subarray(from), { level: 0 });
    return Promise.resolve({ size: bytes.length, bytes: () => Readable.from([bytes]) as AsyncIterable<Buffer> });
  },
};
writeFileSync(packedFile.path, "packed ".repeat(200_000).slice(0, packedFile.size));

const gone = (what: string) => eventually(`the end of ${what}`, 20_000, () => Promise.resolve(running(what).length === 0 ? true : undefined));
const empty = (dir: string) => eventually(`nothing in ${dir}`, 20_000, () => Promise.resolve(readdirSync(dir).length === 0 ? true : undefined));

/** The same numbers every time: a linear congruential generator. */
function numbers(seed: number, count: number, below: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => (state = (state * 1103515245 + 12345) % 2147483648) % below);
}

describe.each(shells)("a connection that is lost, under %s", (shell) => {
  /** A look, a script that looks like the protocol, a file in pieces, one that is packed, input in pieces; each with the answer that is right. */
  const conversation = (dir: string): (readonly [Request[], string[]])[] => [
    [[script("echo one", { trusted: true }), script("printf '\\n%s 0 0 -\\ntwo' 0123456789abcdef0123456789abcdef; echo err >&2; exit 3", { accept: [3] })], ["0 one\n", "3 \n0123456789abcdef0123456789abcdef 0 0 -\ntwo"]],
    [[{ kind: "put", path: join(dir, "file"), content: { text: "content ".repeat(40_000) }, mode: "0600" }, script(`wc -c <'${dir}/file' | tr -d ' '; rm '${dir}/file'`)], ["0 ", "0 320000\n"]],
    [[{ kind: "put", path: join(dir, "file"), content: { file: packedFile }, mode: "0600" }, script(`wc -c <'${dir}/file' | tr -d ' '; rm '${dir}/file'`)], ["0 ", "0 1200000\n"]],
    [[script("tail -c 3", { stdin: `${"x".repeat(300_000)}end` })], ["0 end"]],
  ];
  const talk = async (scissors: Scissors, dir: string) => {
    const metered = meteredSession(shell, scissors);
    const outcomes: string[] = [];
    for (const [requests, expected] of conversation(dir)) {
      const outcome = await metered.session.ask(requests).then(
        (replies: readonly Reply[]) => replies.map(({ code, stdout }) => `${code} ${stdout}`),
        (error: unknown) => (error instanceof BowlineError ? error.code : String(error)),
      );
      outcomes.push(outcome === "E_UNREACHABLE" ? "lost" : JSON.stringify(outcome) === JSON.stringify(expected) ? "right" : `wrong: ${JSON.stringify(outcome)}`);
    }
    await metered.session.close();
    await metered.ended;
    return { outcomes, sent: metered.sent().length, received: metered.received() };
  };

  test("behind what had to be answered, takes no answer away", async () => {
    const last = script("kill -s KILL $$ $bl_self; sleep 1", { trusted: true });
    const asked = async (vital: object) => {
      const metered = meteredSession(shell, {});
      const replies = await metered.session.ask([script("echo one"), last, script("echo two")], vital).catch((error: BowlineError) => error.code);
      await metered.session.close();
      return Array.isArray(replies) ? (replies as Reply[]).map(({ stdout }) => String(stdout)) : replies;
    };
    expect(await asked({ vital: 1 })).toEqual(["one\n"]);
    expect(await asked({ vital: 2 })).toBe("E_UNREACHABLE");
    expect(await asked({})).toBe("E_UNREACHABLE");
  });

  test("at any byte, gives a right answer or says that it is lost, and leaves nothing", async () => {
    const dir = mkdtempSync(join(root, "cut-"));
    const whole = await talk({}, dir);
    expect(whole.outcomes).toEqual(["right", "right", "right", "right"]);
    // Bash is several times slower at this, and no other in what it does.
    const share = shell.startsWith("bash") ? 4 : 1;
    const cuts: Scissors[] = [
      ...numbers(1, 8 / share, 9_000).map((sent) => ({ sent })),
      ...numbers(2, 12 / share, whole.sent).map((sent) => ({ sent })),
      ...numbers(3, 24 / share, whole.received).map((received) => ({ received })),
    ];
    for (const cut of cuts) {
      const { outcomes } = await talk(cut, dir);
      expect({ cut, outcomes: outcomes.filter((outcome) => outcome.startsWith("wrong")) }).toEqual({ cut, outcomes: [] });
      expect(outcomes).toContain("lost");
      // What the file holds when the loss came in between is whole; beside it lies nothing.
      await eventually("no temporary file", 20_000, () => Promise.resolve(readdirSync(dir).every((name) => name === "file") ? true : undefined));
      if (existsSync(join(dir, "file"))) expect(["content ".repeat(40_000), readFileSync(packedFile.path, "utf8")].includes(readFileSync(join(dir, "file"), "utf8"))).toBe(true);
      rmSync(join(dir, "file"), { force: true });
    }
    expect(readdirSync("/dev/shm").filter((name) => name.startsWith("bowline-"))).toEqual([]);
  }, 180_000);

  test.each([
    ["a script", { trusted: false }],
    ["a look", { trusted: true }],
    ["a script with input that was sent ahead", { stdin: Buffer.alloc(200_000, 120) }],
    ["a script with a time limit", { timeout: 1000 }],
  ])("stops %s with its whole tree", async (_, more) => {
    const nap = uniqueSleep();
    const { session, ended } = meteredSession(shell, { received: 150 });
    const lost = session.ask([script(`sleep ${nap} & env -i sleep ${nap} & (trap '' TERM HUP; sleep ${nap}) & head -c 1000 /dev/zero; sleep ${nap}`, more), script("echo never")]);
    await expect(lost).rejects.toMatchObject({ code: "E_UNREACHABLE" });
    await gone(nap);
    await ended;
  });

  test("lets a step finish that says so, though it goes on speaking, and starts no other", async () => {
    const marks = mkdtempSync(join(root, "finish-"));
    const { session, ended } = meteredSession(shell, { received: 1000 });
    const step = script(`i=0; while [ $i -lt 30 ]; do head -c 1000 /dev/zero; head -c 1000 /dev/zero >&2 || exit 1; i=$((i+1)); sleep 0.02; done; echo done >${marks}/first`, { onDisconnect: "finish" });
    await expect(session.ask([step, script(`echo >${marks}/second`)])).rejects.toMatchObject({ code: "E_UNREACHABLE" });
    await ended;
    await eventually("the end of the step", 20_000, () => Promise.resolve(existsSync(join(marks, "first")) ? true : undefined));
    expect(readdirSync(marks)).toEqual(["first"]);
  });

  test("without a word, is noticed when signs of life stay out: what runs is stopped, and a file on its way is taken away", async () => {
    const nap = uniqueSleep();
    const dir = mkdtempSync(join(root, "lease-"));
    const mute = connect(shell, { lease: 1, alive: 1000, grace: 15 });
    const lost = (await mute.session()).ask([script(`sleep ${nap} & env -i sleep ${nap} & sleep ${nap}`)]);
    await expect(lost).rejects.toMatchObject({ code: "E_UNREACHABLE" });
    await gone(nap);
    await mute.close();
    const stuck = connect(shell, { lease: 1, alive: 1000, grace: 15 });
    // A pipe that nobody fills stands for a link that carries no more of the file.
    const pipe = join(root, `pipe-${nap}`);
    execFileSync("mkfifo", [pipe]);
    const feeder = openSync(pipe, "r+");
    writeSync(feeder, "x".repeat(40_000));
    const put: Request = { kind: "put", path: join(dir, "f"), content: { file: { path: pipe, size: 100_000, sha256: "" } }, mode: "0600" };
    await expect((await stuck.session()).ask([put])).rejects.toMatchObject({ code: "E_UNREACHABLE" });
    closeSync(feeder);
    await empty(dir);
    await stuck.close();
  });
});

test("a connection lives on while signs of life come, whether or not something runs", async () => {
  await Promise.all(
    shells.map(async (shell) => {
      const connection = connect(shell, { lease: 4, alive: 0.5, grace: 15 });
      const session = await connection.session();
      expect((await session.ask([script("sleep 4.5; echo one")]))[0]!.stdout.toString()).toBe("one\n");
      await new Promise((resolve) => setTimeout(resolve, 4500));
      expect((await session.ask([script("echo two")]))[0]!.stdout.toString()).toBe("two\n");
      await connection.close();
    }),
  );
}, 60_000);

test.each([
  ["a script", (nap: string) => ({ kind: "script", script: `sleep ${nap} & env -i sleep ${nap} & echo ready; sleep ${nap}` })],
  ["a look", (nap: string) => ({ kind: "script", trusted: true, script: `sleep ${nap} & echo ready; sleep ${nap}` })],
])("a controller that is killed with SIGKILL leaves nothing of %s", async (_, request) => {
  const nap = uniqueSleep();
  const lock = { kind: "lock", label: "to be killed" };
  const child = spawn(process.execPath, ["--import", "tsx", join(import.meta.dirname, "_controller.ts"), JSON.stringify({ target: local, requests: [lock, request(nap)] })], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  // Its own command line holds the text too, until it is gone.
  await eventually("the script", 20_000, () => Promise.resolve(running(nap).length > 1 ? true : undefined));
  child.kill("SIGKILL");
  await gone(nap);
  const next = connect("dash");
  await eventually("the lock", 20_000, async () => ((await (await next.session()).ask([lock as Request]))[0]!.code === 0 ? true : undefined));
  await next.close();
}, 60_000);
