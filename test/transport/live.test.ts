import { PassThrough } from "node:stream";
import { framed } from "../../src/transport/frame.ts";
import { Live } from "../../src/transport/live.ts";
import { ShellSession } from "../../src/transport/session.ts";
import { usualTiming } from "../../src/transport/sessions.ts";
import type { Wire } from "../../src/transport/wire.ts";
import { script } from "./_host.ts";

/** A host that the test plays: it says when a line with this word arrives, and answers in the host's words. */
function playedHost(): { wire: Wire; heard: (word: string) => Promise<void>; end: (request: string, code?: number, flags?: string, output?: string) => void; say: (text: string) => void; drop: () => void } {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  let rest = "";
  stdin.on("data", (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split("\n");
    rest = parts.pop()!;
    lines.push(...parts);
    for (const wake of waiting.splice(0)) wake();
  });
  const nonce = () => /^hello (\w+)/m.exec(lines.join("\n"))![1]!;
  let from = 0;
  let drop: () => void = () => undefined;
  const closed = new Promise<string | undefined>((resolve) => (drop = () => resolve("dropped")));
  return {
    wire: { stdin, stdout, stderr, close: () => drop(), closed },
    heard: async (word) => {
      for (;;) {
        const at = lines.findIndex((line, index) => index >= from && line.startsWith(word));
        if (at >= 0) return void (from = at + 1);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    end: (request, code = 0, flags = "-", output = "") => {
      for (const stream of [stdout, stderr]) stream.write(`${stream === stdout ? output : ""}\n${nonce()} ${request} ${code} ${flags}\n`);
    },
    say: (text) => void stdout.write(text),
    drop: () => drop(),
  };
}

const options = { name: "played", shell: "sh", timing: usualTiming };

test("a look whose time was up just when it ended does not cost the next one its answer", async () => {
  const host = playedHost();
  const live = Live.start(host.wire, options);
  const looks = [framed(script("first", { trusted: true, timeout: 1 })), framed(script("second", { trusted: true }))];
  const answered = live.batch(looks, {});
  await host.heard("hello ");
  await host.heard("cancel");
  host.end("0", 0, "-", "first");
  host.end("-", 143);
  const { replies } = await answered;
  expect(replies.map(({ status, stdout }) => [status, stdout.toString()])).toEqual([["done", "first"]]);
  host.drop();
});

test("a session sends again what it stopped by mistake", async () => {
  const host = playedHost();
  const session = new ShellSession(() => Promise.resolve(host.wire), { ...options, onRoundTrip: () => undefined });
  const asked = session.ask([script("first", { trusted: true, timeout: 1 }), script("second", { trusted: true })]);
  await host.heard("hello ");
  await host.heard("cancel");
  host.end("0", 0, "-", "first");
  host.end("-", 143);
  await host.heard("script 0 0 none trust 1");
  host.end("0", 0, "-", "second");
  expect((await asked).map((reply) => reply.stdout.toString())).toEqual(["first", "second"]);
  host.drop();
});

test("a look that is late is stopped, and said to be", async () => {
  const host = playedHost();
  const live = Live.start(host.wire, options);
  const answered = live.batch([framed(script("slow", { trusted: true, timeout: 1 }))], {});
  await host.heard("hello ");
  await host.heard("cancel");
  host.end("-", 143, "-", "so far");
  expect((await answered).replies[0]).toMatchObject({ status: "timeout", stdout: Buffer.from("so far") });
  host.drop();
});

test("a host that does not answer a cancel loses its connection", async () => {
  const host = playedHost();
  const live = Live.start(host.wire, { ...options, timing: { ...usualTiming, grace: 0.01 } });
  const answered = live.batch([framed(script("stuck"))], { signal: AbortSignal.abort() });
  await expect(answered).rejects.toMatchObject({ code: "E_UNREACHABLE" });
});

test("a host without /proc is refused in words", async () => {
  const host = playedHost();
  const live = Live.start(host.wire, options);
  const answered = live.batch([framed(script("true"))], {});
  await host.heard("hello");
  host.end("hello", 1);
  await expect(answered).rejects.toThrow(/no \/proc/);
});

test("what a shell said before it was lost stands in the message", async () => {
  const host = playedHost();
  const live = Live.start(host.wire, options);
  const answered = live.batch([framed(script("true"))], {});
  await host.heard("hello");
  host.say("This account is currently not available.\n");
  host.drop();
  await expect(answered).rejects.toThrow(/This account is currently not available/);
});

test("signs of life come while nothing runs, too", async () => {
  const host = playedHost();
  Live.start(host.wire, { ...options, timing: { ...usualTiming, alive: 0.01 } });
  await host.heard("alive");
  host.drop();
});
