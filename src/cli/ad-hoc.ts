import { BowlineError } from "../core/errors.ts";
import { lexWords } from "../core/lex.ts";
import { nodeOf, type MappingEntry, type MappingNode, type SourceNode } from "../core/node.ts";
import { quote } from "../core/sh.ts";
import { suggestion } from "../core/suggest.ts";
import { parseYaml } from "../load/yaml.ts";
import { resolvedKindOf } from "../modules/args.ts";
import type { Module } from "../modules/contract.ts";
import { registry } from "../modules/registry.ts";
import type { ExecOptions } from "./options.ts";

/** The place of everything that was typed. */
export const typedAt = { file: "(command line)", line: 1, column: 1 };

/**
 * The playbook of one task that a command line of `exec` stands for. Throws E_OPTIONS when it names nothing to run, or
 * a module that does not exist; what is wrong with the arguments the compiler says.
 */
export function playbookTyped(pattern: string, words: readonly string[], options: Pick<ExecOptions, "moduleName" | "args" | "background" | "poll" | "listHosts">): SourceNode {
  const task = taskTyped(words, options);
  const { background, poll } = options;
  if (poll !== undefined && background === undefined) throw wrong({ message: "--poll without --background does nothing", hint: "add -B with the seconds that it may take" });
  const limit = background === undefined ? {} : { async: nodeOf(background, typedAt), ...(poll === undefined ? {} : { poll: nodeOf(poll, typedAt) }) };
  const play = { name: text(`exec ${pattern}`), hosts: text(pattern), gather_facts: nodeOf(false, typedAt), tasks: list(mapping({ ...task, ...limit })) };
  return list(mapping(play));
}

function taskTyped(words: readonly string[], { moduleName, args, listHosts }: Pick<ExecOptions, "moduleName" | "args" | "listHosts">): Record<string, SourceNode> {
  if (args !== undefined && words.length > 0) throw wrong({ message: "what to run is given twice, in --args and behind the pattern", hint: "take one of them away" });
  if (moduleName !== undefined) {
    const module = moduleNamed(moduleName);
    return { [module.name]: args === undefined ? argsOf(module, words) : argsOf(module, cutArgs(module, args)) };
  }
  if (args !== undefined && args.trim() !== "") return commandTask([args], text);
  if (words.some((word) => word !== "")) return commandTask(words, literal);
  if (listHosts) return { meta: text("noop") };
  throw wrong({ message: "there is nothing to run", expected: "exec PATTERN -- COMMAND, or exec PATTERN -m MODULE key=value" });
}

/**
 * Words without a character that a shell reads are a program with its arguments, exactly these. Else they are one line
 * for the host's shell, as with ssh; but a word with a blank in it was quoted on purpose, and stays one word.
 */
function commandTask(words: readonly string[], node: (word: string) => SourceNode): Record<string, SourceNode> {
  const [first = ""] = words;
  const line = words.length === 1 ? first : words.map((word) => (/\s/.test(word) || word === "" ? quote(word) : word)).join(" ");
  const isPlain = words.length > 1 ? !words.some((word) => forShell.test(word)) : !forShell.test(first) && !/\s/.test(first);
  const call = isPlain ? { command: mapping({ argv: list(...words.map(node)) }) } : { shell: mapping({ cmd: node(line) }) };
  return line.includes("{{") ? call : { name: text(line.split("\n")[0]!), ...call };
}

/** What stands behind the pattern is no template: `docker ps --format '{{.Names}}'`. */
function literal(word: string): SourceNode {
  return text(word.includes("{{") ? `{{{{raw}}}}${word}{{{{/raw}}}}` : word);
}

/** XCU 2.2 and what begins a comment, a home directory, a pattern or an assignment's expansion. */
const forShell = /[|&;<>()$`\\"'*?[\]#~!\n]/;

function moduleNamed(name: string): Module {
  // Ansible's names have their collection before them.
  const plain = /^\w+\.\w+\.\w+$/.test(name) ? name.slice(name.lastIndexOf(".") + 1) : name;
  const module = registry.get(plain);
  if (module) return module;
  const hint = suggestion(plain, [...registry.keys()]);
  throw wrong({ message: `there is no module "${name}"`, ...(hint === undefined ? {} : { hint }) });
}

/** As one text, Ansible's way: the words of a free form stay as they are, quotes too, since a shell or the module reads them. */
function cutArgs(module: Module, args: string): string[] {
  if (isMapping(args)) return [args];
  if (module.freeForm === undefined) return lexWords(args);
  return args.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
}

/** A mapping in braces; else `key=value` words, and of a module with a free form the other words, which are that. */
function argsOf(module: Module, words: readonly string[]): SourceNode {
  const [only = ""] = words;
  if (words.length === 1 && isMapping(only)) return parseYaml(only, typedAt.file);
  const keyOf = (word: string) => /^([A-Za-z_]\w*)=/.exec(word)?.[1];
  // In `FOO=1 env` the first word is part of the command; where there are only such words, none is.
  const takesAny = module.freeForm === undefined || words.every((word) => keyOf(word) !== undefined);
  const isArgument = (word: string) => {
    const key = keyOf(word);
    return key !== undefined && (takesAny || Object.hasOwn(module.args, key));
  };
  const free = words.filter((word) => !isArgument(word));
  if (free.length > 0 && module.freeForm === undefined) throw wrong({ message: `${module.name} cannot read ${JSON.stringify(free[0])}`, expected: `key=value with one of ${Object.keys(module.args).join(", ")}; or a mapping in braces` });
  const given = Object.fromEntries(words.filter(isArgument).map((word) => argument(module, word)));
  return mapping({ ...(free.length > 0 ? { [module.freeForm!]: text(free.join(" ")) } : {}), ...given });
}

function isMapping(word: string): boolean {
  return /^\s*\{(?!\{)/.test(word);
}

function argument(module: Module, word: string): [string, SourceNode] {
  const [key, value] = [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)];
  return [key, typed(module, key, value)];
}

/** What the argument takes: the text itself, else the number, the truth or the list that YAML reads in it. */
function typed(module: Module, key: string, value: string): SourceNode {
  const type = module.args[key];
  const asText = text(value);
  if (value.includes("{{") || (type && resolvedKindOf(type))) return asText;
  const read = yamlOf(value);
  if (!read) return asText;
  if (read.kind !== "scalar") return read;
  return type?.safeParse(value).success ? asText : { ...read, at: typedAt };
}

/** A mode such as 0644 is no number to anybody, and a text is itself, whatever YAML would take out of it. */
function yamlOf(value: string): SourceNode | undefined {
  if (/^[+-]?0\d/.test(value)) return undefined;
  try {
    const node = parseYaml(value, typedAt.file);
    if (node.kind === "scalar") return typeof node.value === "string" && !/^["']/.test(value) ? undefined : node;
    return /^[[{]/.test(value) ? node : undefined;
  } catch (error) {
    if (error instanceof BowlineError) return undefined;
    throw error;
  }
}

function text(value: string): SourceNode {
  return nodeOf(value, typedAt);
}

function list(...items: readonly SourceNode[]): SourceNode {
  return { kind: "sequence", items, at: typedAt };
}

function mapping(values: Readonly<Record<string, SourceNode>>): MappingNode {
  const entries = Object.entries(values).map(([key, value]): MappingEntry => ({ key, keyAt: typedAt, value }));
  return { kind: "mapping", entries, at: typedAt };
}

function wrong(problem: { message: string; expected?: string; hint?: string }): BowlineError {
  return new BowlineError({ code: "E_OPTIONS", ...problem });
}
