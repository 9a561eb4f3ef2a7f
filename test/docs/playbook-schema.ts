import type { playKeys, taskKeys } from "../../src/compile/keys.ts";
import type { Registry } from "../../src/modules/contract.ts";
import { moduleSchema, type JsonSchema } from "../../src/modules/schema.ts";

/** The JSON Schema that editors use: what may stand where in a playbook, and what each module takes. */
export function playbookSchema(registry: Registry): JsonSchema {
  const names = [...registry.keys()].sort();
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A Bowline playbook",
    type: "array",
    items: { $ref: "#/$defs/play" },
    $defs: {
      play: mapping({ ...playProperties }, ["hosts"]),
      task: {
        ...mapping({ ...taskProperties, ...Object.fromEntries(names.map((name) => [name, ref(name)])) }),
        patternProperties: Object.fromEntries(names.map((name) => [`^[a-z0-9_]+\\.[a-z0-9_]+\\.${name}$`, ref(name)])),
      },
      ...Object.fromEntries(names.map((name) => [`module-${name}`, moduleSchema(registry.get(name)!)])),
    },
  };
}

const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/module-${name}` });
const say = (description: string, schema: JsonSchema): JsonSchema => ({ description, ...schema });
const text: JsonSchema = { type: "string" };
const template: JsonSchema = { type: "string", pattern: "\\{\\{" };
const flag: JsonSchema = { anyOf: [{ type: "boolean" }, template] };
const number: JsonSchema = { anyOf: [{ type: "number", minimum: 0 }, template] };
const texts: JsonSchema = { anyOf: [text, { type: "array", items: text }] };
const condition: JsonSchema = { type: ["string", "boolean"] };
const conditions: JsonSchema = { anyOf: [condition, { type: "array", items: condition }] };
const variables: JsonSchema = { type: ["object", "null"], propertyNames: { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" } };
const environment: JsonSchema = { anyOf: [{ type: "object", additionalProperties: { type: ["string", "number", "boolean"] } }, template] };
const tasks: JsonSchema = { type: ["array", "null"], items: { $ref: "#/$defs/task" } };

/** What plays and tasks have in common. */
const common = {
  name: say("What it is for; shown while it runs.", text),
  vars: say("Variables, for this part only.", variables),
  tags: say("Names by which --tags and --skip-tags choose.", texts),
  become: say("Run as another user, by sudo.", flag),
  become_user: say("The user to become; root if nothing is said.", text),
  environment: say("Environment variables of what runs on the host.", environment),
};

const playProperties: Readonly<Partial<Record<(typeof playKeys)[number], JsonSchema>>> = {
  ...common,
  hosts: say("A host, a group, or a pattern of them.", texts),
  vars_files: say("Files with variables, beside the playbook.", texts),
  gather_facts: say("Only false: facts are not gathered.", { const: false }),
  tasks: say("What is done, in this order.", tasks),
  handlers: say("What is done at the end when a task that changed something notifies it.", tasks),
};

const taskProperties: Readonly<Partial<Record<(typeof taskKeys)[number], JsonSchema>>> = {
  ...common,
  args: say("More arguments, when the module has its text on its own line.", { type: "object" }),
  when: say("Conditions (CEL); all must hold, or the task is skipped.", conditions),
  loop: say("A list: the task is done for each item, which is called item.", { anyOf: [{ type: "array" }, template] }),
  register: say("The variable that gets the result.", { type: "string", pattern: "^[A-Za-z_][A-Za-z0-9_]*$" }),
  until: say("Conditions that end the tries.", conditions),
  retries: say("Tries after the first; 3 if nothing is said.", number),
  delay: say("Seconds between tries; 5 if nothing is said.", number),
  changed_when: say("Conditions that decide whether it is changed.", conditions),
  failed_when: say("Conditions that decide whether it is failed.", conditions),
  ignore_errors: say("Go on after a failure.", flag),
  notify: say("Handlers to run at the end of the play, by name, when it changed something.", texts),
  no_log: say("Show nothing of its arguments and results.", { type: "boolean" }),
  timeout: say("Seconds after which it is stopped and has failed.", number),
};

function mapping(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[] = []): JsonSchema {
  return { type: "object", properties: { ...properties }, additionalProperties: false, ...(required.length > 0 ? { required: [...required] } : {}) };
}
