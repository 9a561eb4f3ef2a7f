import { Option, type Command } from "commander";
import { BowlineError } from "../core/errors.ts";
import { parseOutput, type Output } from "../reporters/open.ts";
import { keyOptions, type KeyOptions } from "./key-options.ts";

/** The options of run, status and down as commander reads them. */
export interface RunOptions extends KeyOptions {
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
  readonly askPass?: boolean;
  readonly connectionPasswordFile?: string;
  readonly askBecomePass?: boolean;
  readonly becomePasswordFile?: string;
}

/** What run, status and down have in common; the letters are ansible-playbook's. */
export function runOptions(command: Command): Command {
  return keyOptions(command)
    .addOption(inventoryOption())
    .addOption(extraVarsOption())
    .addOption(new Option("-t, --tags <tags>", "only tasks with one of these tags; a list with commas").argParser(collectWords).default([], "all"))
    .addOption(new Option("--skip-tags <tags>", "no tasks with one of these tags").argParser(collectWords).default([], "none"))
    .addOption(limitOption())
    .addOption(new Option("-f, --forks <n>", "hosts at work at the same time").argParser(positive).default(10))
    .addOption(outputOption())
    .addOption(verboseOption())
    .option("--list-hosts", "only list the hosts")
    .option("--list-tasks", "only list the tasks with their tags")
    .option("--syntax-check", "only check the input")
    .addOption(new Option("-k, --ask-pass", "ask for the ssh password").conflicts("connectionPasswordFile"))
    .option("--connection-password-file <file>", "read the ssh password from a file")
    .addOption(new Option("-K, --ask-become-pass", "ask for the sudo password").conflicts("becomePasswordFile"))
    .option("--become-password-file <file>", "read the sudo password from a file");
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

function positive(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new BowlineError({ code: "E_OPTIONS", message: `--forks must be a whole number above 0, not ${text}` });
}
