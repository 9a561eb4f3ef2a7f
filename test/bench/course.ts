import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startProxy, type Proxy } from "../lab/proxy.ts";
import { knownHostsLine, type SshTarget } from "../lab/ssh.ts";
import type { Sshd } from "../lab/sshd.ts";

/** What every contestant has to do: see that these directories are on these hosts with this owner and this mode. */
export interface Course {
  readonly title: string;
  readonly hosts: readonly string[];
  readonly login: Omit<SshTarget, "host">;
  readonly directories: readonly string[];
  readonly owner: string;
  readonly group: string;
  readonly mode: string;
  /** Where a contestant keeps its files. */
  readonly dir: string;
  /** Hosts at work at the same time. */
  readonly forks: number;
}

export interface CourseOptions {
  readonly title: string;
  readonly hosts: number;
  readonly tasks: number;
  readonly forks: number;
}

/** A course over the addresses of sshd; its directories are there as they should be. */
export async function makeCourse(sshd: Sshd, owner: { user: string; group: string }, options: CourseOptions): Promise<Course> {
  const { title, forks } = options;
  const dir = join(sshd.dir, `course-${options.hosts}x${options.tasks}-${title.replaceAll(/\W+/g, "-")}`);
  const directories = Array.from({ length: options.tasks }, (_, index) => join(dir, "tree", `part-${index + 1}`));
  const mode = "0750";
  for (const directory of directories) await mkdir(directory, { recursive: true, mode: Number.parseInt(mode, 8) });
  const { port, user, identityFile, knownHostsFile } = sshd;
  const login = { port, user, identityFile, knownHostsFile };
  return { title, hosts: sshd.hosts.slice(0, options.hosts), login, directories, owner: owner.user, group: owner.group, mode, dir, forks };
}

/** The same course at the end of a slow wire: loopback has no distance, and so hides what a round trip costs. */
export async function behindWire(course: Course, sshd: Sshd, delayMs: number): Promise<{ course: Course; wire: Proxy }> {
  const wire = await startProxy({ target: { host: sshd.hosts[0]!, port: sshd.port }, delayMs });
  const keys = await Promise.all(["ed25519", "ecdsa", "rsa"].map((type) => readFile(join(sshd.dir, `host_${type}.pub`), "utf8")));
  const knownHostsFile = join(course.dir, "known_hosts");
  await writeFile(knownHostsFile, keys.map((key) => knownHostsLine(wire.host, wire.port, key.trim())).join(""));
  return { course: { ...course, hosts: [wire.host], login: { ...course.login, port: wire.port, knownHostsFile } }, wire };
}
