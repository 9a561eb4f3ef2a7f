import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { verbatim } from "../../src/core/sh.ts";
import { connectLocal } from "../../src/transport/local.ts";
import type { Timing } from "../../src/transport/live.ts";
import { ShellSession } from "../../src/transport/session.ts";
import { usualTiming } from "../../src/transport/sessions.ts";
import { bootstrap, type Wire } from "../../src/transport/wire.ts";
import type { Connection, Reply, Request, ScriptRequest, Target } from "../../src/transport/transport.ts";

/** The shells that the host's half must work under. */
export const shells = ["dash", "bash", "bash --posix", "busybox sh"] as const;

export const local: Target = {
  name: "here",
  connection: "local",
  host: "localhost",
  port: 22,
  user: "me",
  identityFiles: [],
  knownHostsFiles: [],
  strictHostKeyChecking: "yes",
  proxyJump: [],
  connectTimeout: 20,
  serverAliveInterval: 15,
};

export function connect(shell: string, timing?: Timing): Connection {
  return connectLocal(local, shell, timing);
}

export function script(text: string, more: Partial<ScriptRequest> = {}): ScriptRequest {
  return { kind: "script", script: verbatim(text), ...more };
}

/** Where a wire is cut: after so many bytes to the host, or from it. */
export interface Scissors {
  readonly sent?: number;
  readonly received?: number;
}

/** A session over pipes to a shell of this machine that counts what it carries, and is cut where it is told to. */
export function meteredSession(shell: string, scissors: Scissors = {}): { session: ShellSession; sent: () => string; received: () => number; ended: Promise<void> } {
  const child = spawn("/bin/sh", ["-c", `exec ${bootstrap.replace(/^sh/, shell)}`], { stdio: "pipe", cwd: "/" });
  const sent: Buffer[] = [];
  let received = 0;
  const stdin = new PassThrough();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let close: () => void = () => undefined;
  const closed = new Promise<string | undefined>((resolve) => {
    close = () => {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      resolve("cut");
    };
    child.once("close", () => resolve(undefined));
  });
  child.stdin.on("error", () => undefined);
  stdin.on("data", (chunk: Buffer) => {
    const left = (scissors.sent ?? Infinity) - Buffer.concat(sent).length;
    const passed = chunk.subarray(0, Math.max(0, left));
    sent.push(passed);
    if (!child.stdin.destroyed) child.stdin.write(passed, left <= chunk.length ? close : undefined);
  });
  stdin.on("end", () => child.stdin.end());
  for (const [from, to] of [[child.stdout, stdout], [child.stderr, stderr]] as const) {
    from.on("data", (chunk: Buffer) => {
      const passed = chunk.subarray(0, Math.max(0, (scissors.received ?? Infinity) - received));
      received += passed.length;
      to.write(passed);
      if (passed.length < chunk.length || received === scissors.received) close();
    });
  }
  const wire: Wire = { stdin, stdout, stderr, close: () => close(), closed };
  const session = new ShellSession(() => Promise.resolve(wire), { name: "here", shell, timing: usualTiming, onRoundTrip: () => undefined });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return { session, sent: () => Buffer.concat(sent).toString("latin1"), received: () => received, ended };
}

/** One request's answer as text. */
export async function answer(connection: Connection, request: Request): Promise<{ status: Reply["status"]; code: number; stdout: string; stderr: string }> {
  const [reply] = await (await connection.session()).ask([request]);
  return { status: reply!.status, code: reply!.code, stdout: reply!.stdout.toString(), stderr: reply!.stderr.toString() };
}

/** Pids of the processes that have this text in their environment. */
export function carrying(text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(`/proc/${pid}/environ`).includes(text))
    .map(Number);
}

/** Command lines of the processes whose arguments hold this text; zombies have none. */
export function running(text: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => read(`/proc/${pid}/cmdline`).replaceAll("\0", " "))
    .filter((line) => line.includes(text));
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

let sleeps = 0;

/** Arguments for sleep(1) that no other process has, to find it again. */
export function uniqueSleep(): string {
  sleeps += 1;
  return `${1000 + sleeps}.${process.pid}`;
}
