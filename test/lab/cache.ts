import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { spawnTied, type Log } from "./process.ts";

/** Where images are kept between runs: $XDG_CACHE_HOME/bowline-lab, or ~/.cache/bowline-lab. */
export function cacheRoot(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "bowline-lab");
}

/** A short name for anything that is plain data. */
export function hash(data: unknown): string {
  return createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 12);
}

/**
 * The cache directory of this name, built first if it is not there. Only a whole build gets the name; of two processes
 * that want the same directory, one builds and the other waits.
 */
export async function cached(name: string, log: Log, build: (dir: string) => Promise<void>): Promise<string> {
  const dir = join(cacheRoot(), name);
  if (!existsSync(dir)) {
    await mkdir(cacheRoot(), { recursive: true });
    await locked(join(cacheRoot(), ".lock"), log, async () => {
      if (!existsSync(dir)) await buildWhole(dir, build);
    });
  }
  const now = new Date();
  await utimes(dir, now, now).catch(() => undefined);
  return dir;
}

/** Remove every image except the named ones. */
export async function prune(log: Log, keep: readonly string[] = []): Promise<void> {
  if (!existsSync(cacheRoot())) return;
  await locked(join(cacheRoot(), ".lock"), log, async () => {
    for (const name of await readdir(cacheRoot())) {
      if (name === ".lock" || keep.includes(name)) continue;
      log(`removing ${join(cacheRoot(), name)}`);
      await rm(join(cacheRoot(), name), { recursive: true, force: true });
    }
  });
}

async function buildWhole(dir: string, build: (dir: string) => Promise<void>): Promise<void> {
  for (const name of await readdir(cacheRoot())) {
    // We hold the lock, so a build directory that is still here was left by a process that died.
    if (name.startsWith("building-")) await rm(join(cacheRoot(), name), { recursive: true, force: true });
  }
  const temporary = await mkdtemp(join(cacheRoot(), "building-"));
  try {
    await build(temporary);
    await rename(temporary, dir);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Do this alone. flock(1) holds the lock for as long as its standard input is open, so the kernel frees it when we die. */
export async function locked<T>(path: string, log: Log, work: () => Promise<T>): Promise<T> {
  const child = spawnTied("flock", [path, "sh", "-c", "echo locked; exec cat"], { stdio: ["pipe", "pipe", "inherit"] });
  const waiting = setInterval(() => log(`waiting for another process that holds ${path} …`), 10_000);
  try {
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once("data", () => resolve());
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`flock ${path}: exit code ${code}`)));
    });
    clearInterval(waiting);
    return await work();
  } finally {
    clearInterval(waiting);
    child.stdin?.end();
  }
}
