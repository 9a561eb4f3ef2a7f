import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chdir, cwd } from "node:process";
import { Command } from "commander";
import { completions, valueKinds, type Names } from "../../src/cli/complete.ts";
import { removeTrees, tree } from "../load/_files.ts";
import { type } from "./_cli.ts";

const project = join(import.meta.dirname, "../..");
const before = cwd();
let dir = "";

beforeAll(() => {
  dir = tree({ "inventory/hosts.ini": "[web]\nw1\nw2\n[db]\nd1\n", "other.ini": "[far]\nf1\n", "site.yml": "[]\n", "side dish.yml": "[]\n", "bin/x": "" });
  writeFileSync(join(dir, "bin/bowline"), `#!/bin/sh\nexec ${join(project, "node_modules/.bin/tsx")} ${join(project, "src/main.ts")} "$@"\n`);
  chmodSync(join(dir, "bin/bowline"), 0o755);
  chdir(dir);
});

afterAll(() => {
  chdir(before);
  removeTrees();
});

/** What `bowline complete` says for the words of a line; the last one is completed. */
async function words(line: string): Promise<string[]> {
  const { stdout } = await type(["complete", "--", ...line.split(" ")]);
  return stdout.split("\n").filter(Boolean).map((each) => each.split("\t")[0]!);
}

test.each<[line: string, expected: string[]]>([
  ["ru", ["run", "runs"]],
  ["complet", ["completion"]],
  ["runs ", ["list", "show"]],
  ["run --li", ["--limit", "--list-hosts", "--list-tasks", "--list-tags"]],
  ["run ", [":files"]],
  ["run site.yml -i ", [":files"]],
  ["run site.yml --limit ", ["all", "ungrouped", "web", "db", "w1", "w2", "d1"]],
  ["run site.yml --limit w", ["web", "w1", "w2"]],
  ["run site.yml -l web,d", ["web,db", "web,d1"]],
  ["run site.yml --limit=w1,d", ["--limit=w1,db", "--limit=w1,d1"]],
  ["run site.yml --limit = d", ["db", "d1"]],
  ["run site.yml -i other.ini -l f", ["far", "f1"]],
  ["run site.yml -i nowhere -l ", []],
  ["run -i run --li", ["--limit", "--list-hosts", "--list-tasks", "--list-tags"]],
  ["inventory --host w", ["w1", "w2"]],
  ["doc dir", ["directory"]],
  ["schema ", ["playbook", "tasks", "inventory", "vars"]],
  ["lint --format s", ["sarif"]],
  ["lint site.yml ", [":files"]],
  ["run site.yml --forks ", []],
  ["run site.yml another", []],
])("%s", async (line, expected) => {
  expect(await words(line)).toEqual(expected);
});

test("every option and argument that takes a value is one whose values are known", async () => {
  const asked = await everyValue();
  expect(asked.size).toBeGreaterThan(10);
  expect([...asked].filter((name) => !Object.hasOwn(valueKinds, name))).toEqual([]);
  expect(Object.keys(valueKinds).filter((name) => !asked.has(name))).toEqual([]);
});

/** The names of all values that have no choices, found by walking the help of every command. */
async function everyValue(): Promise<Set<string>> {
  const found = new Set<string>();
  const walk = async (path: string): Promise<void> => {
    const { stdout } = await type(`${path} --help`);
    for (const [, long] of stdout.matchAll(/^ +(?:-\w, )?(--[\w-]+) <[^\n]*/gm)) found.add(long!.slice(2).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()));
    for (const [, name] of stdout.split("\n")[0]!.matchAll(/[<[](\w+)(?:\.\.\.)?[>\]]/g)) found.add(name!);
    for (const name of (await words(`${path} `.trimStart())).filter((each) => /^[a-z]+$/.test(each) && path.split(" ").length < 2 && !["playbook", "tasks", "vars", "bash", "zsh", "fish"].includes(each))) {
      if (stdout.includes(`\n  ${name} `)) await walk(`${path} ${name}`.trim());
    }
  };
  await walk("");
  for (const name of ["options", "command", "what", "shell", "format"]) found.delete(name);
  return found;
}

test("a command that is added is completed without another word", async () => {
  const program = new Command("bowline");
  program.command("sing [song]").description("sings").option("--loud", "for all").option("--with <who>", "who sings too");
  const none: Names = { hosts: () => Promise.resolve([]), patterns: () => Promise.resolve([]), modules: () => Promise.resolve([]), runs: () => Promise.resolve([]) };
  const of = async (...typed: string[]) => (await completions(program, typed, none)).map(({ word }) => word);
  expect(await of("s")).toEqual(["sing"]);
  expect(await of("sing", "--")).toEqual(["--loud", "--with", "--help"]);
  expect(await of("sing", "--with", "")).toEqual([]);
});

describe("in a real bash", () => {
  /** The words that Tab offers at the end of a line. */
  function tab(line: string): string[] {
    const typed = line.split(" ").map((word) => `'${word}'`);
    const script = `source <(bowline completion bash)\nCOMP_WORDS=(${typed.join(" ")})\nCOMP_CWORD=${typed.length - 1}\n_bowline\nprintf '%s\\n' "\${COMPREPLY[@]}"\ncomplete -p bowline run >&2`;
    return execFileSync("bash", ["--norc", "-c", script], { cwd: dir, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, PATH: `${join(dir, "bin")}:${process.env["PATH"]}` } }).split("\n").filter(Boolean);
  }

  test.each<[line: string, expected: string[]]>([
    ["bowline sta", ["status"]],
    ["bowline run site.yml --limit w", ["web", "w1", "w2"]],
    ["bowline run s", ["site.yml", "side dish.yml"]],
    ["run site.yml -l d", ["db", "d1"]],
  ])("%s", (line, expected) => {
    expect(tab(line).sort()).toEqual([...expected].sort());
  });

  test.each(["bash", "zsh", "fish"])("the script for %s names the command", async (shell) => {
    const { code, stdout } = await type(`completion ${shell}`);
    expect({ code, asks: stdout.includes("bowline complete -- ") }).toEqual({ code: 0, asks: true });
  });
});
