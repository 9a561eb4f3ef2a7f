import { sshSettings } from "../core/ssh-settings.ts";
import type { Registry } from "../modules/contract.ts";
import { moduleSchema, type JsonSchema } from "../modules/schema.ts";
import { blockSchemas, importSchema, playSchemas, taskSchemas, variables } from "./schema-keys.ts";

/** The keys that the compiler knows. */
export interface Keys {
  readonly play: readonly string[];
  readonly task: readonly string[];
}

/** JSON Schemas, draft-07, which the YAML language server reads best: what may stand where, with words for it. */
export const schemas = {
  playbook: (registry: Registry, keys: Keys): JsonSchema => ({
    ...head("A Bowline playbook"),
    type: "array",
    items: keys.play.includes("import_playbook") ? choice("import_playbook", importSchema(keys.play), ref("play")) : ref("play"),
    definitions: { play: mapping(chosen(playSchemas, keys.play), ["hosts"]), ...taskDefinitions(registry, keys) },
  }),
  tasks: (registry: Registry, keys: Keys): JsonSchema => ({ ...head("Tasks or handlers of Bowline"), ...ref("tasks"), definitions: taskDefinitions(registry, keys) }),
  inventory: (): JsonSchema => ({
    ...head("A Bowline inventory"),
    type: ["object", "null"],
    additionalProperties: ref("group"),
    definitions: { group, host: { ...variablesWithSsh, description: "A host, or a range of them: web[01:20]." }, vars: variablesWithSsh },
  }),
  vars: (): JsonSchema => ({ ...head("Variables of Bowline"), ...variablesWithSsh }),
} as const;

export type SchemaName = keyof typeof schemas;

function head(title: string): JsonSchema {
  return { $schema: "http://json-schema.org/draft-07/schema#", title };
}

function ref(name: string): JsonSchema {
  return { $ref: `#/definitions/${name}` };
}

function mapping(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[] = []): JsonSchema {
  return { type: "object", properties: { ...properties }, additionalProperties: false, ...(required.length > 0 ? { required: [...required] } : {}) };
}

/** One of two forms by a key that only the first one has: an error then speaks of the form that was meant. */
function choice(key: string, form: JsonSchema, other: JsonSchema): JsonSchema {
  return { if: { type: "object", required: [key] }, then: form, else: other };
}

/** Of a table of words, those that the compiler knows; a key without words may hold anything. */
function chosen(words: Readonly<Record<string, JsonSchema>>, keys: readonly string[]): Record<string, JsonSchema> {
  return Object.fromEntries(keys.map((key) => [key, words[key] ?? {}]));
}

function taskDefinitions(registry: Registry, keys: Keys): Record<string, JsonSchema> {
  const names = [...registry.keys()].sort();
  const hasBlocks = ["block", "rescue", "always"].some((key) => keys.task.includes(key));
  const blockKeys = keys.task.filter((key) => Object.hasOwn(blockSchemas, key));
  return {
    tasks: { type: ["array", "null"], items: hasBlocks ? choice("block", ref("block"), ref("task")) : ref("task") },
    task: taskSchema(names, keys.task),
    ...(hasBlocks ? { block: mapping(chosen(blockSchemas, blockKeys), ["block"]) } : {}),
    ...Object.fromEntries(names.map((name) => [`module-${name}`, moduleSchema(registry.get(name)!)])),
  };
}

/** Keys that are a task's work in the place of a module. */
const workKeys = ["import_tasks", "include_tasks", "import_role", "include_role", "include_vars", "meta", "action", "local_action"];

/** A task names one module, by its plain name or with a collection before it. */
function taskSchema(names: readonly string[], keys: readonly string[]): JsonSchema {
  const own = keys.filter((key) => !["block", "rescue", "always"].includes(key) && !names.includes(key));
  const withCollection = "^[a-z0-9_]+\\.[a-z0-9_]+\\.";
  return {
    ...mapping({ ...chosen(taskSchemas, own), ...Object.fromEntries(names.map((name) => [name, ref(`module-${name}`)])) }),
    patternProperties: Object.fromEntries(names.map((name) => [`${withCollection}${name}$`, ref(`module-${name}`)])),
    oneOf: [
      ...[...names, ...workKeys.filter((key) => own.includes(key))].map((name): JsonSchema => ({ required: [name] })),
      // A name that is not unlike the pattern is there: draft-07 has no other way to say so.
      { not: { propertyNames: { not: { pattern: withCollection } } } },
    ],
  };
}

/** `ssh:` in the words of ssh_config, and Ansible's names for the same. */
const variablesWithSsh: JsonSchema = {
  ...variables,
  properties: {
    ssh: { description: "How to log in, in ssh_config's words.", ...mapping(Object.fromEntries(Object.keys(sshSettings).map((key) => [key, {}]))) },
    ...Object.fromEntries(Object.entries(sshSettings).flatMap(([key, names]) => names.map((name) => [name, { description: `ssh: { ${key}: … }` }]))),
  },
};

const group: JsonSchema = {
  type: ["object", "null"],
  description: "A group.",
  properties: {
    hosts: { description: "Its hosts.", type: ["object", "null"], additionalProperties: ref("host") },
    vars: { description: "The variables of its hosts.", ...ref("vars") },
    children: { description: "The groups in it.", type: ["object", "null"], additionalProperties: ref("group") },
  },
  additionalProperties: false,
};
