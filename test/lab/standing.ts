import { existsSync } from "node:fs";
import { chmod, copyFile, link, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { hash } from "./cache.ts";
import { base } from "./run-dir.ts";
import { qemu } from "./qemu.ts";
import { knownHostsLine } from "./ssh.ts";
import type { Tree } from "./image/tree.ts";

/** The project's machines that `lab up` started: they stay when the command has ended. */
export interface Standing {
  readonly name: string;
  readonly sshPort: number;
  /** Guest address and port to the controller's port. */
  readonly forwards: Readonly<Record<string, number>>;
}

const project = resolve(import.meta.dirname, "../..");

export const stateDir = join(project, ".lab");

/** For the sockets: one place for each project, short enough for a socket's path. */
export const socketDir = join(base(), `bowline-lab-up-${hash([project, process.getuid?.()])}`);

/** Name to pid of every QEMU that is ours: it has our socket directory in its arguments, which no other process has. */
export async function findProcesses(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const argv = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    const name = argv[argv.indexOf("-name") + 1];
    if (!argv[0]?.endsWith(qemu) || name === undefined) continue;
    if (argv.some((arg) => arg.includes(`path=${socketDir}/`))) found.set(name.replace(/^bowline-lab-/, ""), Number(pid));
  }
  return found;
}

/** What `lab up` wrote down about its machines, when it had them whole. */
export async function readState(): Promise<readonly Standing[]> {
  const file = join(stateDir, "machines.json");
  if (!existsSync(file)) return [];
  return JSON.parse(await readFile(file, "utf8")) as Standing[];
}

/** Write all that a person or Bowline needs to reach the machines: key, known_hosts, ssh_config, docker archives. */
export async function writeState(machines: readonly Standing[], tree: Tree): Promise<void> {
  const at = (name: string) => join(stateDir, name);
  await rm(at("id_ed25519"), { force: true });
  await copyFile(tree.identityFile, at("id_ed25519"));
  await chmod(at("id_ed25519"), 0o600);
  await writeFile(at("known_hosts"), machines.map(({ sshPort }) => knownHostsLine("127.0.0.1", sshPort, tree.hostKey)).join(""));
  await writeFile(at("ssh_config"), machines.map(sshConfig).join("\n"));
  await mkdir(at("images"), { recursive: true });
  for (const [name, archive] of Object.entries(tree.images)) await linkOrCopy(archive, at(`images/${name}.tar`));
  await writeFile(at("machines.json"), `${JSON.stringify(machines, null, 2)}\n`);
}

/** Forget the machines; the docker archives stay, for they are only links. */
export async function clearState(): Promise<void> {
  for (const name of ["machines.json", "known_hosts", "ssh_config"]) await rm(join(stateDir, name), { force: true });
  await rm(socketDir, { recursive: true, force: true });
}

function sshConfig({ name, sshPort }: Standing): string {
  return `Host ${name}
    HostName 127.0.0.1
    Port ${sshPort}
    User root
    IdentityFile "${join(stateDir, "id_ed25519")}"
    IdentitiesOnly yes
    UserKnownHostsFile "${join(stateDir, "known_hosts")}"
    StrictHostKeyChecking yes
    LogLevel ERROR
`;
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  await link(from, to).catch(() => copyFile(from, to));
}
