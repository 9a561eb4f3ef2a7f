import { entryOf, type MappingEntry, type MappingNode, type SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition, Level } from "../core/scope.ts";
import { checkArgs } from "../modules/bind.ts";
import type { Module, Registry } from "../modules/contract.ts";
import { laterTaskKeys, taskKeys } from "./keys.ts";
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
  if (!call) return undefined;
  const args = argsOf(call.entry, call.module, reader, problems);
  problems.list.push(...checkArgs(call.module, args, isTemplated));
  const name = reader.text("name") ?? call.module.name;
  return { name, at: node.at, module: call.module.name, moduleAt: call.entry.keyAt, args, ...commonParts(reader, playTags), ...outcomeParts(reader) };
}

/** The variables of a `vars:` mapping as definitions of one level. */
export function readVariables(node: MappingNode | undefined, level: Level): Definition[] {
  return (node?.entries ?? []).map((entry) => ({ name: entry.key, value: entry.value, level }));
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
    variables: readVariables(reader.mapping("vars"), "task vars"),
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
    if (entry && !reader.entry("until")) problems.add(entry.keyAt, `"${key}" without "until" does nothing`, { hint: "add until: with the condition that ends the tries" });
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
  if (call) checkKeys({ ...node, entries: others }, [...keys, ...registry.keys()], { what: "a task", later: laterTaskKeys }, problems);
  else reportNoModule(node, others, registry, problems);
  return call;
}

function reportNoModule(node: MappingNode, others: readonly MappingEntry[], registry: Registry, problems: Problems): void {
  const later = others.filter((entry) => laterTaskKeys[entry.key] !== undefined);
  for (const entry of later) problems.add(entry.keyAt, `"${entry.key}" is not supported yet`, { hint: laterTaskKeys[entry.key]! });
  const unknown = others.filter((entry) => !later.includes(entry));
  for (const entry of unknown) {
    const hint = hintOf(plainName(entry.key), [...registry.keys(), ...taskKeys]);
    problems.list.push({ code: "E_MODULE", message: `there is no module "${entry.key}"`, at: entry.keyAt, ...hint });
  }
  if (others.length === 0) problems.add(node.at, "this task names no module", { hint: "add one, for example: debug: { msg: … }" });
}

/** Playbooks written for Ansible name modules with their collection: `ansible.builtin.copy`. */
function plainName(key: string): string {
  return /^[a-z0-9_]+\.[a-z0-9_]+\.[a-z0-9_]+$/.test(key) ? key.slice(key.lastIndexOf(".") + 1) : key;
}

/** The arguments as a mapping: a plain string is the free form, and `args:` adds to it. */
function argsOf(entry: MappingEntry, module: Module, reader: Reader, problems: Problems): MappingNode {
  const { value } = entry;
  const extra = reader.mapping("args")?.entries ?? [];
  if (value.kind === "mapping") return { ...value, entries: [...value.entries, ...extra] };
  if (value.kind === "scalar" && value.value === null) return { kind: "mapping", entries: extra, at: entry.keyAt };
  if (value.kind === "scalar" && module.freeForm !== undefined) {
    const free: MappingEntry = { key: module.freeForm, keyAt: entry.keyAt, value: { ...value, value: String(value.value) } };
    return { kind: "mapping", entries: [free, ...extra], at: value.at };
  }
  problems.add(value.at, `${module.name} takes its arguments as a mapping, not ${kindOf(value)}`, { expected: `one of ${Object.keys(module.args).join(", ")}` });
  return { kind: "mapping", entries: extra, at: value.at };
}

/** For checks that need one argument of a task as it was written. */
export function argument(task: Pick<Task, "args">, key: string): SourceNode | undefined {
  return entryOf(task.args, key)?.value;
}
