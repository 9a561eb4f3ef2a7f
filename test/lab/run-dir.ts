import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTime } from "./process.ts";

const prefix = "bowline-lab-";

/** A directory for what lives as long as this process. Directories of processes that died are swept first. */
export async function makeRunDir(): Promise<string> {
  await sweep();
  const dir = join(base(), `${prefix}${process.pid}-${startTime(process.pid)}-${randomBytes(3).toString("hex")}`);
  await mkdir(dir, { mode: 0o700 });
  return dir;
}

/** A unix socket's path may have 107 characters: with a long TMPDIR we take /tmp. */
export function base(): string {
  return tmpdir().length > 50 ? "/tmp" : tmpdir();
}

async function sweep(): Promise<void> {
  for (const name of await readdir(base())) {
    const [, pid, started] = /^bowline-lab-(\d+)-(\d+)-[0-9a-f]+$/.exec(name) ?? [];
    if (pid === undefined || startTime(Number(pid)) === started) continue;
    // Not ours to remove when another user made it.
    await rm(join(base(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}
