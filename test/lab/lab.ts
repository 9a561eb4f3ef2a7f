import { copyFile, constants, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Booted } from "./boot.ts";
import { plugDisk, plugNetwork } from "./hotplug.ts";
import { ensureReady, type Ready } from "./image/ready.ts";
import { launch, type Forward } from "./launch.ts";
import { makeMachine, powerOff, type Machine } from "./machine.ts";
import type { Log } from "./process.ts";
import { makeRunDir } from "./run-dir.ts";

export type { Machine } from "./machine.ts";

export interface MachineOptions {
  /** In MiB, 1024 by default; any other number costs a whole boot (about 20 s without KVM). */
  readonly memory?: number;
  readonly forwards?: readonly Forward[];
}

/** Real Debian machines for as long as a test needs them. */
export interface Lab {
  /** A machine with the disks "data" (VG vgregistry, inactive) and "scratch" (empty); `deb1` if nothing else is said. */
  machine(name?: string, options?: MachineOptions): Promise<Machine>;
  /** deb1 and deb2 on one LAN (eth1: 192.168.77.11 and .12), with one disk "shared" (VG vgshared, inactive). */
  pair(): Promise<{ readonly first: Machine; readonly second: Machine }>;
  /** Docker archives on the controller: `registry:2` and `busybox:latest`. */
  readonly images: { readonly registry: string; readonly busybox: string };
  /** End every machine and remove every trace. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Open the lab: the image is built if it is not in the cache. Machines end with {@link Lab.close}, or with this process. */
export async function openLab(options: { readonly log?: Log } = {}): Promise<Lab> {
  const log = options.log ?? ((line) => process.stderr.write(`${line}\n`));
  const ready = await ensureReady(log);
  const dir = await makeRunDir();
  const started: Promise<Started>[] = [];

  const start = async (name: string, more: MachineOptions = {}) => {
    const starting = startMachine(ready, dir, `${name}.${started.length}`, name, more);
    started.push(starting);
    return starting;
  };
  const close = async () => {
    await Promise.all(started.map(stopMachine));
    await rm(dir, { recursive: true, force: true });
  };
  return {
    images: ready.tree.images,
    machine: async (name = "deb1", more = {}) => (await start(name, more)).machine,
    pair: async () => {
      const both = await Promise.all([start("deb1"), start("deb2")]);
      await connectPair(both[0].booted, both[1].booted, dir, ready.sharedDisk);
      return { first: both[0].machine, second: both[1].machine };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Started {
  readonly booted: Booted;
  readonly machine: Machine;
}

let pairs = 0;

/** Lay a cable between two machines and give both the same disk. */
export async function connectPair(first: Booted, second: Booted, dir: string, sharedDisk: string): Promise<void> {
  const tag = `${++pairs}`;
  const disk = join(dir, `shared.${tag}`);
  await copyFile(sharedDisk, disk, constants.COPYFILE_FICLONE);
  const a = join(dir, `lan.${tag}.a`);
  const b = join(dir, `lan.${tag}.b`);
  await Promise.all([
    equip(first, { mine: a, theirs: b }, 1, disk),
    equip(second, { mine: b, theirs: a }, 2, disk),
  ]);
}

async function equip(booted: Booted, cable: { mine: string; theirs: string }, number: number, disk: string): Promise<void> {
  await plugNetwork(booted, cable, `192.168.77.1${number}/24`, `52:54:00:77:00:1${number}`);
  await plugDisk(booted, "shared", disk);
}

async function startMachine(ready: Ready, dir: string, id: string, name: string, options: MachineOptions): Promise<Started> {
  const memory = options.memory === undefined ? {} : { memory: options.memory };
  const booted = await launch(ready, { name, id, dir, lifetime: "tied", ...memory });
  try {
    const machine = await makeMachine(booted, name, id, dir, { identityFile: ready.tree.identityFile, hostKey: ready.tree.hostKey });
    for (const one of options.forwards ?? []) await machine.forward(one);
    return { booted, machine };
  } catch (error) {
    await powerOff(booted);
    throw error;
  }
}

async function stopMachine(starting: Promise<Started>): Promise<void> {
  // A machine that did not start has nothing to stop; who asked for it was told.
  const started = await starting.catch(() => undefined);
  await started?.machine.powerOff();
}
