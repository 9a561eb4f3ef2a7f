import type { MappingNode, SourceNode } from "../core/node.ts";
import type { Definition, Level } from "../core/scope.ts";
import { entryKeys } from "./keys.ts";
import type { Become, Inherited, Reach } from "./program.ts";
import { kindOf, Reader, type Problems } from "./shape.ts";

/** What a playbook starts with. */
export const noKeywords: Inherited = {
  when: [], tags: [], variables: [], environment: [], become: {}, reach: {}, notify: [], noLog: false, moduleDefaults: [],
};

/** The variables of a `vars:` mapping as definitions of one level. */
export function readVariables(reader: Reader, level: Level): Definition[] {
  return (reader.mapping("vars")?.entries ?? []).map((entry) => {
    reader.checkName(entry.key, entry.keyAt);
    return { name: entry.key, value: entry.value, level };
  });
}

/**
 * The keywords of a mapping over those that it inherits: conditions, tags, variables, environment and notifications
 * add up, the outermost first; of the others the innermost counts.
 */
export function readKeywords(reader: Reader, outer: Inherited, level: Level): Inherited {
  if (reader.hasOnly(isNoKeyword)) return outer;
  const { hide: _, ...rest } = outer;
  return {
    ...rest,
    ...nearest(reader),
    ...secrecy(reader, outer),
    when: [...outer.when, ...(reader.conditions("when") ?? [])],
    tags: [...new Set([...outer.tags, ...tagsOf(reader)])],
    variables: [...outer.variables, ...readVariables(reader, level)],
    environment: [...outer.environment, ...reader.mappings("environment")],
    become: { ...outer.become, ...readBecome(reader) },
    reach: { ...outer.reach, ...readReach(reader) },
    notify: [...outer.notify, ...reader.names("notify")],
    moduleDefaults: [...outer.moduleDefaults, ...defaultsOf(reader)],
  };
}

/** What most tasks have, and of which nothing is inherited: beside these, everything may be a keyword. */
const noKeyword: ReadonlySet<string> = new Set(["name", "args", "loop", "loop_control", "register", "until", "retries", "delay", "backoff", "changed_when", "failed_when", "listen"]);
const mayInherit: ReadonlySet<string> = new Set(entryKeys);

function isNoKeyword(key: string): boolean {
  return noKeyword.has(key) || !mayInherit.has(key);
}

export function tagsOf(reader: Reader): string[] {
  return reader.texts("tags", { commas: true }).map((tag) => tag.text);
}

/** Keywords of which the innermost counts: their key, their field, and what they must be. */
const simple = [
  ["ignore_errors", "ignoreErrors", "boolean"],
  ["ignore_unreachable", "ignoreUnreachable", "boolean"],
  ["any_errors_fatal", "anyErrorsFatal", "boolean"],
  ["check_mode", "checkMode", "boolean"],
  ["diff", "diff", "boolean"],
  ["throttle", "throttle", "number"],
  ["timeout", "timeout", "number"],
  ["delegate_facts", "delegateFacts", "boolean"],
] as const;

function nearest(reader: Reader): Partial<Inherited> {
  const found: Record<string, SourceNode> = {};
  for (const [key, field, type] of simple) {
    const node = reader.templated(key, type);
    if (node) found[field] = node;
  }
  const delegateTo = reader.word("delegate_to");
  const runOnce = reader.runOnce();
  return { ...found, ...(delegateTo ? { delegateTo } : {}), ...(runOnce ? { runOnce } : {}) };
}

/** A `no_log` further in overrules one further out, decided already or not. */
function secrecy(reader: Reader, { noLog, hide }: Inherited): Pick<Inherited, "noLog" | "hide"> {
  const node = reader.templated("no_log", "boolean");
  if (!node) return { noLog, ...(hide ? { hide } : {}) };
  return node.kind === "scalar" && typeof node.value === "boolean" ? { noLog: node.value } : { noLog: false, hide: node };
}

function readBecome(reader: Reader): Become {
  const become = reader.templated("become", "boolean");
  const user = reader.word("become_user");
  const method = reader.word("become_method");
  return { ...(become ? { become } : {}), ...(user ? { user } : {}), ...(method ? { method } : {}) };
}

function readReach(reader: Reader): Reach {
  const connection = reader.word("connection");
  const port = reader.templated("port", "number");
  const user = reader.word("remote_user");
  return { ...(connection ? { connection } : {}), ...(port ? { port } : {}), ...(user ? { user } : {}) };
}

function defaultsOf(reader: Reader): MappingNode[] {
  const node = reader.mapping("module_defaults");
  return node ? [node] : [];
}

/** The variables of a file, or of a mapping in one; an empty file has none. */
export function definitionsIn(node: SourceNode, level: Level, problems: Problems): Definition[] {
  if (node.kind === "scalar" && node.value === null) return [];
  if (node.kind !== "mapping") {
    problems.list.push({ code: "E_YAML", message: `variables must be a mapping, not ${kindOf(node)}`, at: node.at, expected: "name: value" });
    return [];
  }
  const reader = new Reader(node, problems);
  return node.entries.filter(({ key, keyAt }) => reader.checkName(key, keyAt)).map(({ key, value }) => ({ name: key, value, level }));
}
