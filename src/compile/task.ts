import { entryOf, type MappingEntry, type MappingNode, type SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition, Level } from "../core/scope.ts";
import { checkArgs } from "../modules/bind.ts";
import type { Module, Registry } from "../modules/contract.ts";
import { freeFormWords } from "./free-form.ts";
import { laterTaskKey, otherModule, taskKeys } from "./keys.ts";
import type { Become, Task } from "./program.ts";
import { checkKeys, hintOf, isTemplated, kindOf, Reader, type Problems } from "./shape.ts";

/** A task before its ids are given: what it notifies is still a name. */
export interface RawTask extends Omit<Task, "id" | "notify"> {
  readonly notifyNames: readonly { readonly text: string; readonly at: Position }[];
}

/** Reads one task or handler; undefined when it is too broken to go on with (its problems are in the list). */
export function readTask(node: SourceNode, playTags: readonly string[], registry: Registry, problems: Problems): RawTask | undefined {
  if (node.kind !== "mapping") {
    problems.add(node.at, `a task must be a mapping, not ${kindOf(node)}`, { hint: "write: - name: … and below it the module with its arguments" });
    return undefined;
  }
  const call = moduleCall(node, registry, problems);
  const reader = new Reader(node, problems);
  checkControl(reader, problems);
  const parts = { name: reader.text("name"), ...commonParts(reader, playTags), ...outcomeParts(reader) };
  const args = call && argsOf(call.entry, call.module, reader, problems);
  if (!call || !args) return undefined;
  problems.list.push(...checkArgs(call.module, args, isTemplated));
  return { ...parts, name: parts.name ?? call.module.name, at: node.at, module: call.module.name, moduleAt: call.entry.keyAt, args };
}

/** The variables of a `vars:` mapping as definitions of one level. */
export function readVariables(reader: Reader, level: Level): Definition[] {
  return (reader.mapping("vars")?.entries ?? []).map((entry) => {
    reader.checkName(entry.key, entry.keyAt);
    return { name: entry.key, value: entry.value, level };
  });
}

/** The vars of a play that has not been read yet. */
export function playVariables(play: SourceNode): Definition[] {
  const vars = play.kind === "mapping" ? entryOf(play, "vars")?.value : undefined;
  return vars?.kind === "mapping" ? vars.entries.map((entry) => ({ name: entry.key, value: entry.value, level: "play vars" })) : [];
}

export function readBecome(reader: Reader): Become {
  const become = reader.templated("become", "boolean");
  const user = reader.text("become_user") === undefined ? undefined : reader.node("become_user");
  return { ...(become ? { become } : {}), ...(user ? { user } : {}) };
}

function commonParts(reader: Reader, playTags: readonly string[]) {
  const loop = reader.node("loop");
  const register = reader.identifier("register");
  const timeout = reader.templated("timeout", "number");
  const environment = reader.node("environment");
  return {
    variables: readVariables(reader, "task vars"),
    when: reader.conditions("when") ?? [],
    ...(loop ? { loop } : {}),
    ...(register === undefined ? {} : { register }),
    ...(timeout ? { timeout } : {}),
    environment: environment ? [environment] : [],
    become: readBecome(reader),
    noLog: reader.flag("no_log") ?? false,
    tags: [...new Set([...playTags, ...reader.texts("tags", { commas: true }).map((tag) => tag.text)])],
    notifyNames: reader.texts("notify"),
  };
}

function outcomeParts(reader: Reader) {
  const retries = reader.templated("retries", "number");
  const delay = reader.templated("delay", "number");
  const ignoreErrors = reader.templated("ignore_errors", "boolean");
  const changedWhen = reader.conditions("changed_when");
  const failedWhen = reader.conditions("failed_when");
  return {
    until: reader.conditions("until") ?? [],
    ...(retries ? { retries } : {}),
    ...(delay ? { delay } : {}),
    ...(changedWhen ? { changedWhen } : {}),
    ...(failedWhen ? { failedWhen } : {}),
    ...(ignoreErrors ? { ignoreErrors } : {}),
  };
}

/** What belongs together: tries need an `until`, and a list to loop over must look like one. */
function checkControl(reader: Reader, problems: Problems): void {
  for (const key of ["retries", "delay"]) {
    const entry = reader.entry(key);
    if (!entry) continue;
    if (!reader.entry("until")) problems.add(entry.keyAt, `"${key}" without "until" does nothing`, { hint: "add until: with the condition that ends the tries" });
    if (entry.value.kind === "scalar" && Number(entry.value.value) < 0) problems.add(entry.value.at, `"${key}" must not be negative`);
  }
  const loop = reader.node("loop");
  if (loop && loop.kind !== "sequence" && !isTemplated(loop)) {
    problems.add(loop.at, `"loop" must be a list, not ${kindOf(loop)}`, { expected: 'a list, or "{{ name }}" of one' });
  }
}

function moduleCall(node: MappingNode, registry: Registry, problems: Problems): { entry: MappingEntry; module: Module } | undefined {
  const calls = node.entries.flatMap((entry) => {
    const module = registry.get(plainName(entry.key));
    return module ? [{ entry, module }] : [];
  });
  const keys: readonly string[] = taskKeys;
  const others = node.entries.filter((entry) => !keys.includes(entry.key) && !calls.some((call) => call.entry === entry));
  const [call, second] = calls;
  if (second) problems.add(second.entry.keyAt, `a task names one module, this one names "${call!.entry.key}" and "${second.entry.key}"`, { hint: "make two tasks of it" });
  if (call) checkKeys({ ...node, entries: others }, [...keys, ...registry.keys()], { what: "a task", later: laterTaskKey }, problems);
  else reportNoModule(node, others, registry, problems);
  return call;
}

function reportNoModule(node: MappingNode, others: readonly MappingEntry[], registry: Registry, problems: Problems): void {
  for (const { key, keyAt } of others) {
    const later = laterTaskKey(key);
    const other = otherModule(plainName(key));
    const hint = other === undefined ? moduleHint(plainName(key), registry) : { hint: other };
    if (later !== undefined) problems.add(keyAt, `"${key}" is not supported yet`, { hint: later });
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
function plainName(key: string): string {
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
  const twice = extra.find((entry) => entryOf(args, entry.key));
  if (twice) problems.add(twice.keyAt, `"${twice.key}" is given twice, in args: and in the module's own arguments`, { hint: "take one of them away" });
  return { ...args, entries: [...args.entries, ...extra.filter((entry) => !entryOf(args, entry.key))] };
}
