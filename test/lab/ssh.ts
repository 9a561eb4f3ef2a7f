import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { eventually, run, spawnTied, type Finished, type RunOptions } from "./process.ts";

/** All that a client needs to log in, with nothing to trust on first use. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
}

/** The line of known_hosts for a key at an address. */
export function knownHostsLine(host: string, port: number, key: string): string {
  return `${port === 22 ? host : `[${host}]:${port}`} ${key}\n`;
}

/** Options for ssh(1) and scp(1) that reach this target and look at nothing of the person who runs them. */
export function sshOptions({ port, identityFile, knownHostsFile }: SshTarget): string[] {
  const options = {
    Port: port,
    IdentityFile: identityFile,
    IdentitiesOnly: "yes",
    IdentityAgent: "none",
    UserKnownHostsFile: knownHostsFile,
    GlobalKnownHostsFile: "/dev/null",
    StrictHostKeyChecking: "yes",
    ConnectTimeout: 60,
    ServerAliveInterval: 20,
    LogLevel: "ERROR",
  };
  return ["-F", "none", ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
}

/** Runs scripts on one target over OpenSSH, with one connection for each user that is kept and shared. */
export class Shell {
  readonly #target: SshTarget;
  readonly #dir: string;
  readonly #masters = new Map<string, Promise<ChildProcess>>();

  constructor(target: SshTarget, dir: string) {
    this.#target = target;
    this.#dir = dir;
  }

  async exec(script: string, user: string, options: RunOptions = {}): Promise<Finished> {
    await this.#master(user);
    const login = [...this.#options(user), "-o", "ControlMaster=no", `${user}@${this.#target.host}`];
    return run("ssh", [...login, "--", `exec sh -c ${quote(script)}`], { timeoutMs: 120_000, ...options });
  }

  async close(): Promise<void> {
    for (const master of this.#masters.values()) (await master.catch(() => undefined))?.kill("SIGKILL");
    this.#masters.clear();
  }

  /** Without a master (it could not connect, it died) ssh connects by itself, and tells what is wrong. */
  async #master(user: string): Promise<void> {
    const known = await this.#masters.get(user)?.catch(() => undefined);
    if (known !== undefined && known.exitCode === null && known.signalCode === null) return;
    const started = this.#startMaster(user);
    this.#masters.set(user, started);
    await started.catch(() => undefined);
  }

  async #startMaster(user: string): Promise<ChildProcess> {
    const args = [...this.#options(user), "-M", "-N", "-o", "BatchMode=yes", `${user}@${this.#target.host}`];
    const child = spawnTied("ssh", args, { stdio: "ignore" });
    await eventually(`ssh ${user}`, 60_000, () => {
      if (child.exitCode !== null) throw new Error(`ssh master: exit code ${child.exitCode}`);
      return Promise.resolve(existsSync(this.#socket(user)) ? true : undefined);
    });
    return child;
  }

  #options(user: string): string[] {
    return [...sshOptions(this.#target), "-o", "BatchMode=yes", "-S", this.#socket(user)];
  }

  #socket(user: string): string {
    return join(this.#dir, `ssh-${this.#target.port}-${user}`);
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
