import { join } from "node:path";
import type { Event } from "../../src/events/event.ts";
import { prepare, runProgram, type RunRequest } from "../../src/pipeline.ts";
import { alwaysThere } from "../../src/compile/names.ts";
import { removeTrees, tree } from "../load/_files.ts";
import { codes, page, section, table } from "./read.ts";

afterAll(removeTrees);

const variables = section(page("variables.md"), "Always there");
const always = table(variables, "| name | is |").flatMap(([cell]) => codes(cell!));
const sometimes = table(variables, "| name | is there | is |").flatMap(([cell]) => codes(cell!));

const settings = { journal: () => undefined, signal: new AbortController().signal, warnings: [], run: "20260101-000000-aaaa", bowline: "0.1.0" };

/** A place where all of them mean something: a loop in the rescue of a role that another role uses. */
function project(): string {
  const told = [...always, ...sometimes].filter((name) => name !== "omit");
  return tree({
    inventory: "a ansible_connection=local\n",
    "site.yml": "- hosts: all\n  roles: [outer]\n",
    "roles/outer/tasks/main.yml": "- import_role: {name: inner}\n",
    "roles/inner/tasks/main.yml": [
      "- block: [{fail: {msg: x}}]",
      "  rescue:",
      "    - debug:",
      "        msg:",
      ...told.map((name) => `          ${name}: !expr ${name}`),
      "      loop: [1]",
      "      loop_control: {index_var: index, extended: true}",
    ].join("\n"),
  });
}

async function run(dir: string) {
  // The lock of this machine belongs to whoever else runs here.
  process.env["BOWLINE_LOCK"] = join(dir, "lock");
  const request: RunRequest = { playbook: join(dir, "site.yml"), inventories: [join(dir, "inventory")], extraVars: [], tags: [], skipTags: [], limit: "a", mode: "run", diff: false, forks: 5, verbosity: 0, version: "0", rolesPath: [], ask: () => Promise.resolve("") };
  const events: Event[] = [];
  const prepared = await prepare(request);
  const { exitCode } = await runProgram(prepared, request, { ...settings, sinks: [(event) => void events.push(event)] });
  return { exitCode, events, program: prepared.program };
}

test("every variable that docs/variables.md promises is there, and every one that is there is promised", async () => {
  const { exitCode, events, program } = await run(project());
  const problems = events.flatMap((event) => (event.type === "host:end" && event.result.status === "failed" ? [event.result.problem] : []));
  expect(problems).toEqual([]);
  expect(exitCode).toBe(0);
  const host = program.hosts["a"]!.variables.filter(({ name, level }) => level === "magic" || name === "ansible_host");
  const roles = Object.values(program.plays[0]!.roles).flatMap((role) => role.parameters);
  const there = new Set([...program.variables, ...host, ...roles].map(({ name }) => name));
  expect([...new Set([...always, ...sometimes])].sort()).toEqual([...new Set([...there, ...alwaysThere])].sort());
});
