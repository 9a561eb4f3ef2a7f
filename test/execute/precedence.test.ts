import { levels, type Level } from "../../src/core/scope.ts";
import { said, trial } from "./kit.ts";

/** What stands between two levels here: the levels of a task's own includes and imports, which share a level with others. */
type Place = Level | "role keyword vars" | "block of the role" | "include";

/** Weakest first: everywhere that a variable can be defined for one task of a role. */
const order: readonly Place[] = [
  "role defaults", "inventory group", "group_vars/all of the inventory", "group_vars/all of the playbook", "group_vars of the inventory",
  "group_vars of the playbook", "inventory host", "host_vars of the inventory", "host_vars of the playbook", "play vars", "vars_prompt", "vars_files",
  "role vars", "role keyword vars", "block vars", "block of the role", "task vars", "include_vars", "set_fact and register", "role parameters",
  "include", "extra vars",
];

const inventoryLevels = order.slice(1, 9) as readonly Level[];

/** What a task of a role sees of `word` when it is defined in all of these places, each with the name of the place. */
async function seen(places: readonly Place[]): Promise<string> {
  const has = (place: Place) => places.includes(place);
  const when = (place: Place, text: string) => (has(place) ? text : "");
  const words = (place: Place) => (has(place) ? `{word: ${JSON.stringify(place)}}` : "{}");
  const task = `- include_tasks: shown.yml\n  vars: ${words("include")}\n`;
  const playbook = `- hosts: all
  vars: ${words("play vars")}
${when("vars_prompt", "  vars_prompt: [{name: word, default: vars_prompt}]\n")}${when("vars_files", "  vars_files: [files.yml]\n")}  tasks:
    - set_fact: ${has("set_fact and register") ? '{word: "set_fact and register"}' : "{unused: 1}"}
${when("include_vars", "    - include_vars: included.yml\n")}- hosts: all
  vars: ${words("play vars")}
${when("vars_prompt", "  vars_prompt: [{name: word, default: vars_prompt}]\n")}${when("vars_files", "  vars_files: [files.yml]\n")}  roles:
    - {role: r, vars: ${words("role keyword vars")}${when("role parameters", ', word: "role parameters"')}}
`;
  const project = {
    "files.yml": "word: vars_files\n",
    "included.yml": "word: include_vars\n",
    "roles/r/defaults/main.yml": `${when("role defaults", "word: role defaults\n")}unused: 1\n`,
    "roles/r/vars/main.yml": `${when("role vars", "word: role vars\n")}unused: 1\n`,
    "roles/r/tasks/main.yml": `- block:\n    - block: [{import_tasks: inner.yml}]\n      vars: ${words("block of the role")}\n  vars: ${words("block vars")}\n`,
    "roles/r/tasks/inner.yml": has("include") ? task : `- act: say {{ word }}\n  vars: ${words("task vars")}\n`,
    "roles/r/tasks/shown.yml": `- act: say {{ word }}\n  vars: ${words("task vars")}\n`,
  };
  const inventory = Object.fromEntries(inventoryLevels.filter(has).map((level) => [level, { word: level }]));
  const outcome = await trial(playbook, { project, levels: inventory, extraVars: has("extra vars") ? { word: "extra vars" } : {} });
  return said(outcome).at(-1)!;
}

test.each(order.map((place, index) => [place, order.slice(0, index + 1)] as const))("%s is stronger than all that is weaker", async (place, places) => {
  expect(await seen(places)).toBe(place);
});

test("every level that a playbook or an inventory can write to is in the table", () => {
  const named = new Set<string>(order);
  expect(levels.filter((level) => !named.has(level))).toEqual(["facts", "magic"]);
});

test.each([
  ["magic variables are what they are", "inventory_hostname", "a"],
  ["also role_name, against a parameter", "role_name", "r"],
])("%s", async (_, name, value) => {
  const project = { "roles/r/tasks/main.yml": `- act: say {{ ${name} }}\n`, "roles/r/defaults/main.yml": `${name}: other\n` };
  expect(said(await trial(`- hosts: all\n  vars: {${name}: other}\n  roles: [{role: r}]\n`, { project, extraVars: {} }))).toEqual([value]);
});

describe("within a level the nearest or the later one wins", () => {
  test.each<[string, string, Record<string, string>, string]>([
    ["a later file of vars_files", "  vars_files: [one.yml, two.yml]\n  tasks: [{act: 'say {{ word }}'}]\n", { "one.yml": "word: one\n", "two.yml": "word: two\n" }, "two"],
    ["the own role's vars, though another role comes later", "  roles: [one, two]\n", { "roles/one/vars/main.yml": "word: one\n", "roles/one/tasks/main.yml": "- act: say {{ word }}\n", "roles/two/vars/main.yml": "word: two\n", "roles/two/tasks/main.yml": "" }, "one"],
    ["for tasks of no role, the last role of the play", "  roles: [one, two]\n  tasks: [{act: 'say {{ word }}'}]\n", { "roles/one/vars/main.yml": "word: one\n", "roles/two/vars/main.yml": "word: two\n" }, "two"],
    ["the own role's defaults over those of what it depends on", "  roles: [one]\n", { "roles/one/defaults/main.yml": "word: one\n", "roles/one/meta/main.yml": "dependencies: [two]\n", "roles/one/tasks/main.yml": "- act: say {{ word }}\n", "roles/two/defaults/main.yml": "word: two\n" }, "one"],
    ["a dependency's own parameters over those of the role that depends on it", "  roles: [{role: one, word: outer}]\n", { "roles/one/meta/main.yml": "dependencies: [{role: two, word: inner}]\n", "roles/two/tasks/main.yml": "- act: say {{ word }}\n" }, "inner"],
    ["vars/main.yml is read from a directory in the order of its files", "  roles: [one]\n", { "roles/one/vars/main/b.yml": "word: b\n", "roles/one/vars/main/a.yml": "word: a\n", "roles/one/vars/main/README.md": "# no: [yaml", "roles/one/tasks/main.yml": "- act: say {{ word }}\n" }, "b"],
  ])("%s", async (_, keys, project, word) => {
    expect(said(await trial(`- hosts: all\n${keys}`, { project }))).toEqual([word]);
  });
});

test("a set_fact in one role is seen in the next one, over its defaults and vars, under its parameters", async () => {
  const project = {
    "roles/one/tasks/main.yml": "- set_fact: {x: set, y: set}\n",
    "roles/two/vars/main.yml": "x: vars\n",
    "roles/two/tasks/main.yml": "- act: say {{ x }} {{ y }}\n",
  };
  expect(said(await trial("- hosts: all\n  roles: [one, {role: two, y: parameter}]\n", { project }))).toEqual(["set parameter"]);
});
