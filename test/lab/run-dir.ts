import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTime } from "./process.ts";

const prefix = "bowline-lab-";
const ownPrefix = () => `${prefix}${process.pid}-${startTime(process.pid)}-`;

/** A directory for what lives as long as this process. Directories of processes that died are swept first. */
export async function makeRunDir(): Promise<string> {
  await sweep();
  const dir = join(base(), `${ownPrefix()}${randomBytes(3).toString("hex")}`);
  await mkdir(dir, { mode: 0o700 });
  return dir;
}

/** Remove every directory that this process made and has not removed. */
export async function removeRunDirs(): Promise<void> {
  const own = (await readdir(base())).filter((name) => name.startsWith(ownPrefix()));
  for (const name of own) await rm(join(base(), name), { recursive: true, force: true });
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
