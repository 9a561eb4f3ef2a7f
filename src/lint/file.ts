import { basename } from "node:path";
import { problemsOf, type Problem } from "../core/errors.ts";
import { entryOf, textAt, type MappingEntry, type MappingNode, type SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Module, Registry } from "../modules/contract.ts";
import { Text } from "./text.ts";

/** What a file is for; `other` YAML is none of ours. */
export type FileKind = "playbook" | "tasks" | "handlers" | "vars" | "inventory" | "config" | "other";

/** One file, read once, with all that the rules look at. */
export interface LintFile {
  readonly path: string;
  readonly kind: FileKind;
  /** The role that it belongs to. */
  readonly role: string | undefined;
  readonly text: Text;
  readonly root: SourceNode | undefined;
  /** Why it has no root. */
  readonly problems: readonly Problem[];
  readonly plays: readonly Play[];
  readonly tasks: readonly Task[];
  readonly conditions: readonly Condition[];
  readonly variables: readonly Variable[];
}

export interface Play {
  readonly node: MappingNode;
  /** All of its tasks, those in blocks and its handlers too. */
  readonly tasks: readonly Task[];
}

/** A task, a handler or a block. */
export interface Task {
  readonly node: MappingNode;
  /** It stands under `handlers`. */
  readonly handler: boolean;
  /** The blocks and the play around it, the nearest first. */
  readonly around: readonly MappingNode[];
  /** The list that it stands in, and its place there. */
  readonly list: readonly MappingNode[];
  readonly index: number;
  readonly call: Call | undefined;
}

/** The module that a task names. */
export interface Call {
  /** Without a collection. */
  readonly name: string;
  readonly entry: MappingEntry;
  readonly module: Module | undefined;
  /** What stands below it and under `args:`, a text as the argument that it stands for. */
  readonly args: MappingNode;
}

/** A text that is read as a CEL expression. */
export interface Condition {
  readonly key: string;
  readonly source: string;
  readonly at: Position;
  /** The task that it belongs to. */
  readonly task: Task;
}

/** A name that somebody gives to a value. */
export interface Variable {
  readonly name: string;
  readonly at: Position;
  readonly value: SourceNode | undefined;
}

/** YAML text to nodes; throws a BowlineError with every mistake. */
export type Parse = (text: string, file: string) => SourceNode;

/** What reading a file needs. */
export interface Reading {
  readonly parse: Parse;
  readonly registry: Registry;
}

/** Reads one file; mistakes of its YAML are kept in `problems`. */
export function readFile(path: string, source: string, { parse, registry }: Reading): LintFile {
  const text = new Text(source, path);
  const { root, problems } = isEncrypted(source) ? { root: undefined, problems: [] } : parsed(() => parse(source, path));
  const kind = kindOf(path, root, registry);
  const { plays, tasks } = new Collector(registry).collect(kind, root);
  return { path, kind, role: roleOf(path), text, root, problems, plays, tasks, conditions: tasks.flatMap(conditionsOf), variables: variablesOf({ kind, root, plays, tasks }) };
}

/** A file that is a secret as a whole. */
function isEncrypted(source: string): boolean {
  return /^(\$ANSIBLE_VAULT;|age-encryption\.org\/|-----BEGIN AGE ENCRYPTED FILE-----)/.test(source);
}

function parsed(read: () => SourceNode): Pick<LintFile, "root" | "problems"> {
  try {
    return { root: read(), problems: [] };
  } catch (error) {
    const problems = problemsOf(error);
    if (problems[0].code === "E_BUG") throw error;
    return { root: undefined, problems };
  }
}

/** The folder says it, else what stands in it. */
function kindOf(path: string, root: SourceNode | undefined, registry: Registry): FileKind {
  const folders = path.split("/").slice(0, -1).reverse();
  const known = folders.map((folder) => folderKinds[folder]).find((kind) => kind !== undefined);
  if (/^\.bowline-lint(\.ya?ml)?$/.test(basename(path))) return "config";
  if (known !== undefined && known !== "inventory") return known;
  if (root?.kind === "sequence") return isPlaybook(root.items) ? "playbook" : mappings(root).some((node) => isBlock(node) || callOf(node, registry)) ? "tasks" : "other";
  if (root?.kind === "mapping" && (known === "inventory" || /^(hosts|inventory)\.ya?ml$/.test(basename(path)))) return "inventory";
  return root === undefined && folders.includes("playbooks") ? "playbook" : "other";
}

const folderKinds: Readonly<Record<string, FileKind>> = {
  tasks: "tasks",
  handlers: "handlers",
  vars: "vars",
  defaults: "vars",
  group_vars: "vars",
  host_vars: "vars",
  inventory: "inventory",
  inventories: "inventory",
  meta: "other",
};

function isPlaybook(items: readonly SourceNode[]): boolean {
  return items.some((item) => item.kind === "mapping" && item.entries.some(({ key }) => ["hosts", "import_playbook", "ansible.builtin.import_playbook"].includes(key)));
}

function roleOf(path: string): string | undefined {
  return /(?:^|\/)roles\/([^/]+)\//.exec(path)?.[1];
}

/** Goes through plays, blocks and lists of tasks. */
class Collector {
  readonly plays: Play[] = [];
  readonly tasks: Task[] = [];
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  collect(kind: FileKind, root: SourceNode | undefined): this {
    if (kind === "playbook") for (const node of mappings(root)) this.#play(node);
    else if (kind === "tasks" || kind === "handlers") this.#list(root, kind === "handlers", []);
    return this;
  }

  #play(node: MappingNode): void {
    const first = this.tasks.length;
    for (const key of ["pre_tasks", "tasks", "post_tasks", "handlers"]) this.#list(entryOf(node, key)?.value, key === "handlers", [node]);
    this.plays.push({ node, tasks: this.tasks.slice(first) });
  }

  #list(list: SourceNode | undefined, handler: boolean, around: readonly MappingNode[]): void {
    const nodes = mappings(list);
    for (const [index, node] of nodes.entries()) {
      this.tasks.push({ node, handler, around, list: nodes, index, call: callOf(node, this.#registry) });
      for (const key of blockKeys) this.#list(entryOf(node, key)?.value, handler, [node, ...around]);
    }
  }
}

export const blockKeys = ["block", "rescue", "always"] as const;

export function isBlock(node: MappingNode): boolean {
  return entryOf(node, "block") !== undefined;
}

function mappings(list: SourceNode | undefined): MappingNode[] {
  return list?.kind === "sequence" ? list.items.filter((item) => item.kind === "mapping") : [];
}

/** The first key that names a module, of the registry or of those that people bring along. */
function callOf(node: MappingNode, registry: Registry): Call | undefined {
  const entry = node.entries.find(({ key }) => registry.has(plainName(key))) ?? node.entries.find(({ key }) => foreignModules.includes(plainName(key)));
  if (!entry) return undefined;
  const name = plainName(entry.key);
  const module = registry.get(name);
  const more = entryOf(node, "args")?.value;
  const entries = [...argEntries(entry, module), ...(more?.kind === "mapping" ? more.entries : [])];
  return { name, entry, module, args: { kind: "mapping", entries, at: entry.value.at } };
}

/** Modules with rules of their own that a registry may lack. */
const foreignModules = ["apt", "dnf", "package", "pip", "yum", "raw", "script"];

/** Playbooks written for Ansible name modules with their collection: `ansible.builtin.copy`. */
export function plainName(key: string): string {
  return /^[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+$/.test(key) ? key.slice(key.lastIndexOf(".") + 1) : key;
}

function argEntries(entry: MappingEntry, module: Module | undefined): readonly MappingEntry[] {
  if (entry.value.kind === "mapping") return entry.value.entries;
  const isText = entry.value.kind === "scalar" && entry.value.value !== null;
  return isText && module?.freeForm !== undefined ? [{ key: module.freeForm, keyAt: entry.keyAt, value: entry.value }] : [];
}

const conditionKeys = ["when", "until", "changed_when", "failed_when"];

function conditionsOf(task: Task): Condition[] {
  const entries = task.node.entries.filter(({ key }) => conditionKeys.includes(key));
  const that = task.call?.name === "assert" ? task.call.args.entries.filter(({ key }) => key === "that") : [];
  return [...entries, ...that].flatMap(({ key, value }) => expressionsOf(value).map((expression) => ({ task, key, ...expression })));
}

function expressionsOf(node: SourceNode): Pick<Condition, "source" | "at">[] {
  if (node.kind === "sequence") return node.items.flatMap(expressionsOf);
  if (node.kind === "expression") return [{ source: node.source, at: node.at }];
  return node.kind === "scalar" && typeof node.value === "string" ? [{ source: node.value, at: textAt(node) }] : [];
}

function variablesOf({ kind, root, plays, tasks }: Pick<LintFile, "kind" | "root" | "plays" | "tasks">): Variable[] {
  const named = (node: SourceNode | undefined): Variable[] =>
    node?.kind === "mapping" ? node.entries.map(({ key, keyAt, value }) => ({ name: key, at: keyAt, value })) : [];
  if (kind === "vars") return named(root);
  if (kind === "inventory") return root?.kind === "mapping" ? root.entries.flatMap(({ value }) => groupVariables(value).flatMap(named)) : [];
  const nodes = [...plays.map(({ node }) => node), ...tasks.map(({ node }) => node)];
  const registered = tasks.flatMap(({ node }) => {
    const value = entryOf(node, "register")?.value;
    return value?.kind === "scalar" && typeof value.value === "string" ? [{ name: value.value, at: value.at, value: undefined }] : [];
  });
  const set = tasks.flatMap(({ call }) => (call?.module?.freeKeys ? named(call.args) : []));
  return [...nodes.flatMap((node) => named(entryOf(node, "vars")?.value)), ...registered, ...set];
}

/** The `vars` of a group, and what its hosts and children have. */
function groupVariables(group: SourceNode): SourceNode[] {
  if (group.kind !== "mapping") return [];
  const part = (key: string) => entryOf(group, key)?.value;
  const inner = (node: SourceNode | undefined) => (node?.kind === "mapping" ? node.entries.map(({ value }) => value) : []);
  const own = part("vars");
  return [...(own ? [own] : []), ...inner(part("hosts")), ...inner(part("children")).flatMap(groupVariables)];
}
