import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { descendants, eventually, must, spawnTied, tail } from "./process.ts";
import { makeRunDir } from "./run-dir.ts";
import { knownHostsLine } from "./ssh.ts";

/** Many hosts without machines: sshd of this machine, which answers on many loopback addresses, as the current user. */
export interface Sshd {
  /** 127.0.0.11, 127.0.0.12, …; behind 127.0.0.250 comes 127.0.1.11. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly user: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  /** The directory of keys and configuration, for tests that need more files beside them. */
  readonly dir: string;
  /** End the server and every connection that it has. */
  stop(): Promise<void>;
}

export interface SshdOptions {
  readonly hosts?: number;
  /** More lines for sshd_config, before ours: the first one wins. */
  readonly config?: readonly string[];
}

export async function startSshd({ hosts: count = 1, config = [] }: SshdOptions = {}): Promise<Sshd> {
  const hosts = Array.from({ length: count }, (_, index) => addressOf(index));
  const dir = join(await makeRunDir(), "sshd");
  await mkdir(dir, { mode: 0o700 });
  const at = (name: string) => join(dir, name);
  const keys = await Promise.all(["ed25519", "ecdsa", "rsa"].map((type) => makeKey(at(`host_${type}`), type)));
  await writeFile(at("authorized_keys"), await makeKey(at("id_ed25519"), "ed25519"));
  await chmod(at("authorized_keys"), 0o600);
  const port = await freePort();
  const lines = hosts.flatMap((host) => keys.map((key) => knownHostsLine(host, port, key.split(" ").slice(0, 2).join(" "))));
  await writeFile(at("known_hosts"), lines.join(""));
  const servers: Server[] = [];
  const stop = async () => {
    await Promise.all(servers.map(end));
    await rm(join(dir, ".."), { recursive: true, force: true });
  };
  try {
    for (const groups of groupsOf(atOnce, groupsOf(16, hosts))) {
      const started = groups.map(async (group) => {
        const file = at(`sshd_config.${group[0]}`);
        await writeFile(file, [...config, ...serverConfig(dir, group, port)].join("\n"));
        servers.push(await serve(file, group[0]!, port));
      });
      await everyOne(started);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { hosts, port, user: userInfo().username, identityFile: at("id_ed25519"), knownHostsFile: at("known_hosts"), dir, stop };
}

/** 127.0.0.11 to 127.0.0.250, and from there on in 127.0.1, 127.0.2, … */
function addressOf(index: number): string {
  return `127.0.${Math.floor(index / 240)}.${11 + (index % 240)}`;
}

/** Servers that start at the same time. */
const atOnce = 8;

/** Those that started must be known, to be ended, before the one that did not is told of. */
async function everyOne(started: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(started)).find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
}

/** OpenSSH's server listens on 16 addresses at most. */
function groupsOf<T>(size: number, items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

function serverConfig(dir: string, hosts: readonly string[], port: number): string[] {
  return [
    `Port ${port}`,
    ...hosts.map((host) => `ListenAddress ${host}`),
    ...["ed25519", "ecdsa", "rsa"].map((type) => `HostKey ${join(dir, `host_${type}`)}`),
    `AuthorizedKeysFile ${join(dir, "authorized_keys")}`,
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    "UseDNS no",
    "PermitRootLogin yes",
    "PasswordAuthentication no",
    "MaxStartups 500:30:1000",
    "MaxSessions 100",
    // Debian's bash reads ~/.bashrc when sshd starts it at the first shell level: what is slow there would slow every command.
    // The lock of this machine belongs to whoever else runs here.
    `SetEnv SHLVL=2 BOWLINE_LOCK=${join(dir, "bowline.lock")}`,
    `Subsystem sftp internal-sftp\n`,
  ];
}

interface Server {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
}

async function serve(config: string, host: string, port: number): Promise<Server> {
  const binary = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].find((path) => existsSync(path));
  if (binary === undefined) throw new Error("sshd is not installed: apt-get install openssh-server");
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const log = `${config}.log`;
  const child = spawnTied(binary, ["-D", "-f", config, "-E", log], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await eventually("sshd", 20_000, async () => {
    if (child.exitCode !== null) throw new Error(`sshd did not start\n${tail(readFileSync(log, "utf8"))}`);
    return (await answers(host, port)) ? true : undefined;
  });
  return { child, ended };
}

/** The connections' own processes outlive the server that accepted them, so they are ended with it. */
async function end({ child, ended }: Server): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  for (const pid of [...descendants(child.pid!), child.pid!]) kill(pid);
  await ended;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

async function makeKey(file: string, type: string): Promise<string> {
  await must("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "bowline-test", "-f", file]);
  return readFile(`${file}.pub`, "utf8");
}

/** A port that is free on all of loopback at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("data", () => socket.destroy());
  });
}
