import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { BowlineError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { newRunId, openJournal, stateDir } from "../events/journal.ts";
import type { Mode } from "../events/event.ts";
import { prepare, runProgram, type Compiled, type Program, type RunRequest } from "../pipeline.ts";
import { openReporters } from "../reporters/open.ts";
import { askSecret } from "./ask.ts";
import type { Cli, RunOptions } from "./program.ts";

/** `run`, `run --check`, `status` and `down`: from the command line to the exit code. */
export async function run(playbook: string, options: RunOptions, mode: Mode, cli: Cli): Promise<number> {
  const request = await requestOf(playbook, options, mode);
  const compiled = await prepare(request);
  const listing = listingOf(options, compiled.program);
  if (listing) {
    cli.stdout.write(listing);
    return 0;
  }
  return execute(request, compiled, options, cli);
}

async function execute(request: RunRequest, compiled: Compiled, options: RunOptions, cli: Cli): Promise<number> {
  const reporters = await openReporters(options.output, cli.stdout, { diff: request.diff, verbosity: options.verbose, mode: request.mode });
  const run = newRunId(new Date());
  const journal = openJournal(stateDir(), run);
  try {
    const settings = {
      journal: journal.write,
      sinks: reporters.map((reporter) => reporter.report),
      run,
      bowline: cli.version,
      warnings: compiled.warnings,
      signal: cli.signal,
    };
    const { exitCode } = await runProgram(compiled.program, request, settings);
    return exitCode;
  } finally {
    await Promise.all(reporters.map((reporter) => reporter.end()));
    journal.close();
  }
}

async function requestOf(playbook: string, options: RunOptions, mode: Mode): Promise<RunRequest> {
  const becomePassword = await becomePasswordOf(options);
  const connectionPassword = options.askPass ? await askSecret("SSH password: ") : undefined;
  return {
    playbook,
    inventories: options.inventory.length > 0 ? options.inventory : defaultInventory(),
    extraVars: options.extraVars,
    tags: options.tags,
    skipTags: options.skipTags,
    mode,
    diff: options.diff ?? false,
    forks: options.forks,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    ...(becomePassword ? { becomePassword } : {}),
    ...(connectionPassword ? { connectionPassword } : {}),
  };
}

function defaultInventory(): string[] {
  if (existsSync("inventory")) return ["inventory"];
  throw new BowlineError({ code: "E_OPTIONS", message: "no inventory was named, and there is none at ./inventory", hint: "name one with -i: a file, a directory, or host1,host2" });
}

async function becomePasswordOf(options: RunOptions): Promise<Secret | undefined> {
  if (options.askBecomePass) return askSecret("sudo password: ");
  if (options.becomePasswordFile === undefined) return undefined;
  const text = await readFile(options.becomePasswordFile, "utf8").catch((error: Error) => {
    throw new BowlineError({ code: "E_OPTIONS", message: `--become-password-file: ${error.message}` });
  });
  return new Secret(text.replace(/\r?\n$/, ""));
}

function listingOf(options: RunOptions, program: Program): string | undefined {
  if (options.syntaxCheck) return `${program.playbook}: no mistakes found\n`;
  if (!options.listHosts && !options.listTasks) return undefined;
  const plays = program.plays.map((play) => {
    const hosts = options.listHosts ? [`  hosts (${play.hosts.length}):`, ...play.hosts.map((host) => `    ${host}`)] : [];
    const tasks = options.listTasks ? ["  tasks:", ...play.tasks.map((task) => `    ${task.name}${task.tags.length > 0 ? `  [${task.tags.join(", ")}]` : ""}`)] : [];
    return [`play ${play.id.slice(1)}: ${play.name}`, ...hosts, ...tasks].join("\n");
  });
  return `${plays.join("\n\n")}\n`;
}
