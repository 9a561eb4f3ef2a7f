import { execFileSync } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { startProxy, type Proxy } from "../lab/proxy.ts";
import { knownHostsLine, type SshTarget } from "../lab/ssh.ts";
import type { Sshd } from "../lab/sshd.ts";

/** What every contestant has to do: see that these directories are on these hosts with this owner and this mode. */
export interface Course {
  readonly hosts: readonly string[];
  readonly login: Omit<SshTarget, "host">;
  readonly directories: readonly string[];
  readonly owner: string;
  readonly group: string;
  readonly mode: string;
  /** A task for each directory, or one task that loops over all. */
  readonly form: "tasks" | "loop";
  /** Where a contestant keeps its files. */
  readonly dir: string;
  /** Hosts at work at the same time: all. */
  readonly forks: number;
}

export interface CourseOptions {
  /** Of its directory. */
  readonly name: string;
  readonly hosts: number;
  readonly directories: number;
  readonly form?: Course["form"];
}

/** A course over the addresses of sshd; its directories are there as they should be. */
export async function makeCourse(sshd: Sshd, options: CourseOptions): Promise<Course> {
  const { name, hosts, form = "tasks" } = options;
  const dir = join(sshd.dir, name);
  const directories = Array.from({ length: options.directories }, (_, index) => join(dir, "tree", `part-${index + 1}`));
  const mode = "0750";
  for (const directory of directories) await mkdir(directory, { recursive: true, mode: Number.parseInt(mode, 8) });
  const { port, user, identityFile, knownHostsFile } = sshd;
  const group = execFileSync("id", ["-gn"], { encoding: "utf8" }).trim();
  const login = { port, user, identityFile, knownHostsFile };
  return { hosts: sshd.hosts.slice(0, hosts), login, directories, owner: userInfo().username, group, mode, form, dir, forks: hosts };
}

/** The same course at the end of a wire that counts and takes `delayMs` each way: loopback has no distance. */
export async function behindWire(course: Course, sshd: Sshd, delayMs: number): Promise<{ course: Course; wire: Proxy }> {
  const wire = await startProxy({ target: { host: sshd.hosts[0]!, port: sshd.port }, delayMs });
  const keys = await Promise.all(["ed25519", "ecdsa", "rsa"].map((type) => readFile(join(sshd.dir, `host_${type}.pub`), "utf8")));
  const knownHostsFile = join(course.dir, "known_hosts");
  await writeFile(knownHostsFile, keys.map((key) => knownHostsLine(wire.host, wire.port, key.trim())).join(""));
  return { course: { ...course, hosts: [wire.host], login: { ...course.login, port: wire.port, knownHostsFile } }, wire };
}

/** Every directory has a mode that it should not have. */
export async function disturb(directories: readonly string[]): Promise<void> {
  for (const directory of directories) await chmod(directory, 0o700);
}
