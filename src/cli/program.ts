import { Argument, Command, CommanderError, Option } from "commander";
import { BowlineError } from "../core/errors.ts";
import type { Cli } from "./cli.ts";
import type { Shell } from "./completion.ts";
import type { InventoryOptions } from "./inventory.ts";
import { keyOptions } from "./key-options.ts";
import type { LintOptions } from "./lint.ts";
import type { SchemaName } from "../lint/schema.ts";
import { convergeOptions, diffOption, execOptions, extraVarsOption, inventoryOption, limitOption, lintOptions, lookAheadOption, outputOption, runOptions, verboseOption, type ExecOptions, type RunOptions } from "./options.ts";
import { addSecrets } from "./secrets-program.ts";

/** Runs the command line; resolves with the exit code. Throws BowlineErrors for main.ts to print. */
export async function runCli(words: readonly string[], cli: Cli): Promise<number> {
  let exitCode = 0;
  const errors: string[] = [];
  const program = commandLine(cli, errors, (code) => (exitCode = code));
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    if (error.code !== "commander.help") throw optionsError(error, commandOf(program, words));
    // A group of commands was named, and none of it: its help is the answer, and yet the words were not enough.
    cli.terminal.stderr(errors.join(""));
    return 5;
  }
}

type Add = (name: string, summary: string) => Command;

/** Every command with its options; what is wrong with the words goes to `errors`. */
export function commandLine(cli: Cli, errors: string[], setCode: (code: number) => void): Command {
  const program = new Command("bowline")
    .description("Runs playbooks on remote hosts over SSH: looks first, changes only what differs, looks again to prove it.")
    .version(cli.version)
    .exitOverride()
    .showSuggestionAfterError()
    .helpCommand(false)
    .configureOutput({ writeOut: cli.terminal.write, writeErr: (text) => void errors.push(text) })
    .addHelpText("after", examples("run playbooks/registry.yml -i inventory --check --diff", "status playbooks/registry.yml -i inventory", "doc container"));
  const add: Add = (name, summary) => program.command(name).description(summary);
  addRuns(add, cli, setCode);
  addExec(add, cli, setCode);
  addRecords(add, cli);
  addWriting(add, cli, setCode);
  program.command("complete [words...]", { hidden: true }).action(async (words: string[]) => (await import("./completion.ts")).complete(words, program, cli));
  add("doc [module]", "what a module does and takes; without a name, all modules")
    .option("--functions", "functions of templates and expressions instead: all, or the one that is named")
    .addOption(new Option("-l, --list", "the modules, as without a name").conflicts(["functions", "json", "snippet"]))
    .addOption(new Option("-j, --json", "as data: what it says of itself, and a JSON Schema of its arguments").conflicts(["functions", "snippet"]))
    .addOption(new Option("-s, --snippet", "a task to begin with, with every argument").conflicts(["functions"]))
    .action(async (name: string | undefined, { functions, json, snippet }: { functions?: true; json?: true; snippet?: true }) => {
      const { doc, docData, docFunctions, docSnippet } = await import("./doc.ts");
      (functions ? docFunctions : json ? docData : snippet ? docSnippet : doc)(name, cli);
    })
    .addHelpText("after", examples("doc copy", "doc --snippet copy", "doc --functions regex_replace"));
  addSecrets(add("secrets", "files and values that only some may read"), cli, examples);
  addInventory(add, cli);
  return program;
}

function addRuns(add: Add, cli: Cli, setCode: (code: number) => void): void {
  const go = async (playbook: string, options: RunOptions, mode: "run" | "check" | "status" | "down") =>
    setCode(await (await import("./run.ts")).run({ playbook, options, mode }, cli));
  runOptions(add("run <playbook>", "make the hosts as the playbook says"), convergeOptions)
    .action((playbook: string, options: RunOptions) => go(playbook, options, options.check ? "check" : "run"))
    .addHelpText(
      "after",
      `\nThe same is installed under the name "run".\n${exitCodeHelp}${examples("run playbooks/registry.yml -i inventory", "run site.yml -l web -t config -CD", "run site.yml --start-at-task 'open the*' --step", "run site.yml --output plain --output junit=report.xml")}`,
    );
  runOptions(add("status <playbook>", "look only: every resource up, down or warn, with the reason"), (command) => command.addOption(lookAheadOption()))
    .action((playbook: string, options: RunOptions) => go(playbook, options, "status"))
    .addHelpText("after", `\nExit code 3: every host was seen, and not everything is up.\n${examples("status playbooks/registry.yml", "status playbooks/registry.yml --output json")}`);
  runOptions(add("down <playbook>", "bring the playbook's resources down, the last one first"), (command) => command.addOption(diffOption()))
    .action((playbook: string, options: RunOptions) => go(playbook, options, "down"))
    .addHelpText("after", `\nWhat cannot be brought down is left alone and named.\n${examples("down playbooks/registry.yml -i inventory")}`);
}

function addExec(add: Add, cli: Cli, setCode: (code: number) => void): void {
  execOptions(add("exec <pattern> [words...]", "one command, or one module, on the hosts of a pattern"))
    .usage("[options] <pattern> -- <command...>\n       bowline exec [options] <pattern> -m <module> [key=value...]")
    .action(async (pattern: string, words: string[], options: ExecOptions) => setCode(await (await import("./exec.ts")).exec({ pattern, words, options }, cli)))
    .addHelpText(
      "after",
      `\nWords without $, *, | and the like are a program and its arguments; with them, a line for the host's shell.\n${exitCodeHelp}${examples("exec web -- uptime", "exec all -b -- 'journalctl -u docker | tail -3'", "exec 'web:!web1' -m copy src=motd dest=/etc/motd mode=0644 -CD")}`,
    );
}

function addInventory(add: Add, cli: Cli): void {
  keyOptions(add("inventory", "what the inventory says: groups, hosts and variables"))
    .addOption(inventoryOption())
    .addOption(extraVarsOption())
    .addOption(limitOption())
    .option("--playbook <file>", "with the group_vars and host_vars beside this playbook, not those beside the working directory")
    .addOption(new Option("--list", "every group, host and variable, as JSON (the form of ansible-inventory)").conflicts(["graph", "host", "listHosts"]))
    .addOption(new Option("-y, --yaml", "with --list or --host: as YAML").conflicts(["graph", "explain", "listHosts"]))
    .addOption(new Option("--graph [group]", "the groups and their hosts, as a tree").conflicts(["host", "listHosts"]))
    .addOption(new Option("--vars", "with --graph: with the variables").conflicts(["list", "host", "listHosts"]))
    .addOption(new Option("--host <name>", "the variables of one host, as JSON").conflicts(["listHosts"]))
    .option("--explain <variable>", "with --host: every definition of a variable, the weakest first, and which one wins")
    .option("--list-hosts <pattern>", "the hosts of a pattern")
    .action(async (options: InventoryOptions) => (await import("./inventory.ts")).inventory(options, cli))
    .addHelpText("after", examples("inventory --graph --vars", "inventory --explain http_port --host web1 --playbook site.yml", "inventory --list-hosts 'web:!web1'"));
}

function addRecords(add: Add, cli: Cli): void {
  const runs = add("runs", "past runs");
  runs.command("list").description("the runs on record, oldest first").action(async () => (await import("./runs.ts")).list(cli));
  runs
    .command("show <run>")
    .description("replay a run: its id, the beginning of it, or last")
    .addOption(outputOption())
    .addOption(diffOption())
    .addOption(verboseOption())
    .action(async (run: string, options: RunOptions) => (await import("./runs.ts")).show(run, options, cli))
    .addHelpText("after", examples("runs show last --diff", "runs show 20261123 --output junit=report.xml"));
}

/** What helps while a playbook is written. */
function addWriting(add: Add, cli: Cli, setCode: (code: number) => void): void {
  keyOptions(lintOptions(add("lint [path...]", "what is wrong, risky or hard to read in playbooks, roles, variables and inventories; without a path, in the whole project")))
    .action(async (paths: string[], options: LintOptions) => setCode(await (await import("./lint.ts")).lint(paths, options, cli)))
    .addHelpText("after", `\n.bowline-lint in the root of the project has the settings profile, skip, warn and exclude; "# noqa: RULE" ends a line that may be so.\nExit codes: 0 no errors, 2 errors, 4 unreadable, 5 bad options.\n${examples("lint", "lint playbooks/registry.yml --fix", "lint --format sarif > lint.sarif")}`);
  add("schema", "a JSON Schema, for editors that complete and check YAML")
    .addArgument(new Argument("<what>", "what the file is").choices(["playbook", "tasks", "inventory", "vars"]))
    .action(async (name: SchemaName) => (await import("./schema.ts")).schema(name, cli))
    .addHelpText("after", examples("schema playbook > .schemas/playbook.json"));
  add("completion", "a script that completes the words of a command line")
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .action(async (shell: Shell) => (await import("./completion.ts")).completion(shell, cli))
    .addHelpText("after", "\nIn ~/.bashrc: source <(bowline completion bash)\n");
}

const exitCodeHelp = "Exit codes: 0 ok, 1 error, 2 a host failed, 4 a host unreachable or the input unreadable, 5 bad options, 99 interrupted, 250 a bug.\n";

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  bowline ${line}`).join("\n")}\n`;
}

/** The command that the words name, as far as they do: its usage helps with a mistake in the rest. */
function commandOf(program: Command, words: readonly string[]): Command {
  const found = program.commands.find((command) => command.name() === words[0]);
  return found ? commandOf(found, words.slice(1)) : program;
}

function optionsError(error: CommanderError, command: Command): BowlineError {
  const [message = "", ...more] = error.message.replace(/^error: /, "").split("\n");
  const meant = /\(Did you mean (.*)\?\)/.exec(more.join("\n"))?.[1];
  const path = [command.parent?.parent?.name(), command.parent?.name(), command.name()].filter((name) => name !== undefined).join(" ");
  const hint = meant === undefined ? `${path} --help shows what there is` : `did you mean ${meant}?`;
  return new BowlineError({ code: "E_OPTIONS", message, expected: `${path} ${command.usage()}`, hint });
}
