import { randomBytes } from "node:crypto";
import { coldBoot, restore, type Booted, type Lifetime } from "./boot.ts";
import type { Ready } from "./image/ready.ts";
import { defaultMemory, type Hardware } from "./qemu.ts";
import type { Monitor } from "./qmp.ts";

/** A port of the controller's loopback that leads to an address of the machine. */
export interface Forward {
  /** The port on 127.0.0.1; without it any free one. */
  readonly port?: number;
  /** Address and port as the machine has them, for example `10.0.2.71:5000`. */
  readonly to: string;
}

export interface LaunchOptions {
  readonly name: string;
  /** Tells machines of one directory apart. */
  readonly id: string;
  readonly dir: string;
  readonly lifetime: Lifetime;
  /** In MiB; anything but the default costs a whole boot instead of the snapshot. */
  readonly memory?: number;
}

/** Start a machine and make it itself: its own name, the time of now, its own randomness. */
export async function launch(ready: Ready, options: LaunchOptions): Promise<Booted> {
  const memory = options.memory ?? defaultMemory;
  const hardware: Hardware = {
    name: options.id,
    accelerator: ready.accelerator,
    memory,
    kernel: ready.tree.kernel,
    initrd: ready.tree.initrd,
    disks: ready.disks,
    keepDisks: false,
    dir: options.dir,
  };
  const booted =
    memory === defaultMemory
      ? await restore({ ...hardware, memoryFile: { path: ready.memory, keep: false } }, options.lifetime, ready.state)
      : await coldBoot(hardware, options.lifetime);
  await booted.agent.must(identity(options.name));
  return booted;
}

/** Lead a port of 127.0.0.1 to the machine; gives the port. Throws when the port is taken. */
export async function forward(monitor: Monitor, { port = 0, to }: Forward): Promise<number> {
  const before = port === 0 ? await forwards(monitor) : [];
  const complaint = await monitor.human(`hostfwd_add n0 tcp:127.0.0.1:${port}-${to}`);
  if (complaint.trim() !== "") throw new Error(`cannot forward 127.0.0.1:${port} to ${to}: ${complaint.trim()}`);
  if (port !== 0) return port;
  const given = (await forwards(monitor)).find((one) => !before.includes(one));
  if (given === undefined) throw new Error(`no port was given for ${to}`);
  return given;
}

/** `TCP[HOST_FORWARD]  12  127.0.0.1 40833  10.0.2.15 22  0 0` */
async function forwards(monitor: Monitor): Promise<number[]> {
  const table = await monitor.human("info usernet");
  return [...table.matchAll(/HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)/g)].map((match) => Number(match[1]));
}

/** Every machine wakes with the snapshot's clock, name and random state. 0x5207 is RNDRESEEDCRNG. */
function identity(name: string): string {
  return `set -eu
date -s @${(Date.now() / 1000).toFixed(3)}
echo ${randomBytes(32).toString("hex")} >/dev/urandom
perl -e 'open my $r, ">", "/dev/urandom"; ioctl $r, 0x5207, 0 or die $!'
echo ${randomBytes(16).toString("hex")} >/etc/machine-id
echo ${name} >/etc/hostname
hostname ${name}
sed -i 's/^127\\.0\\.1\\.1 .*/127.0.1.1 ${name}/' /etc/hosts`;
}
