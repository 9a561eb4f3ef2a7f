import { Command, CommanderError, Option } from "commander";
import { BowlineError } from "../core/errors.ts";
import { parseOutput, type Output } from "../reporters/open.ts";

/** What the process gives a command; main.ts makes it. */
export interface Cli {
  readonly version: string;
  readonly signal: AbortSignal;
  readonly stdout: { readonly write: (text: string) => void; readonly isTTY: boolean; readonly color: boolean };
  readonly stderr: (text: string) => void;
}

/** Runs the command line; resolves with the exit code. Throws BowlineErrors for main.ts to print. */
export async function runCli(words: readonly string[], cli: Cli): Promise<number> {
  let exitCode = 0;
  const program = build(cli, (code) => (exitCode = code));
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw new BowlineError({ code: "E_OPTIONS", message: error.message.replace(/^error: /, "").split("\n")[0]!, ...hintOf(error.message) });
  }
}

function build(cli: Cli, setCode: (code: number) => void): Command {
  const program = new Command("bowline")
    .description("Runs playbooks on remote hosts over SSH: looks first, changes only what differs, looks again to prove it.")
    .version(cli.version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeOut: cli.stdout.write, writeErr: () => undefined });
  const add = (name: string, summary: string) => program.command(name).description(summary).exitOverride();
  runOptions(add("run <playbook>", "make the hosts as the playbook says"))
    .option("-C, --check", "change nothing; say what would change")
    .option("-D, --diff", "show before and after of every change")
    .action(async (playbook: string, options: RunOptions) => setCode(await (await import("./run.ts")).run(playbook, options, options.check ? "check" : "run", cli)))
    .addHelpText("after", "\nExample:\n  bowline run playbooks/registry.yml -i inventory --check --diff");
  runOptions(add("status <playbook>", "look only: every resource up, down or warn, with the reason; exit code 3 when not all is up"))
    .action(async (playbook: string, options: RunOptions) => setCode(await (await import("./run.ts")).run(playbook, options, "status", cli)));
  runOptions(add("down <playbook>", "bring the playbook's resources down in reverse order"))
    .action(async (playbook: string, options: RunOptions) => setCode(await (await import("./run.ts")).run(playbook, options, "down", cli)));
  addOthers(program, add, cli);
  return program;
}

function addOthers(program: Command, add: (name: string, summary: string) => Command, cli: Cli): void {
  const runs = add("runs", "past runs");
  runs.command("list").description("the runs on record, oldest first").exitOverride().action(async () => (await import("./runs.ts")).list(cli));
  runs
    .command("show <run>")
    .description("replay a run: its id, the beginning of it, or last")
    .exitOverride()
    .addOption(outputOption())
    .option("-D, --diff", "show before and after of every change")
    .option("-v, --verbose", "more; repeat for still more", (_, count: number) => count + 1, 0)
    .action(async (run: string, options: RunOptions) => (await import("./runs.ts")).show(run, options, cli));
  add("doc [module]", "what a module does and takes; without a name, all modules").action(async (name: string | undefined) => (await import("./doc.ts")).doc(name, cli));
  program.action(() => {
    cli.stdout.write(program.helpInformation());
  });
}

/** The options of run, status and down as commander reads them. */
export interface RunOptions {
  readonly inventory: readonly string[];
  readonly extraVars: readonly string[];
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly limit?: string;
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly forks: number;
  readonly output: readonly Output[];
  readonly verbose: number;
  readonly listHosts?: boolean;
  readonly listTasks?: boolean;
  readonly syntaxCheck?: boolean;
  readonly askBecomePass?: boolean;
  readonly becomePasswordFile?: string;
  readonly askPass?: boolean;
}

function runOptions(command: Command): Command {
  return command
    .addOption(new Option("-i, --inventory <source>", "a file, a directory, or host1,host2; may be repeated (default: ./inventory)").argParser(collect).default([]))
    .addOption(new Option("-e, --extra-vars <vars>", "key=value, a mapping in braces, or @file; may be repeated").argParser(collect).default([]))
    .addOption(new Option("-t, --tags <tags>", "only tasks with one of these tags").argParser(collectWords).default([]))
    .addOption(new Option("--skip-tags <tags>", "no tasks with one of these tags").argParser(collectWords).default([]))
    .option("-l, --limit <pattern>", "only these hosts; @file for a list of them")
    .addOption(new Option("-f, --forks <n>", "hosts at work at the same time").argParser(positive).default(10))
    .addOption(outputOption())
    .option("-v, --verbose", "more; repeat for still more", (_, count: number) => count + 1, 0)
    .option("--list-hosts", "only list the hosts")
    .option("--list-tasks", "only list the tasks with their tags")
    .option("--syntax-check", "only check the input")
    .option("-K, --ask-become-pass", "ask for the sudo password")
    .option("--become-password-file <file>", "read the sudo password from a file")
    .option("-k, --ask-pass", "ask for the ssh password");
}

function outputOption(): Option {
  const parse = (text: string, previous: Output[]) => [...previous, parseOutput(text)];
  return new Option("-o, --output <format>", "tty, plain, json or junit, each with =FILE if you like; may be repeated").argParser(parse).default([]);
}

function collect(word: string, previous: string[]): string[] {
  return [...previous, word];
}

function collectWords(words: string, previous: string[]): string[] {
  return [...previous, ...words.split(",").map((word) => word.trim()).filter(Boolean)];
}

function positive(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new BowlineError({ code: "E_OPTIONS", message: `--forks must be a whole number above 0, not ${text}` });
}

function hintOf(message: string): { hint: string } {
  const meant = /\(Did you mean (.*)\?\)/.exec(message)?.[1];
  return { hint: meant === undefined ? "bowline --help, or bowline run --help, shows what there is" : `did you mean ${meant}?` };
}
