/**
 * Makes a fresh clone ready: npm packages, dist/, and the Debian packages that tests and the lab need. Plain Node, since
 * nothing is installed yet when it runs.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

const project = resolve(import.meta.dirname, "..");

/** Package, the command or the path that it brings, and why we need it. */
const labTools = [
  ["qemu-system-x86", "qemu-system-x86_64", "runs the lab machines"],
  ["qemu-utils", "qemu-img", "makes their disks"],
  ["mmdebstrap", "mmdebstrap", "makes the Debian that is on them"],
  ["e2fsprogs", "mke2fs", "makes their file systems"],
  ["openssh-client", "ssh", "reaches them"],
];
const testTools = [
  ["openssh-server", "sshd", "an sshd of the tests' own, on loopback only"],
  ["shellcheck", "shellcheck", "checks the script that Bowline runs on hosts"],
  ["dash", "dash", "one of the shells which that script is tested with"],
  ["busybox", "busybox", "another of these shells"],
];
const benchTools = [
  ["openssh-client", "ssh", "what Bowline is measured beside, with a script by hand"],
  ["openssh-server", "sshd", "fifty hosts, on loopback only"],
];
/** The bench says who is missing, and goes on. */
const contestants = [
  ["ansible-core", "ansible-playbook", "another that Bowline is measured beside"],
  ["ansible-mitogen", "/usr/lib/python3/dist-packages/ansible_mitogen", "the same with a faster way to the hosts"],
];

/**
 * Make ready what is asked for, and only what is missing. Ends the process with words and exit code 1 when it cannot.
 * @param {{ lab?: boolean, tests?: boolean, bench?: boolean, build?: boolean }} wanted npm packages are always wanted
 */
export async function setUp({ lab = false, tests = false, bench = false, build = false } = {}) {
  await ensureNpmPackages();
  if (build) await ensureBuilt();
  await ensureDebianPackages([...(lab ? labTools : []), ...(tests ? testTools : []), ...(bench ? benchTools : [])]);
  if (bench) await tryDebianPackages(contestants);
}

/** Run a command quietly: a line when it starts and every ten seconds, and its output, if long its two ends, when it fails. */
export async function quietly(label, command, args) {
  const { code, output } = await watched(label, command, args);
  if (code === 0) return true;
  const lines = output.trimEnd().split("\n");
  // The cause stands first with npm, last with apt-get.
  const shown = lines.length <= 40 ? lines : [...lines.slice(0, 20), "…", ...lines.slice(-20)];
  process.stderr.write(`${shown.join("\n")}\n${label}: failed (${code}): ${command} ${args.join(" ")}\n`);
  return false;
}

async function watched(label, command, args) {
  const started = Date.now();
  process.stderr.write(`${label} …\n`);
  const timer = setInterval(() => process.stderr.write(`${label} … ${Math.round((Date.now() - started) / 1000)} s\n`), 10_000);
  return run(command, args).finally(() => clearInterval(timer));
}

async function ensureNpmPackages() {
  if (npmPackagesFit()) return;
  const label = `installing npm packages (${existsSync(join(project, "node_modules")) ? "package-lock.json has changed" : "first time"})`;
  // `npm ci` and `npm install` also build dist/, through the `prepare` script.
  const command = (await npmCiTakesLock()) ? ["ci"] : ["install", "--no-save"];
  if (!(await quietly(label, "npm", [...command, "--no-audit", "--no-fund"]))) process.exit(1);
  if (npmPackagesFit()) return;
  process.stderr.write("what npm installed is not what package-lock.json says\n");
  process.exit(1);
}

/**
 * npm 11's `ci` refuses a lock that was made where the registry lacks other systems' builds of a package, though they are
 * optional. `npm install` takes it, and what it installed is then compared with the lock, package by package.
 */
async function npmCiTakesLock() {
  const { code, output } = await run("npm", ["ci", "--dry-run", "--ignore-scripts", "--no-audit", "--no-fund"]);
  return code === 0 || !/can only install packages when your package\.json and package-lock\.json/.test(output);
}

/** Whether node_modules is what package-lock.json says: npm leaves the list of what it installed there. */
function npmPackagesFit() {
  const installed = readPackages(join(project, "node_modules/.package-lock.json"));
  const locked = readPackages(join(project, "package-lock.json"));
  if (installed === undefined || locked === undefined) return false;
  const same = ([path, { version, integrity }]) => installed[path]?.version === version && installed[path]?.integrity === integrity;
  const all = Object.entries(locked).every((entry) => entry[0] === "" || same(entry) || (entry[1].optional && !installed[entry[0]]));
  return all && Object.keys(installed).every((path) => locked[path] !== undefined);
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : undefined;
}

async function ensureBuilt() {
  const built = join(project, "dist/main.js");
  const sources = ["src", "package.json", "build.mjs"].map((name) => newest(join(project, name)));
  if (existsSync(built) && statSync(built).mtimeMs >= Math.max(...sources)) return;
  if (!(await quietly("building dist/", "npm", ["run", "build"]))) process.exit(1);
}

function newest(path) {
  const own = statSync(path);
  return own.isDirectory() ? Math.max(own.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name)))) : own.mtimeMs;
}

async function ensureDebianPackages(tools) {
  const missing = tools.filter(([, command]) => !commandExists(command));
  if (missing.length === 0) return;
  const packages = missing.map(([name]) => name);
  for (const [name, , why] of missing) process.stderr.write(`missing: ${name}: ${why}\n`);
  const root = await becomeRoot();
  const command = `apt-get install --no-install-recommends ${packages.join(" ")}`;
  if (root === undefined || !commandExists("apt-get")) {
    const hint = commandExists("apt-get") ? `as root:\n\n    ${command}\n` : "install what brings these commands: " + missing.map(([, name]) => name).join(" ");
    process.stderr.write(`\nPlease ${hint}\n`);
    process.exit(1);
  }
  const hadSshd = commandExists("sshd");
  if (!(await install(root, packages))) process.exit(1);
  if (!hadSshd && commandExists("sshd")) await keepSshdOff(root);
}

/** Each by itself, since a Debian may have one and not the other. Never ends the process. */
async function tryDebianPackages(tools) {
  const root = await becomeRoot();
  for (const [name, command, why] of tools.filter(([, command]) => !commandExists(command))) {
    process.stderr.write(`missing: ${name}: ${why}\n`);
    const installed = root !== undefined && commandExists("apt-get") && (await install(root, [name]));
    if (!installed) process.stderr.write(`going on without ${command}; as root: apt-get install --no-install-recommends ${name}\n`);
  }
}

async function install(root, packages) {
  const apt = (label, ...args) => {
    const [command, ...words] = [...root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args];
    return quietly(label, command, words);
  };
  const update = () => apt("apt-get update", "update", "-q");
  const add = () => apt(`installing Debian packages: ${packages.join(" ")}`, "install", "-y", "-q", "--no-install-recommends", ...packages);
  const listed = (await run("apt-cache", ["show", "--no-all-versions", ...packages])).code === 0;
  if (!listed && !(await update())) return false;
  // Lists may be there and yet be too old: then the files that they name are gone.
  return withoutStartingServices(root, async () => (await add()) || (listed && (await update()) && (await add())));
}

/** Debian starts a server when it is installed, unless policy-rc.d forbids it. We need the program sshd, not a server. */
async function withoutStartingServices(root, work) {
  const policy = "/usr/sbin/policy-rc.d";
  if (existsSync(policy)) return work();
  await asRoot(root, "sh", "-c", `printf '#!/bin/sh\\nexit 101\\n' >${policy} && chmod 755 ${policy}`);
  try {
    return await work();
  } finally {
    await asRoot(root, "rm", "-f", policy);
  }
}

async function keepSshdOff(root) {
  if (existsSync("/run/systemd/system")) await asRoot(root, "systemctl", "disable", "--now", "ssh.service", "ssh.socket");
}

/** The words before a command that make it root's: none for root, sudo's if it asks nothing. */
async function becomeRoot() {
  if (process.getuid() === 0) return [];
  return commandExists("sudo") && (await run("sudo", ["-n", "true"])).code === 0 ? ["sudo", "-n"] : undefined;
}

async function asRoot(root, ...words) {
  const [command, ...args] = [...root, ...words];
  return run(command, args);
}

async function run(command, args) {
  const output = [];
  const code = await new Promise((done) => {
    const child = spawn(command, args, { cwd: project, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(chunk));
    child.once("error", (error) => done(error.message));
    child.once("close", (status, signal) => done(status ?? signal));
  });
  return { code, output: Buffer.concat(output).toString() };
}

/** A command, also where Debian keeps those of root, which are not on everybody's PATH; or a path. */
function commandExists(name) {
  if (name.startsWith("/")) return existsSync(name);
  const path = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin", "/usr/bin", "/bin"];
  return path.some((dir) => existsSync(join(dir, name)));
}
