import type { JsonSchema } from "../modules/schema.ts";

const say = (description: string, schema: JsonSchema): JsonSchema => ({ description, ...schema });
const text: JsonSchema = { type: "string" };
const name: JsonSchema = { type: "string", pattern: "^[A-Za-z_][A-Za-z0-9_]*$" };
const template: JsonSchema = { type: "string", pattern: "\\{\\{" };
const flag: JsonSchema = { anyOf: [{ type: "boolean" }, template] };
const number: JsonSchema = { anyOf: [{ type: "number", minimum: 0 }, template] };
const texts: JsonSchema = { anyOf: [text, { type: "array", items: text }] };
const share: JsonSchema = { anyOf: [{ type: "number", minimum: 0 }, { type: "string", pattern: "^\\d+(\\.\\d+)?%?$" }, template] };
const condition: JsonSchema = { type: ["string", "boolean"] };
const conditions: JsonSchema = { anyOf: [condition, { type: "array", items: condition }] };
const environment: JsonSchema = { anyOf: [{ type: "object", additionalProperties: { type: ["string", "number", "boolean"] } }, template] };
const tasks: JsonSchema = { $ref: "#/definitions/tasks" };
const file: JsonSchema = { anyOf: [text, { type: "object" }] };

/** Names to values. */
export const variables: JsonSchema = { type: ["object", "null"], propertyNames: { pattern: "^[A-Za-z_][A-Za-z0-9_]*$" } };

/** What plays, blocks and tasks have in common. */
const common: Readonly<Record<string, JsonSchema>> = {
  name: say("What it is for; shown while it runs.", text),
  vars: say("Variables, for this part only.", variables),
  tags: say("Names by which --tags and --skip-tags choose.", texts),
  become: say("Run as another user.", flag),
  become_user: say("The user to become; root if nothing is said.", text),
  become_method: say("How: sudo, su or doas.", text),
  become_flags: say("Options for the program that becomes the user.", text),
  become_exe: say("The program that becomes the user.", text),
  environment: say("Environment variables of what runs on the host.", environment),
  no_log: say("Show nothing of arguments and results.", flag),
  any_errors_fatal: say("One host that fails ends the play for all.", flag),
  ignore_errors: say("Go on after a failure.", flag),
  ignore_unreachable: say("Go on when a host cannot be reached.", flag),
  check_mode: say("Look only, or change even in check mode.", flag),
  diff: say("Show before and after of every change.", flag),
  connection: say("How to reach the host: ssh or local.", text),
  remote_user: say("The user to log in as.", text),
  port: say("The port of sshd.", number),
  module_defaults: say("Arguments for every task that names the module.", { type: "object" }),
  run_once: say("On one host, for all: once in the play, or once in each batch.", { anyOf: [flag, { const: "batch" }] }),
  throttle: say("So many hosts at a time.", number),
  timeout: say("Seconds after which it is stopped and has failed.", number),
  collections: say("Not needed: modules have plain names.", { type: "array" }),
  debugger: say("When to stop for a person.", text),
};

/** What the keys of a play hold. */
export const playSchemas: Readonly<Record<string, JsonSchema>> = {
  ...common,
  hosts: say("A host, a group, or a pattern of them.", texts),
  vars_files: say("Files with variables, beside the playbook.", { anyOf: [text, { type: "array", items: texts }] }),
  vars_prompt: say("Variables that are asked for.", { type: "array", items: { type: "object", required: ["name"] } }),
  gather_facts: say("Facts are gathered when a play names them.", flag),
  gather_subset: say("Which facts.", texts),
  gather_timeout: say("Seconds for the facts.", number),
  pre_tasks: say("What is done before the roles.", tasks),
  roles: say("Roles, in this order.", { type: "array", items: { anyOf: [text, { type: "object" }] } }),
  tasks: say("What is done, in this order.", tasks),
  post_tasks: say("What is done after the tasks.", tasks),
  handlers: say("What is done at the end when a task that changed something notifies it.", tasks),
  serial: say("So many hosts at a time, as a number or a part in percent; a list for one batch after the other.", { anyOf: [share, { type: "array", items: share }] }),
  max_fail_percentage: say("The play ends when more hosts than these have failed: of a batch, or of batch and play.", { anyOf: [share, { type: "object", properties: { batch: share, play: share }, additionalProperties: false }] }),
  force_handlers: say("Handlers run on hosts that have failed, too.", flag),
  strategy: say("How hosts go through the tasks.", { enum: ["linear", "host_pinned", "free"] }),
  order: say("The order of the hosts.", { enum: ["inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle"] }),
};

/** What the keys of a block hold. */
export const blockSchemas: Readonly<Record<string, JsonSchema>> = {
  ...common,
  block: say("Tasks that go together.", tasks),
  rescue: say("What is done when one of them has failed.", tasks),
  always: say("What is done afterwards in any case.", tasks),
  when: say("Conditions (CEL); all must hold, or each of its tasks is skipped.", conditions),
  rescue_unreachable: say("A host that was out of reach is rescued too.", { type: "boolean" }),
  notify: say("Handlers for whichever of its tasks changed something.", texts),
  delegate_to: say("Another host that it is done on.", text),
  delegate_facts: say("Facts are those of the other host.", flag),
};

const oldLoops = ["list", "together", "nested", "cartesian", "indexed_items", "flattened", "sequence", "subelements", "random_choice", "fileglob", "first_found", "file", "lines", "inventory_hostnames"];

/** What the keys of a task hold, beside the modules. */
export const taskSchemas: Readonly<Record<string, JsonSchema>> = {
  ...common,
  args: say("More arguments, when the module has its text on its own line.", { type: "object" }),
  when: say("Conditions (CEL); all must hold, or the task is skipped.", conditions),
  loop: say("A list: the task is done for each item, which is called item.", { anyOf: [{ type: "array" }, template] }),
  loop_control: say("What the item is called, and how it is shown.", {
    type: "object",
    properties: {
      loop_var: say("The name of the item.", name),
      index_var: say("The name of its number, from 0.", name),
      label: say("What is shown of it.", {}),
      pause: say("Seconds between two items.", number),
      extended: say("Also ansible_loop.", flag),
      extended_allitems: say("All items in ansible_loop.", flag),
      break_when: say("Conditions that end the loop.", conditions),
    },
    additionalProperties: false,
  }),
  ...Object.fromEntries(oldLoops.map((style) => [`with_${style}`, say("Ansible's older word for a loop.", {})])),
  with_items: say("An old word for loop.", { anyOf: [{ type: "array" }, template] }),
  with_dict: say("An old word for a loop over a mapping.", { anyOf: [{ type: "object" }, template] }),
  register: say("The variable that gets the result.", name),
  until: say("Conditions that end the tries.", conditions),
  retries: say("Tries after the first; 3 if nothing is said.", number),
  delay: say("Seconds between tries; 5 if nothing is said.", number),
  backoff: say("How the delay grows from try to try.", {}),
  changed_when: say("Conditions that decide whether it is changed.", conditions),
  failed_when: say("Conditions that decide whether it is failed.", conditions),
  notify: say("Handlers to run at the end of the play, by name, when it changed something.", texts),
  listen: say("Other names by which the handler is notified.", texts),
  delegate_to: say("Another host that it is done on.", text),
  delegate_facts: say("Facts are those of the other host.", flag),
  async: say("Seconds that it may take, detached.", number),
  poll: say("Seconds between two looks at it; 0 goes on at once.", number),
  import_tasks: say("The tasks of a file, read before the run.", file),
  include_tasks: say("The tasks of a file, read when they are reached.", file),
  import_role: say("The tasks of a role, read before the run.", { type: "object" }),
  include_role: say("The tasks of a role, read when they are reached.", { type: "object" }),
  include_vars: say("The variables of a file.", file),
  action: say("The module and its arguments on one line, as Ansible has it.", file),
  local_action: say("The same, done on the controller.", file),
  meta: say("What is done to the run itself.", { enum: ["flush_handlers", "end_host", "end_play", "end_batch", "clear_host_errors", "reset_connection", "refresh_inventory", "noop"] }),
};

/** Another playbook in the place of a play. */
export function importSchema(keys: readonly string[]): JsonSchema {
  const also = ["name", "vars", "tags", "when"].filter((key) => key === "when" || keys.includes(key));
  const words = { ...playSchemas, ...taskSchemas };
  return {
    type: "object",
    properties: { import_playbook: say("The playbook.", text), ...Object.fromEntries(also.map((key) => [key, words[key]!])) },
    additionalProperties: false,
  };
}
