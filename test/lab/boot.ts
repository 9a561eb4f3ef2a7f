import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { openSync, closeSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Agent } from "./agent.ts";
import { eventually, spawnTied, tail } from "./process.ts";
import { arguments_, qemu, type Hardware } from "./qemu.ts";
import { Monitor } from "./qmp.ts";

/** A QEMU that runs. */
export interface Booted {
  readonly pid: number;
  readonly process: ChildProcess;
  readonly monitor: Monitor;
  readonly agent: Agent;
}

/** Whether the machine dies with this process, or stays until it is stopped by its pid. */
export type Lifetime = "tied" | "standing";

/** Start a machine with its kernel: ready when its agent answers. */
export async function coldBoot(hardware: Hardware, lifetime: Lifetime): Promise<Booted> {
  const booted = await start(hardware, lifetime, ["-S"]);
  await booted.monitor.execute("cont");
  await within(180_000, `${hardware.name} did not boot`, hardware, booted, booted.agent.booted);
  return booted;
}

/** Start a machine from the snapshot `state`, the memory of which is `hardware.memoryFile`: it goes on where the snapshot was taken. */
export async function restore(hardware: Hardware, lifetime: Lifetime, state: string): Promise<Booted> {
  const booted = await start(hardware, lifetime, ["-incoming", "defer"]);
  await ignoreSharedMemory(booted.monitor);
  await booted.monitor.execute("migrate-incoming", { uri: `exec:cat '${state}'` });
  await within(60_000, `${hardware.name} did not come back from the snapshot`, hardware, booted, arrived(booted.monitor));
  await booted.monitor.execute("cont");
  return booted;
}

/** Freeze a machine into the file `state` and end it. Its memory is in its memory file already. */
export async function freeze({ monitor, process }: Booted, state: string): Promise<void> {
  await monitor.execute("stop");
  await ignoreSharedMemory(monitor);
  await monitor.execute("migrate", { uri: `exec:cat >'${state}'` });
  await eventually("snapshot", 60_000, async () => {
    const { status, "error-desc": why } = (await monitor.execute("query-migrate")) as { status?: string; "error-desc"?: string };
    if (status === "failed") throw new Error(`snapshot: ${why}`);
    return status === "completed" ? true : undefined;
  });
  const gone = new Promise((resolve) => process.once("exit", resolve));
  await monitor.execute("quit");
  await gone;
}

async function arrived(monitor: Monitor): Promise<void> {
  await eventually("snapshot", 60_000, async () => {
    const { status } = (await monitor.execute("query-status")) as { status: string };
    return status === "inmigrate" ? undefined : true;
  });
}

/** Memory that is a file stays out of the snapshot's stream: restoring is then mapping the file, copy on write. */
async function ignoreSharedMemory(monitor: Monitor): Promise<void> {
  await monitor.execute("migrate-set-capabilities", { capabilities: [{ capability: "x-ignore-shared", state: true }] });
}

async function start(hardware: Hardware, lifetime: Lifetime, more: readonly string[]): Promise<Booted> {
  const at = (kind: string) => join(hardware.dir, `${hardware.name}.${kind}`);
  const log = openSync(at("log"), "w");
  const args = [...arguments_(hardware), ...more];
  const process =
    lifetime === "tied"
      ? spawnTied(qemu, args, { stdio: ["ignore", log, log] })
      : spawn(qemu, args, { stdio: ["ignore", log, log], detached: true });
  closeSync(log);
  if (lifetime === "standing") process.unref();
  const open = <T>(probe: () => Promise<T | undefined>) =>
    eventually(`${hardware.name}: qemu`, 30_000, async () => {
      if (process.exitCode !== null) throw new Error(`${hardware.name}: qemu did not start\n${tail(readFileSync(at("log"), "utf8"))}`);
      return probe();
    });
  try {
    const monitor = await open(() => Monitor.open(at("qmp")));
    const agent = await open(() => Agent.open(at("agent")));
    return { pid: process.pid!, process, monitor, agent };
  } catch (error) {
    process.kill("SIGKILL");
    throw error;
  }
}

async function within<T>(timeoutMs: number, complaint: string, hardware: Hardware, booted: Booted, wait: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const give = (why: string) => {
      const words = ["log", "console"].map((kind) => tail(readFileSync(join(hardware.dir, `${hardware.name}.${kind}`), "utf8"))).join("\n");
      reject(new Error(`${complaint} ${why}\n${words}`));
    };
    timer = setTimeout(() => give(`within ${timeoutMs / 1000} s`), timeoutMs);
    booted.process.once("exit", () => give("(qemu ended)"));
  });
  try {
    return await Promise.race([wait, late]);
  } catch (error) {
    booted.process.kill("SIGKILL");
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
