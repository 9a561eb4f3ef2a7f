import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { documentKeys } from "../../src/compile/keys.ts";
import { plainOf } from "../../src/core/node.ts";
import { playSchemas, taskSchemas } from "../../src/lint/schema-keys.ts";
import { schemas, type Keys, type SchemaName } from "../../src/lint/schema.ts";
import { parseYaml } from "../../src/load/yaml.ts";
import { registry } from "../../src/modules/registry.ts";

const project = join(import.meta.dirname, "../..");
const keys: Keys = documentKeys;
/** The language as it is to be: blocks, imports and all. */
const whole = { play: [...Object.keys(playSchemas), "import_playbook"], task: [...Object.keys(taskSchemas), "block", "rescue", "always"] };
const names = Object.keys(schemas) as SchemaName[];

/** Compiled once: that takes longer than all that is asked of them. */
const validators = new Map<string, ValidateFunction>();

function complaints(name: SchemaName, yaml: string, known: Keys = keys): string[] {
  const id = `${name} ${known === keys}`;
  const validate = validators.get(id) ?? new Ajv({ strict: false, validateFormats: false }).compile(schemas[name](registry, known));
  validators.set(id, validate);
  return validate(plainOf(parseYaml(yaml, "x.yml"))) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test.each(names)("%s is a JSON Schema of draft-07, with no word that draft-07 does not have", (name) => {
  const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, validateFormats: false });
  expect(() => ajv.compile(schemas[name](registry, whole))).not.toThrow();
  expect(schemas[name](registry, keys).$schema).toBe("http://json-schema.org/draft-07/schema#");
});

test("every key that the compiler knows has its words", () => {
  const special = ["import_playbook", "block", "rescue", "always", "rescue_unreachable"];
  expect([...documentKeys.play].filter((key) => !special.includes(key) && !Object.hasOwn(playSchemas, key))).toEqual([]);
  expect([...documentKeys.task].filter((key) => !special.includes(key) && !Object.hasOwn(taskSchemas, key) && !registry.has(key))).toEqual([]);
});

test.each(readdirSync(join(project, "playbooks")).filter((name) => name.endsWith(".yml")))("playbooks/%s is a playbook", (name) => {
  expect(complaints("playbook", readFileSync(join(project, "playbooks", name), "utf8"))).toEqual([]);
});

test("the inventory and the variables of this project are what they are", () => {
  expect(complaints("inventory", readFileSync(join(project, "inventory/hosts.yml"), "utf8"))).toEqual([]);
  expect(complaints("vars", readFileSync(join(project, "inventory/group_vars/registry.yml"), "utf8"))).toEqual([]);
});

test.each<[SchemaName, string]>([
  ["tasks", "- name: A\n  debug: {msg: a}\n"],
  ["tasks", "- command: uptime\n"],
  ["tasks", "- shell: |\n    uptime\n  args: {chdir: /}\n"],
  ["tasks", "- ansible.builtin.copy: {dest: /a, content: a}\n"],
  ["tasks", "- name: A\n  block:\n    - command: uptime\n  rescue:\n    - block: [{debug: {msg: a}}]\n  when: a\n"],
  ["tasks", "- include_tasks: a.yml\n  loop: [1]\n  loop_control: {loop_var: a}\n"],
  ["playbook", "- import_playbook: a.yml\n  when: a\n- hosts: all\n  serial: [1, 20%]\n  roles: [a, {role: b, tags: c}]\n  handlers:\n    - name: A\n      debug: {msg: a}\n      listen: b\n"],
  ["inventory", "all:\n  hosts:\n    a:\n    b: {ssh: {port: 22}, x: 1}\n  children:\n    c: {hosts: {'web[01:20]': }, vars: {ansible_user: a}}\n"],
  ["vars", "a: 1\nssh: {user: ops}\n"],
])("%s takes\n%s", (name, yaml) => {
  expect(complaints(name, yaml, whole)).toEqual([]);
});

test.each<[what: string, SchemaName, string]>([
  ["a task without a module", "tasks", "- name: A\n"],
  ["a task with two modules", "tasks", "- debug: {msg: a}\n  command: uptime\n"],
  ["a task with a module under both its names", "tasks", "- debug: {msg: a}\n  ansible.builtin.debug: {msg: a}\n"],
  ["an argument that is not one", "tasks", "- debug: {mgs: a}\n"],
  ["a key that is not one", "tasks", "- debug: {msg: a}\n  wehn: a\n"],
  ["a block without tasks", "tasks", "- rescue: []\n"],
  ["a module in a block's own keys", "tasks", "- block: []\n  debug: {msg: a}\n"],
  ["a mistake inside a block", "tasks", "- block:\n    - dbug: {msg: a}\n"],
  ["a wrong key of loop_control", "tasks", "- debug: {msg: a}\n  loop: [1]\n  loop_control: {loopvar: a}\n"],
  ["a play without hosts", "playbook", "- name: A\n  tasks: []\n"],
  ["a play in the place of a list of plays", "playbook", "hosts: all\n"],
  ["a mistake in a handler", "playbook", "- hosts: all\n  handlers: [{debug: {mgs: a}}]\n"],
  ["hosts beside import_playbook", "playbook", "- import_playbook: a.yml\n  hosts: all\n"],
  ["yes for a boolean", "playbook", "- hosts: all\n  become: yes\n"],
  ["hosts as a list", "inventory", "all:\n  hosts: [a]\n"],
  ["a variable beside vars", "inventory", "all:\n  x: 1\n"],
  ["a key of ssh that is none", "inventory", "all:\n  hosts:\n    a: {ssh: {prot: 22}}\n"],
  ["a name that is none", "vars", "web-port: 80\n"],
])("%s is refused by %s", (_what, name, yaml) => {
  expect(complaints(name, yaml, whole)).not.toEqual([]);
});
