import { entryOf, isTemplated, nodeOf, type MappingEntry, type MappingNode, type SourceNode } from "../core/node.ts";
import { checkArgs } from "../modules/bind.ts";
import type { Module, Registry } from "../modules/contract.ts";
import { freeFormWords } from "./free-form.ts";
import { laterTaskKey, otherModule, taskKeys } from "./keys.ts";
import { readKeywords } from "./keywords.ts";
import { readLoop } from "./loops.ts";
import type { Inherited, Task } from "./program.ts";
import type { Reading } from "./reading.ts";
import { checkKeys, hintOf, kindOf, Reader, type Problems } from "./shape.ts";

/** A task before it has an id, and the keywords that it would hand on to what it includes. */
export interface RawTask {
  readonly task: Omit<Task, "id" | "dir">;
  readonly keywords: Inherited;
  readonly module: Module;
  readonly reader: Reader;
}

/** Reads one task or handler; undefined when it is too broken to go on with (its problems are in the list). */
export function readTask(written: MappingNode, outer: Inherited, reading: Pick<Reading, "registry" | "problems">): RawTask | undefined {
  const { registry, problems } = reading;
  const node = withoutAction(written, problems);
  const call = moduleCall(node, registry, problems);
  const reader = new Reader(node, problems);
  const inherited = readKeywords(reader, outer, "task vars");
  const keywords = keywordsOf(inherited);
  const loop = readLoop(node, reader, problems);
  const parts = { name: reader.text("name"), ...partsOf(reader, problems), ...(loop ? { loop } : {}) };
  const given = call && argsOf(call.entry, call.module, reader, problems);
  if (!call || !given) return undefined;
  const args = withDefaults(given, call.module, inherited.moduleDefaults, reading);
  problems.list.push(...checkArgs(call.module, args, isTemplated));
  checkDetached(call.module, parts, problems);
  const task = { ...keywords, ...parts, name: parts.name ?? call.module.name, at: node.at, module: call.module.name, moduleAt: call.entry.keyAt, args };
  return { task, keywords: inherited, module: call.module, reader };
}

/** What a task has of its keywords; most tasks of a file inherit the same. */
function keywordsOf(inherited: Inherited): Omit<Inherited, "moduleDefaults"> {
  let keywords = keywordsBefore.get(inherited);
  if (!keywords) {
    const { moduleDefaults: _, ...rest } = inherited;
    keywordsBefore.set(inherited, (keywords = rest));
  }
  return keywords;
}

const keywordsBefore = new WeakMap<Inherited, Omit<Inherited, "moduleDefaults">>();

/** Ansible's older `action: module …` and `local_action: module …`, as the task that they stand for. */
function withoutAction(node: MappingNode, problems: Problems): MappingNode {
  const action = node.entries.find(({ key }) => key === "action" || key === "local_action");
  if (!action) return node;
  const call = calledBy(action);
  if (!call) problems.add(action.value.at, `"${action.key}" must name a module`, { hint: "write the module as the key of the task: command: uptime" });
  const local = action.key === "local_action" ? [{ key: "delegate_to", keyAt: action.keyAt, value: nodeOf("localhost", action.value.at) }] : [];
  return { ...node, entries: [...node.entries.filter((entry) => entry !== action), ...(call ? [call] : []), ...local] };
}

function calledBy({ keyAt, value }: MappingEntry): MappingEntry | undefined {
  if (value.kind === "scalar" && typeof value.value === "string") {
    const [, name, rest] = /^(\S+)\s*([\s\S]*)$/.exec(value.value) ?? [];
    return name === undefined ? undefined : { key: name, keyAt, value: rest === "" ? { ...value, value: null } : { ...value, value: rest! } };
  }
  if (value.kind !== "mapping") return undefined;
  const module = entryOf(value, "module")?.value;
  const name = module?.kind === "scalar" ? String(module.value) : undefined;
  return name === undefined ? undefined : { key: name, keyAt, value: { ...value, entries: value.entries.filter((entry) => entry.value !== module) } };
}

/** Most tasks have none of these, and then share that. */
function partsOf(reader: Reader, problems: Problems) {
  if (reader.hasOnly((key) => !partKeys.has(key))) return noParts;
  checkControl(reader, problems);
  return { ...ownParts(reader), ...outcomeParts(reader) };
}

const partKeys: ReadonlySet<string> = new Set(["register", "async", "poll", "listen", "until", "retries", "delay", "backoff", "changed_when", "failed_when"]);
const noParts: ReturnType<typeof ownParts> & ReturnType<typeof outcomeParts> = { listen: [], until: [] };

function ownParts(reader: Reader) {
  const register = reader.identifier("register");
  const asyncLimit = reader.templated("async", "number");
  const poll = reader.templated("poll", "number");
  return {
    ...(register === undefined ? {} : { register }),
    ...(asyncLimit ? { async: asyncLimit } : {}),
    ...(poll ? { poll } : {}),
    listen: reader.texts("listen").map(({ text }) => text),
  };
}

function outcomeParts(reader: Reader) {
  const retries = reader.templated("retries", "number");
  const delay = reader.templated("delay", "number");
  const backoff = reader.templated("backoff", "number");
  const changedWhen = reader.conditions("changed_when");
  const failedWhen = reader.conditions("failed_when");
  return {
    until: reader.conditions("until") ?? [],
    ...(retries ? { retries } : {}),
    ...(delay ? { delay } : {}),
    ...(backoff ? { backoff } : {}),
    ...(changedWhen ? { changedWhen } : {}),
    ...(failedWhen ? { failedWhen } : {}),
  };
}

/** What belongs together: `delay` needs tries, and these need an end. */
function checkControl(reader: Reader, problems: Problems): void {
  for (const key of ["retries", "delay", "backoff"]) {
    const entry = reader.entry(key);
    if (!entry) continue;
    if (!reader.entry("until") && !reader.entry("retries")) problems.add(entry.keyAt, `"${key}" without "until" or "retries" does nothing`, { hint: "add until: with the condition that ends the tries" });
    if (entry.value.kind === "scalar" && Number(entry.value.value) < 0) problems.add(entry.value.at, `"${key}" must not be negative`, { hint: "0 is no time at all" });
  }
  const poll = reader.entry("poll");
  if (poll && !reader.entry("async")) problems.add(poll.keyAt, '"poll" without "async" does nothing', { hint: "add async: with the seconds that it may take" });
}

/** Only what is sent as a script can be left at work on its own. */
function checkDetached(module: Module, { poll }: Pick<Task, "poll">, problems: Problems): void {
  if (poll?.kind !== "scalar" || poll.value !== 0 || module.kind === "action") return;
  problems.add(poll.at, `${module.name} cannot be left at work: "poll: 0" is for actions such as command and shell`, { hint: "leave poll: out, and async: bounds its time" });
}

const knownKeys: ReadonlySet<string> = new Set(taskKeys);

function moduleCall(node: MappingNode, registry: Registry, problems: Problems): { entry: MappingEntry; module: Module } | undefined {
  const calls = node.entries.flatMap((entry) => {
    const module = registry.get(plainName(entry.key));
    return module ? [{ entry, module }] : [];
  });
  const others = node.entries.filter((entry) => !knownKeys.has(entry.key) && !entry.key.startsWith("with_") && !calls.some((call) => call.entry === entry));
  const [call, second] = calls;
  if (second) problems.add(second.entry.keyAt, `a task names one module, this one names "${call!.entry.key}" and "${second.entry.key}"`, { hint: "make two tasks of it" });
  if (call && others.length > 0) checkKeys({ ...node, entries: others }, [...taskKeys, ...registry.keys()], { what: "a task", later: laterTaskKey }, problems);
  if (!call) reportNoModule(node, others, registry, problems);
  return call;
}

function reportNoModule(node: MappingNode, others: readonly MappingEntry[], registry: Registry, problems: Problems): void {
  for (const { key, keyAt } of others) {
    const later = laterTaskKey(key);
    const other = otherModule(plainName(key));
    const hint = other === undefined ? moduleHint(plainName(key), registry) : { hint: other };
    if (later !== undefined) problems.add(keyAt, `"${key}" is not supported`, { hint: later });
    else problems.list.push({ code: "E_MODULE", message: `there is no module "${key}"`, at: keyAt, ...hint });
  }
  if (others.length === 0) problems.add(node.at, "this task names no module", { hint: "add one, for example: debug: { msg: … }" });
}

/** A key of a task may have been meant as well; when nothing is near, the modules are what to choose from. */
function moduleHint(name: string, registry: Registry): { hint?: string } {
  const near = hintOf(name, [...registry.keys(), ...taskKeys]);
  return near.hint?.startsWith("did") ? near : { hint: `known: ${[...registry.keys()].sort().join(", ")}` };
}

/** Playbooks written for Ansible name modules with their collection: `ansible.builtin.copy`. */
export function plainName(key: string): string {
  return /^[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+$/.test(key) ? key.slice(key.lastIndexOf(".") + 1) : key;
}

/** The arguments as a mapping: a plain string is the free form, and `args:` adds to it. */
function argsOf(entry: MappingEntry, module: Module, reader: Reader, problems: Problems): MappingNode | undefined {
  const { value } = entry;
  const extra = reader.mapping("args")?.entries ?? [];
  if (value.kind === "mapping") return withExtra(value, extra, problems);
  if (value.kind === "scalar" && value.value === null) return { kind: "mapping", entries: extra, at: entry.keyAt };
  const words = value.kind === "scalar" ? freeFormWords(String(value.value), module) : undefined;
  if (words) problems.add(value.at, `${module.name}: key=value words are not read`, { seen: words.seen, hint: words.hint });
  else if (value.kind === "scalar" && module.freeForm !== undefined) {
    const free: MappingEntry = { key: module.freeForm, keyAt: entry.keyAt, value: { ...value, value: String(value.value) } };
    return withExtra({ kind: "mapping", entries: [free], at: value.at }, extra, problems);
  } else {
    const known = Object.keys(module.args);
    problems.add(value.at, `${module.name} takes its arguments as a mapping, not ${kindOf(value)}`, { expected: known.length === 0 ? "name: value" : `one of ${known.join(", ")}` });
  }
  return undefined;
}

function withExtra(args: MappingNode, extra: readonly MappingEntry[], problems: Problems): MappingNode {
  if (extra.length === 0) return args;
  const twice = extra.find((entry) => entryOf(args, entry.key));
  if (twice) problems.add(twice.keyAt, `"${twice.key}" is given twice, in args: and in the module's own arguments`, { hint: "take one of them away" });
  return { ...args, entries: [...args.entries, ...extra.filter((entry) => !entryOf(args, entry.key))] };
}

/** `module_defaults` fill in what the task leaves out; as in Ansible the innermost mapping that names the module counts whole, so that an empty one takes the others back. */
function withDefaults(args: MappingNode, module: Module, defaults: readonly MappingNode[], { registry, problems }: Pick<Reading, "registry" | "problems">): MappingNode {
  for (const { key, keyAt, value } of defaults.flatMap((mapping) => mapping.entries)) {
    if (!registry.has(plainName(key))) problems.add(keyAt, `module_defaults: there is no module "${key}"`, hintOf(key, [...registry.keys()]));
    else if (value.kind !== "mapping") problems.add(value.at, `module_defaults: the arguments of ${key} must be a mapping, not ${kindOf(value)}`);
  }
  if (defaults.length === 0) return args;
  const [own] = defaults.toReversed().flatMap((mapping) => mapping.entries.filter(({ key }) => plainName(key) === module.name));
  const more = own?.value.kind === "mapping" ? own.value.entries : [];
  return { ...args, entries: [...args.entries, ...more.filter((entry) => !entryOf(args, entry.key))] };
}

/** The text of an argument that is no template; undefined where it is one, or absent. */
export function literalArg(args: MappingNode, key: string): string | undefined {
  const value: SourceNode | undefined = entryOf(args, key)?.value;
  return value?.kind === "scalar" && typeof value.value === "string" && !isTemplated(value) ? value.value : undefined;
}
