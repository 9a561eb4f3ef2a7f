import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { coldBoot, freeze } from "../boot.ts";
import { cached, hash } from "../cache.ts";
import { plugDisk, unplug } from "../hotplug.ts";
import { during, must, type Log } from "../process.ts";
import { accelerator, arguments_, defaultMemory, version, type Accelerator, type Hardware } from "../qemu.ts";
import { readyRecipe } from "./recipe.ts";
import { ensureTree, treeName, type Tree } from "./tree.ts";

/** A machine frozen just after its first boot, from which any number of machines go on. */
export interface Ready {
  readonly tree: Tree;
  readonly dir: string;
  readonly accelerator: Accelerator;
  /** The snapshot without its memory, and its memory. */
  readonly state: string;
  readonly memory: string;
  /** Serial to image, for the disks that every machine has. */
  readonly disks: Readonly<Record<string, string>>;
  /** The shared disk of a pair, raw. */
  readonly sharedDisk: string;
}

/** The snapshot for this machine's QEMU, from the cache or made by booting once. */
export async function ensureReady(log: Log): Promise<Ready> {
  const tree = await ensureTree(log);
  const how = await accelerator();
  const dir = await cached(await readyName(how), log, (building) =>
    during(log, "lab image: first boot, then the snapshot (half a minute or more)", build(tree, how, building)),
  );
  const at = (name: string) => join(dir, name);
  const disks = { root: at("root.qcow2"), data: at("data.qcow2"), scratch: at("scratch.qcow2") };
  return { tree, dir, accelerator: how, state: at("state"), memory: at("memory"), disks, sharedDisk: at("shared.raw") };
}

/** The cache directories that are in use now. */
export async function currentNames(): Promise<string[]> {
  return [treeName, await readyName(await accelerator())];
}

/** The hardware is part of the name: a snapshot fits no other. */
async function readyName(how: Accelerator): Promise<string> {
  const nowhere = { path: "", keep: true };
  const disks = { root: "", data: "", scratch: "" };
  const hardware = { name: "", accelerator: how, memory: defaultMemory, memoryFile: nowhere, kernel: "", initrd: "", disks, keepDisks: true, dir: "" };
  return `ready-${hash([treeName, readyRecipe, arguments_(hardware), await version()])}`;
}

async function build(tree: Tree, how: Accelerator, dir: string): Promise<void> {
  const at = (name: string) => join(dir, name);
  const { data, scratch, shared } = readyRecipe.disks;
  // A relative backing file: this directory gets its real name later.
  await must("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", `../${treeName}/root.qcow2`, at("root.qcow2")]);
  await must("qemu-img", ["create", "-q", "-f", "qcow2", at("data.qcow2"), data]);
  await must("qemu-img", ["create", "-q", "-f", "qcow2", at("scratch.qcow2"), scratch]);
  await must("qemu-img", ["create", "-q", "-f", "raw", at("shared.raw"), shared]);
  await mkdir(at("run"));
  const hardware: Hardware = {
    name: "image",
    accelerator: how,
    memory: defaultMemory,
    memoryFile: { path: at("memory"), keep: true },
    kernel: tree.kernel,
    initrd: tree.initrd,
    disks: { root: at("root.qcow2"), data: at("data.qcow2"), scratch: at("scratch.qcow2") },
    keepDisks: true,
    dir: at("run"),
  };
  const booted = await coldBoot(hardware, "tied");
  try {
    await plugDisk(booted, "shared", at("shared.raw"));
    await booted.agent.must(readyRecipe.seed);
    await unplug(booted, "shared");
    await freeze(booted, at("state"));
  } finally {
    booted.process.kill("SIGKILL");
  }
  await rename(at("run/image.console"), at("console.log"));
  await rm(at("run"), { recursive: true });
}
