import { Option, type Command } from "commander";
import { BowlineError } from "../core/errors.ts";
import { parseOutput, type Output } from "../reporters/open.ts";
import { connectionOptions, type ConnectionOptions } from "./connection-options.ts";
import { wholeNumber } from "./numbers.ts";

/** The options of every command that runs something on hosts, as commander reads them. */
export interface CommonOptions extends ConnectionOptions {
  readonly inventory: readonly string[];
  readonly extraVars: readonly string[];
  readonly limit?: string;
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly forks: number;
  readonly startRate: number;
  readonly output: readonly Output[];
  readonly verbose: number;
  readonly listHosts?: boolean;
}

/** The options of run, status and down. */
export interface RunOptions extends CommonOptions {
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
  readonly listTasks?: boolean;
  readonly listTags?: boolean;
  readonly syntaxCheck?: boolean;
  readonly forceHandlers?: boolean;
  readonly startAtTask?: string;
  readonly step?: boolean;
  readonly flushCache?: boolean;
  /** Absent where there is no such option. */
  readonly lookAhead?: boolean;
}

/** What run, status and down have in common; the letters are ansible-playbook's. `own` are the options that only one of them has. */
export function runOptions(command: Command, own: (command: Command) => Command): Command {
  own(
    command
      .optionsGroup("What runs, and where:")
      .addOption(inventoryOption())
      .addOption(limitOption())
      .addOption(extraVarsOption())
      .addOption(new Option("-t, --tags <tags>", "only tasks with one of these tags; a list with commas").argParser(collectWords).default([], "all"))
      .addOption(new Option("--skip-tags <tags>", "no tasks with one of these tags").argParser(collectWords).default([], "none"))
      .addOption(forksOption())
      .addOption(startRateOption())
      .optionsGroup("How it runs:"),
  )
    .optionsGroup("What is shown:")
    .addOption(outputOption())
    .addOption(verboseOption())
    .option("--list-hosts", "only list the hosts, in their batches")
    .option("--list-tasks", "only list the tasks with their tags")
    .option("--list-tags", "only list the tags")
    .option("--syntax-check", "only check the input");
  return connectionOptions(command);
}

/** What only `run` has. */
export function convergeOptions(command: Command): Command {
  return command
    .option("-C, --check", "change nothing; say what would change")
    .addOption(diffOption())
    .option("--start-at-task <name>", "leave out every task before this one; * and ? stand for other characters")
    .option("--step", "ask before each task")
    .option("--force-handlers", "handlers run on a host that failed after it notified them too, as they do anyway")
    .option("--no-force-handlers", "they do not, unless the play says force_handlers")
    .option("--flush-cache", "refused: facts are never kept from one run to the next")
    .addOption(lookAheadOption());
}

/** For whoever suspects that a result comes from looking ahead. */
export function lookAheadOption(): Option {
  return new Option("--no-look-ahead", "look at one thing at a time: slow, and the result is the same");
}

/** The options of exec. */
export interface ExecOptions extends CommonOptions {
  readonly moduleName?: string;
  readonly args?: string;
  readonly background?: number;
  readonly poll?: number;
}

export function execOptions(command: Command): Command {
  command
    .optionsGroup("What runs, and where:")
    .addOption(new Option("-m, --module-name <module>", "a module in place of a command"))
    .option("-a, --args <args>", "its arguments, or the command, as one word: Ansible's way")
    .addOption(inventoryOption())
    .addOption(limitOption())
    .addOption(extraVarsOption())
    .addOption(forksOption())
    .addOption(startRateOption())
    .optionsGroup("How it runs:")
    .option("-C, --check", "change nothing; say what would change")
    .addOption(diffOption())
    .addOption(new Option("-B, --background <seconds>", "stop it after so many seconds").argParser(wholeNumber("--background")))
    .addOption(new Option("-P, --poll <seconds>", "with -B: 0 leaves it at work, and -m async_status asks for it later").argParser(wholeNumber("--poll", 0)))
    .optionsGroup("What is shown:")
    .addOption(outputOption())
    .addOption(verboseOption())
    .option("--list-hosts", "only list the hosts");
  return connectionOptions(command);
}

/** The options of lint. */
export function lintOptions(command: Command): Command {
  return command
    .addOption(inventoryOption())
    .addOption(extraVarsOption())
    .option("--fix", "mend what can be mended without a person, and show it")
    .addOption(new Option("--format <format>", "how findings are shown").choices(["text", "json", "sarif", "github"]).default("text"))
    .option("--profile <profile>", "min, basic, moderate, safety, shared or production, each with the rules of those before it")
    .addOption(new Option("--skip <rules>", "leave these rules out; a list with commas").argParser((ids, previous: string[]) => [...previous, ...ids.split(",").map((id) => id.trim())]).default([], "none"))
    .option("--strict", "warnings fail too")
    .option("--list-rules", "every rule with its severity and profile");
}

export function inventoryOption(): Option {
  return new Option("-i, --inventory <source>", "a file, a script, a directory, or host1,host2; may be repeated").argParser(collect).default([], "./inventory");
}

export function extraVarsOption(): Option {
  return new Option("-e, --extra-vars <vars>", "key=value, a mapping in braces, or @file; may be repeated").argParser(collect).default([], "none");
}

export function limitOption(): Option {
  return new Option("-l, --limit <pattern>", "only these hosts; @file for a list of them");
}

export function diffOption(): Option {
  return new Option("-D, --diff", "show before and after of every change");
}

function forksOption(): Option {
  return new Option("-f, --forks <n>", "hosts at work at the same time").argParser(wholeNumber("--forks")).default(10);
}

function startRateOption(): Option {
  return new Option("--start-rate <n>", "connections begun in one second at most; 0 for no limit").argParser(wholeNumber("--start-rate", 0)).default(100);
}

export function outputOption(): Option {
  const parse = (text: string, previous: Output[]) => [...previous, parseOutput(text)];
  return new Option("-o, --output <format>", "tty, plain, json or junit, each but tty with =FILE if you like; may be repeated")
    .argParser(parse)
    .default([], "tty in a terminal, else plain");
}

export function verboseOption(): Option {
  return new Option("-v, --verbose", "also the output of what runs; -vv also its steps; -vvv also the trace of a bug").argParser((_, count: number) => count + 1).default(0, "quiet");
}

function collect(word: string, previous: string[]): string[] {
  return [...previous, word];
}

function collectWords(words: string, previous: string[]): string[] {
  const named = words.split(",").map((word) => word.trim()).filter(Boolean);
  if (named.length === 0) throw new BowlineError({ code: "E_OPTIONS", message: "a list of tags is empty", hint: "leave --tags and --skip-tags out to run every task" });
  return [...previous, ...named];
}
