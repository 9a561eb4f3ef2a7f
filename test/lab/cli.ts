import { spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { cacheRoot, locked, prune } from "./cache.ts";
import { currentNames, ensureReady } from "./image/ready.ts";
import { serviceAddress } from "./image/recipe.ts";
import { connectPair } from "./lab.ts";
import { forward, launch } from "./launch.ts";
import { eventually, startTime } from "./process.ts";
import type { Booted } from "./boot.ts";
import { clearState, findProcesses, readState, socketDir, stateDir, writeState, type Standing } from "./standing.ts";

const usage = `npm run lab -- COMMAND

  up [--pair]         start the machine deb1 (and deb2, on one LAN with it, with a shared disk)
  status              show which machines are up, and how to reach them
  ssh HOST [COMMAND]  log in as root, or run one command
  down                stop the machines; what was written to their disks is forgotten
  rebuild             make the image anew
  prune               remove cached images that are no longer used
`;

const firstSshPort = 2201;

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  up: (args) => alone(() => up(args.includes("--pair"))),
  down: () => alone(down),
  status,
  ssh,
  rebuild: async () => {
    if ((await findProcesses()).size > 0) throw new Error("machines are up, and use the image: npm run lab -- down");
    await prune(say);
    await ensureReady(say);
    return 0;
  },
  prune: async () => {
    await prune(say, await currentNames());
    return 0;
  },
};

await main(process.argv.slice(2));

async function main([name = "help", ...args]: readonly string[]): Promise<void> {
  const command = commands[name];
  if (command === undefined) {
    process.stdout.write(usage);
    process.exitCode = name === "help" || name === "--help" ? 0 : 5;
    return;
  }
  try {
    process.exitCode = await command(args);
  } catch (error) {
    process.stderr.write(`lab ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function up(pair: boolean): Promise<number> {
  const names = pair ? ["deb1", "deb2"] : ["deb1"];
  if (await alreadyUp(names)) return 0;
  for (const [index, name] of names.entries()) await mustBeFree(firstSshPort + index, name);
  const ready = await ensureReady(say);
  await rm(socketDir, { recursive: true, force: true });
  await mkdir(socketDir, { recursive: true, mode: 0o700 });
  const booted: Booted[] = [];
  try {
    for (const name of names) {
      say(`starting ${name} …`);
      booted.push(await launch(ready, { name, id: name, dir: socketDir, lifetime: "standing" }));
    }
    const [first, second] = booted;
    if (first && second) await connectPair(first, second, socketDir, ready.sharedDisk);
    const machines = await Promise.all(booted.map((one, index) => openPorts(one.monitor, names[index]!, index)));
    await writeState(machines, ready.tree);
  } catch (error) {
    booted.forEach(({ process }) => process.kill("SIGKILL"));
    throw error;
  } finally {
    booted.forEach(({ monitor, agent }) => [monitor, agent].forEach((one) => one.close()));
  }
  await explain();
  return 0;
}

/** True when nothing is left to do. What is up but not whole (an `up` was interrupted) is stopped first. */
async function alreadyUp(names: readonly string[]): Promise<boolean> {
  const running = await findProcesses();
  const known = (await readState()).filter(({ name }) => running.has(name)).map(({ name }) => name);
  if (known.length === 0) {
    await stopAll(running);
    return false;
  }
  const missing = names.filter((name) => !known.includes(name));
  if (missing.length > 0) throw new Error(`${known.join(" and ")} is up without ${missing.join(" and ")}; first: npm run lab -- down`);
  say(`${known.join(" and ")} already up, nothing to do`);
  await explain();
  return true;
}

async function mustBeFree(port: number, name: string): Promise<void> {
  if (await isFree(port)) return;
  throw new Error(`port ${port} of 127.0.0.1 is taken by another program, and ${name} wants it for ssh (see: ss -ltnp 'sport = :${port}')`);
}

async function openPorts(monitor: Booted["monitor"], name: string, index: number): Promise<Standing> {
  const sshPort = await forward(monitor, { port: firstSshPort + index, to: ":22" });
  const service = `${serviceAddress}:5000`;
  const wanted = 5000 + index;
  const port = await forward(monitor, { port: (await isFree(wanted)) ? wanted : 0, to: service });
  if (port !== wanted) say(`port ${wanted} of 127.0.0.1 is taken; ${service} of ${name} is at 127.0.0.1:${port} instead`);
  return { name, sshPort, forwards: { [service]: port } };
}

async function down(): Promise<number> {
  const running = await findProcesses();
  if (running.size === 0) say("no machine is up");
  await stopAll(running);
  await clearState();
  return 0;
}

async function stopAll(running: ReadonlyMap<string, number>): Promise<void> {
  for (const [name, pid] of running) {
    process.kill(pid, "SIGKILL");
    await eventually(`${name} (pid ${pid}) to end`, 20_000, () => Promise.resolve(startTime(pid) === undefined ? true : undefined));
    say(`${name} stopped (pid ${pid})`);
  }
}

async function status(): Promise<number> {
  if ((await findProcesses()).size === 0) say("no machine is up; to start one: npm run lab -- up");
  else await explain();
  say(`images: ${cacheRoot()} (${(await currentNames()).join(", ")})`);
  return 0;
}

async function ssh([name, ...command]: readonly string[]): Promise<number> {
  if (name === undefined) throw new Error("which host? npm run lab -- ssh deb1");
  const running = await findProcesses();
  if (!running.has(name)) throw new Error(`${name} is not up; ${[...running.keys()].join(", ") || "nothing"} is. To start it: npm run lab -- up`);
  const child = spawn("ssh", ["-F", join(stateDir, "ssh_config"), name, ...command], { stdio: "inherit" });
  return new Promise((resolve, reject) => child.once("error", reject).once("close", (code) => resolve(code ?? 1)));
}

async function explain(): Promise<void> {
  const running = await findProcesses();
  for (const { name, sshPort, forwards } of await readState()) {
    if (!running.has(name)) continue;
    say(`${name}: up (pid ${running.get(name)}), ssh at 127.0.0.1:${sshPort}`);
    for (const [to, port] of Object.entries(forwards)) say(`      ${to} is at 127.0.0.1:${port}`);
  }
  say(`
  npm run lab -- ssh deb1                        look around
  npx run playbooks/registry.yml -i inventory    make it the registry
  npm run lab -- down                            stop, and forget what was done`);
}

async function alone(work: () => Promise<number>): Promise<number> {
  await mkdir(stateDir, { recursive: true });
  return locked(join(stateDir, ".lock"), say, work);
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
