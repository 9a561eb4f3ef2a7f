import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export type Log = (line: string) => void;

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Buffer;
  /** After this the command is killed and the code is 124, as timeout(1) has it. */
  readonly timeoutMs?: number;
  readonly cwd?: string;
}

/** Run a command to its end. Never throws for an exit code. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawnTied(command, args, { stdio: "pipe", ...(options.cwd === undefined ? {} : { cwd: options.cwd }) });
  const out = collect(child.stdout);
  const err = collect(child.stderr);
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(options.stdin ?? "");
  const timeoutMs = options.timeoutMs ?? 600_000;
  let timer: NodeJS.Timeout | undefined;
  const code = await new Promise<number | "late">((resolve, reject) => {
    // Not waiting for the end of its output: ssh hands its own over to the master connection, which keeps it open.
    timer = setTimeout(() => resolve("late"), timeoutMs);
    child.once("error", reject);
    child.once("close", (status, signal) => resolve(status ?? (signal === null ? 1 : 137)));
  }).finally(() => clearTimeout(timer));
  if (code !== "late") return { code, stdout: out(), stderr: err() };
  child.kill("SIGKILL");
  child.stdout?.destroy();
  child.stderr?.destroy();
  return { code: 124, stdout: out(), stderr: `${err()}timed out after ${timeoutMs} ms\n` };
}

/** Run a command to its end; throws with the end of its output when it fails. */
export async function must(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")}: exit code ${code}\n${tail(stderr + stdout)}`);
}

/** A child that the kernel kills when this process dies, whatever it dies of. */
export function spawnTied(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn("setpriv", ["--pdeathsig", "KILL", command, ...args], options);
}

/** Say that `label` began, and every ten seconds that it still goes on. */
export async function during<T>(log: Log, label: string, work: Promise<T>): Promise<T> {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  log(`${label} …`);
  const timer = setInterval(() => log(`${label} … ${seconds()} s`), 10_000);
  return work.finally(() => clearInterval(timer));
}

/** Try until it gives something or the time is over. */
export async function eventually<T>(what: string, timeoutMs: number, probe: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + timeoutMs; ; await sleep(50)) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
  }
}

/** The kernel's start time of a process: with the pid it names a process that pid reuse cannot fake. Undefined for a dead one. */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Every process that descends from this one. */
export function descendants(pid: number): number[] {
  let children: number[];
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** The last lines of a program's output. */
export function tail(text: string, lines = 20): string {
  return text.trimEnd().split("\n").slice(-lines).join("\n");
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
