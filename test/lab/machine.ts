import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Booted } from "./boot.ts";
import { forward, type Forward } from "./launch.ts";
import { eventually, type Finished, type RunOptions } from "./process.ts";
import { knownHostsLine, Shell, type SshTarget } from "./ssh.ts";

/** A running lab machine. */
export interface Machine {
  readonly name: string;
  readonly ssh: SshTarget;
  /** Run a script as root (or `user`) over plain OpenSSH. Never throws for an exit code; 255 is ssh's own failure, 124 a time-out. */
  exec(script: string, options?: RunOptions & { readonly user?: string }): Promise<Finished>;
  /** Like exec, but throws with the output when the script fails; gives what it printed. */
  must(script: string): Promise<string>;
  /** Run a script as root over the serial port: works without network and sshd. Throws with the output when it fails. */
  rescue(script: string): Promise<string>;
  copyIn(localPath: string, remotePath: string): Promise<void>;
  /** Lead another port of 127.0.0.1 to the machine; gives the port. */
  forward(options: Forward): Promise<number>;
  /** Pull the cable out of a network card, or put it back. Connections hang; nobody is told. */
  link(up: boolean, card?: "eth0" | "eth1"): Promise<void>;
  /** Stop all of the machine's processors: it is there, but says nothing. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Press the reset button, and wait until ssh answers again. The disks keep what was written. */
  reset(): Promise<void>;
  /** Pull the power cord; what was written to its disks is gone too, save for a shared disk. */
  powerOff(): Promise<void>;
}

/** Make a machine out of what was launched: open its ssh port, write its known_hosts. */
export async function makeMachine(booted: Booted, name: string, id: string, dir: string, access: { identityFile: string; hostKey: string }): Promise<Machine> {
  const { monitor } = booted;
  const port = await forward(monitor, { to: ":22" });
  const knownHostsFile = join(dir, `${id}.known_hosts`);
  await writeFile(knownHostsFile, knownHostsLine("127.0.0.1", port, access.hostKey));
  const ssh: SshTarget = { host: "127.0.0.1", port, user: "root", identityFile: access.identityFile, knownHostsFile };
  const shell = new Shell(ssh, dir);

  const exec: Machine["exec"] = (script, { user = ssh.user, ...options } = {}) => shell.exec(script, user, options);
  const must = async (script: string, options: RunOptions = {}) => {
    const { code, stdout, stderr } = await exec(script, options);
    if (code !== 0) throw new Error(`on ${name}: exit code ${code}\n${stdout}${stderr}--- of ---\n${script}`);
    return stdout;
  };
  return {
    name,
    ssh,
    exec,
    must: (script) => must(script),
    rescue: (script) => booted.agent.must(script),
    copyIn: async (from, to) => void (await must(`cat >'${to}'`, { stdin: await readFile(from) })),
    forward: (options) => forward(monitor, options),
    link: async (up, card = "eth0") => void (await monitor.execute("set_link", { name: card, up })),
    pause: async () => void (await monitor.execute("stop")),
    resume: async () => void (await monitor.execute("cont")),
    reset: async () => {
      await shell.close();
      await monitor.execute("system_reset");
      await eventually(`${name}: ssh`, 180_000, async () => ((await exec("true")).code === 0 ? true : undefined));
    },
    powerOff: async () => {
      await shell.close();
      await powerOff(booted);
    },
  };
}

/** End a QEMU at once, and wait until it is gone. */
export async function powerOff({ process, monitor, agent }: Booted): Promise<void> {
  monitor.close();
  agent.close();
  if (process.exitCode !== null || process.signalCode !== null) return;
  const gone = new Promise((resolve) => process.once("exit", resolve));
  process.kill("SIGKILL");
  await gone;
}
