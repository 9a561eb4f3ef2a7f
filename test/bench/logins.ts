import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sshd } from "../lab/sshd.ts";

/** From now on: how many handshakes sshd saw to their end. It is the judge, not the contestants. */
export async function loginCounter(sshd: Sshd): Promise<() => Promise<number>> {
  const before = await logins(sshd);
  return async () => (await logins(sshd)) - before;
}

async function logins(sshd: Sshd): Promise<number> {
  const logs = (await readdir(sshd.dir)).filter((name) => name.endsWith(".log"));
  const texts = await Promise.all(logs.map((name) => readFile(join(sshd.dir, name), "utf8")));
  return texts.reduce((sum, text) => sum + [...text.matchAll(/^Accepted publickey for /gm)].length, 0);
}
