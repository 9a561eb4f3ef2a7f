/**
 * `npm run demo`: the main job, on a machine of the lab. Sets up what it needs, makes a bare Debian the private Docker
 * registry of playbooks/registry.yml, pushes an image to it and pulls it back, and shows that a second run changes nothing.
 */
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { setUp } from "./setup.mjs";

const project = resolve(import.meta.dirname, "..");
const started = Date.now();

try {
  await setUp({ lab: true, build: true });
  await demo();
} catch (error) {
  if (!(error instanceof Stopped)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = error.exitCode;
}

async function demo() {
  say("A bare Debian machine: no service address, no active volume group, nothing mounted, no dockerd.");
  await lab("down", { quiet: true });
  await lab("up", { quiet: true });

  say("The playbook makes it a private Docker registry.");
  await bowline("run", "playbooks/registry.yml", "-i", "inventory");

  say("What is there now:");
  await bowline("status", "playbooks/registry.yml", "-i", "inventory");

  say("Does it serve? A second docker, with a daemon and a store of its own, pushes an image and pulls it back.");
  await bowline("run", "playbooks/push-and-pull.yml", "-i", "inventory");

  say("The same playbook again: it looks, and finds nothing to change.");
  await bowline("run", "playbooks/registry.yml", "-i", "inventory");
  await mustHaveChangedNothing();

  process.stdout.write(`
${bold(`Done in ${Math.round((Date.now() - started) / 1000)} s.`)} The machine is still up, and the registry is on it:

  curl http://127.0.0.1:5000/v2/_catalog                          ask it, from here
  npm run lab -- ssh deb1                                         look around, as root
  npm run lab -- ssh deb1 registry.example.com docker ps          its own docker
  npx run playbooks/registry.yml -i inventory --check --diff      what would change
  npx bowline down playbooks/registry.yml -i inventory            take it down, in the reverse order
  npm run lab -- down                                             stop the machine
`);
}

/** The last run on record, judged by its own events. */
async function mustHaveChangedNothing() {
  const { code, output } = await capture(process.execPath, [join(project, "dist/main.js"), "runs", "show", "last", "--output", "json"]);
  const events = output.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const changed = events.filter((event) => event.type === "host:end" && event.result.status === "changed");
  if (code === 0 && events.at(-1)?.type === "run:end" && changed.length === 0) return;
  throw new Stopped(`the second run changed something: ${changed.map((event) => event.task).join(", ")}`, 1);
}

/** Shows the command as one would type it, and runs it. */
async function bowline(...args) {
  const typed = args[0] === "run" ? ["npx", ...args] : ["npx", "bowline", ...args];
  process.stdout.write(`${bold(`$ ${typed.join(" ")}`)}\n`);
  await must(process.execPath, [join(project, "dist/main.js"), ...args], "inherit");
}

async function lab(command, { quiet }) {
  const cli = [join(project, "node_modules/tsx/dist/cli.mjs"), join(project, "test/lab/cli.ts"), command];
  await must(process.execPath, cli, quiet ? "progress" : "inherit");
}

/** With "progress" only the lines that end in … or tell that something is up are of interest. */
async function must(command, args, output) {
  const child = spawn(command, args, { cwd: project, stdio: ["inherit", output === "progress" ? "pipe" : "inherit", "inherit"] });
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    for (const line of text.split("\n")) if (/…( \d+ s)?$|: up \(/.test(line)) process.stdout.write(`${line}\n`);
  });
  const code = await ended(child);
  if (code !== 0) throw new Stopped(`the demo stops here (exit code ${code}); to stop the machine: npm run lab -- down`, typeof code === "number" ? code : 1);
}

async function capture(command, args) {
  const child = spawn(command, args, { cwd: project, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  return { code: await ended(child), output };
}

/** Ctrl-C goes to the whole process group: the child decides what it means, and we end with it. */
function ended(child) {
  const ignore = () => undefined;
  process.on("SIGINT", ignore);
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => {
      process.off("SIGINT", ignore);
      done(code ?? signal);
    });
  });
}

function say(text) {
  process.stdout.write(`\n${bold(text)}\n`);
}

function bold(text) {
  return process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[1m${text}\u001b[0m` : text;
}

class Stopped extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}
