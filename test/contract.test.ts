import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { documentKeys } from "../src/compile/keys.ts";
import { readTask } from "../src/compile/task.ts";
import { noKeywords } from "../src/compile/keywords.ts";
import { Problems } from "../src/compile/shape.ts";
import { BowlineError, type Problem } from "../src/core/errors.ts";
import { entryOf, isTemplated, plainOf, type MappingNode, type SourceNode } from "../src/core/node.ts";
import type { Script } from "../src/core/sh.ts";
import type { Step } from "../src/core/step.ts";
import { schemas } from "../src/lint/schema.ts";
import { parseYaml } from "../src/load/yaml.ts";
import { isRequired, resolvedKindOf } from "../src/modules/args.ts";
import { bindArgs } from "../src/modules/bind.ts";
import type { ArgsShape, Module, Resource } from "../src/modules/contract.ts";
import { registry } from "../src/modules/registry.ts";
import { generatedDocs } from "./docs/pages.ts";
import { boundExamples } from "./examples.ts";
import { syntaxErrors } from "./modules/_planner.ts";
import { shells } from "./modules/_shells.ts";
import { eachAlone, togetherOf } from "./modules/_together.ts";
import { quotesAround } from "./quotes.ts";

const project = join(import.meta.dirname, "..");
const modules = [...registry.values()];
const resources = modules.filter((module): module is Resource<never, never> => module.kind === "resource");
const named = (list: readonly Module[]) => list.map((module) => [module.name, module] as const);

/** A module is exported under its name; `package` alone cannot be, for it is a reserved word of the language. */
const exportOf: Readonly<Record<string, string>> = { package: "packageModule" };

describe("the registry", () => {
  const names = [...registry.keys()];

  test("is sorted, in its lines too", () => {
    expect(names).toEqual([...names].sort());
    const source = readFileSync(join(project, "src/modules/registry.ts"), "utf8");
    const imports = [...source.matchAll(/^import \{ (\w+) \} from "\.\/(\w+)\.ts";$/gm)];
    expect(imports.map(([, , file]) => file)).toEqual(names);
    expect(imports.map(([, exported]) => exported)).toEqual(names.map((name) => exportOf[name] ?? name));
  });

  test("holds every module of the folder, and nothing else", () => {
    const shared = ["args", "bind", "contract", "describe", "refuse", "registry", "schema"];
    const files = readdirSync(join(project, "src/modules")).map((file) => file.replace(/\.ts$/, "")).filter((name) => !name.startsWith("_"));
    expect(files.filter((name) => !shared.includes(name))).toEqual(names);
  });

  test.each(named(modules))("%s has a unit test of its own", (name) => {
    expect(existsSync(join(project, `test/modules/${name}.test.ts`))).toBe(true);
  });
});

describe.each(named(modules))("%s", (_, module) => {
  test("says what it does in one sentence", () => {
    expect(module.summary).toMatch(/^[A-Z][^.\n]+\.$/);
    expect(module.summary.length).toBeLessThan(120);
  });

  test("has words for every argument, and ends them as a sentence", () => {
    const wordless = Object.entries(module.args).filter(([, type]) => !/^[A-Z`][^]*[.…]$/.test(type.description ?? ""));
    expect(wordless.map(([name, type]) => `${name}: ${type.description}`)).toEqual([]);
  });

  test("leads with other names to arguments that it has", () => {
    const known = Object.keys(module.args);
    const astray = Object.entries(module.otherNames ?? {}).filter(([other, name]) => known.includes(other) || !known.includes(name));
    expect(astray).toEqual([]);
  });

  test("has examples, each with a title", () => {
    expect(module.examples.length).toBeGreaterThan(0);
    for (const { title } of module.examples) expect(title).toMatch(/^[A-Z][^.:]*[^.:]$/);
  });

  test.each(module.examples.map((example) => [example.title, example.yaml]))("the example %p is a task that compiles", (__, yaml) => {
    const { task, problems } = compiled(yaml);
    expect(problems).toEqual([]);
    expect(task?.module).toBe(module.name);
  });

  test("takes the arguments of its examples when they are rendered, and gives them back when they are bound again", () => {
    for (const { args } of boundExamples(module)) expect(bindArgs(module, args, () => at, at)).toEqual(args);
  });
});

const at = { file: "playbooks/x.yml", line: 1, column: 1 };

describe("bad arguments are refused before a host is touched, at their place", () => {
  const withArgs = modules.filter((module) => Object.keys(module.args).length > 0);
  const minimal = (module: Module) => argsNode(module.examples[0]!.yaml, module.name);

  test.each(named(withArgs))("%s: an argument that is not one", (name, module) => {
    const meant = Object.keys(module.args)[0]!;
    const { problems } = compiled(`name: x\n${name}:\n  ${meant}x: 1\n${linesOf(minimal(module), 2, [meant])}`);
    expect(problems).toContainEqual(expect.objectContaining({ code: "E_ARGS", message: `${name}: "${meant}x" is not an argument`, at: { file: "playbooks/x.yml", line: 3, column: 3 }, hint: `did you mean "${meant}"?` }));
  });

  const required = withArgs.flatMap((module) => Object.entries(module.args).filter(([, type]) => isRequired(type)).map(([key]) => [module.name, key] as const));
  test.each(required)("%s without %s", (name, key) => {
    const others = Object.keys(registry.get(name)!.args).filter((other) => other !== key);
    const { problems } = compiled(`name: x\n${name}:\n  ${others[0]}: "{{ anything }}"\n`);
    expect(problems).toContainEqual(expect.objectContaining({ code: "E_ARGS", message: `${name}: "${key}" is missing`, at: { file: "playbooks/x.yml", line: 3, column: 3 }, expected: expect.stringContaining(`${key}: `) }));
  });

  const typed = withArgs.flatMap((module) => Object.entries(module.args).flatMap(([key, type]) => wrongFor(type).map((wrong) => [module.name, key, wrong] as const)));
  test.each(typed)("%s: %s: %s", (name, key, wrong) => {
    const { problems } = compiled(`name: x\n${name}:\n  ${key}: ${wrong}\n`);
    expect(problems).toContainEqual(expect.objectContaining({ code: "E_ARGS", message: expect.stringMatching(new RegExp(`^${name}: "${key}[".[]`)), at: expect.objectContaining({ line: 3 }) }));
  });

  test("every argument but those that take anything has a wrong value here", () => {
    const open = withArgs.flatMap((module) => Object.entries(module.args).filter(([, type]) => wrongFor(type).length === 0).map(([key]) => `${module.name}.${key}`));
    expect(open).toEqual(["debug.msg", "http.body"]);
  });
});

/** Something that the type does not take, as YAML. */
function wrongFor(type: Module["args"][string]): string[] {
  if (resolvedKindOf(type) !== undefined) return ["{ a: [{}] }"];
  const candidates: [string, unknown][] = [["{ a: [{}] }", { a: [{}] }], ["[[[]]]", [[[]]]], ["true", true]];
  return candidates.filter(([, value]) => !type.safeParse(value).success).map(([yaml]) => yaml).slice(0, 1);
}

/** What stays when a playbook is brought down: other things may need it by then, or it was there before. */
const leftAloneByDown = ["apt", "blockinfile", "copy", "dnf", "file", "get_url", "group", "image", "lineinfile", "package", "replace", "template", "user", "yum"];

describe.each(named(resources))("%s, a resource", (name, untyped) => {
  const module = untyped as unknown as Resource<never, unknown>;

  const up = boundExamples(module).filter(({ args }) => args["state"] === wantedByDefault(module));

  test("is left alone by down, or has a state for it in which down changes nothing more", () => {
    expect(module.down === undefined).toBe(leftAloneByDown.includes(name));
    for (const { args } of module.down ? up : []) {
      const down = module.down!(args as never);
      expect(bindArgs(module, down, () => at, at)).toEqual(down);
      expect(module.down!(down)).toEqual(down);
      expect(down).not.toEqual(args);
    }
  });

  test("looks with a script that no argument can break out of", () => {
    for (const { args } of boundExamples(module)) {
      for (const key of Object.keys(args).filter((each) => typeof args[each] === "string")) {
        const { text } = module.observe({ ...args, [key]: `/${marker}'"$(x)\`y\`\n;z` } as never);
        expect({ key, quotes: new Set(quotesAround(marker, text)) }).toEqual({ key, quotes: new Set(text.includes(marker) ? ["'"] : []) });
      }
    }
  });
});

describe.each(named(resources.filter(({ together }) => together)))("%s among its like", (_, untyped) => {
  const module = untyped as unknown as Resource<never, unknown>;
  const { family, subject } = module.together!;
  const examples = boundExamples(module).filter(({ args }) => subject(args as never) !== undefined);

  test.each(shells)("is answered as alone, to the byte, under %s", (__, shell) => {
    expect(examples.length).toBeGreaterThan(0);
    const alone = eachAlone(shell, examples.map(({ args }) => module.observe(args as never)));
    expect(togetherOf(shell, family, examples.map(({ args }) => subject(args as never)))).toEqual(alone);
  });

  test("is looked at with a script that no argument can break out of", () => {
    for (const { args } of examples) {
      for (const key of Object.keys(args).filter((each) => typeof args[each] === "string")) {
        const { text } = family.script([subject({ ...args, [key]: `/${marker}'"$(x)\`y\`\n;z` } as never)], "m");
        expect({ key, quotes: new Set(quotesAround(marker, text)) }).toEqual({ key, quotes: new Set(text.includes(marker) ? ["'"] : []) });
      }
    }
  });
});

/** The value of `state` when a task does not say it. */
function wantedByDefault({ args }: { args: Module["args"] }): unknown {
  return args["state"]?.safeParse(undefined).data;
}

const marker = "k7Jw2";

describe("the scripts of the examples", () => {
  const scripts = modules.flatMap((module) => boundExamples(module).flatMap(({ title, args }) => scriptsOf(module, args).map((script) => [module.name, title, script] as const)));

  test("are all there to be judged", () => {
    expect(scripts.length).toBeGreaterThan(resources.length);
  });

  test.each(scripts)("of %s: %s: every shell can read them, and shellcheck sees no error", (_, __, script) => {
    expect(syntaxErrors([script])).toEqual([]);
    // "else if" on one line is how a module writes a chain that other scripts are spliced into.
    expect(spawnSync("shellcheck", ["--shell=sh", "--severity=error", "--exclude=SC1075", "-"], { input: script.text, encoding: "utf8" })).toMatchObject({ status: 0, stdout: "" });
  });
});

/** The looks of a resource, the probe and the steps of an action. */
function scriptsOf(module: Module, args: Readonly<Record<string, unknown>>): Script[] {
  if (module.kind === "control") return [];
  if (module.kind === "resource") return [module.observe(args), ...togetherScripts(module, args)];
  const steps = module.steps(args) as readonly Step[];
  return [...[module.probe?.(args)].filter((script) => script !== undefined), ...steps.flatMap((each) => (each.kind === "run" ? [each.script] : []))];
}

function togetherScripts({ together }: Resource<ArgsShape, unknown>, args: Readonly<Record<string, unknown>>): Script[] {
  const subject = together?.subject(args);
  return subject === undefined ? [] : [together!.family.script([subject, subject], "m")];
}

describe("docs/ that are made from code (npm run docs)", () => {
  const pages = generatedDocs(registry);

  test.each([...pages])("docs/%s is fresh", (path, text) => {
    expect(readFileSync(join(project, "docs", path), "utf8")).toBe(text);
  });

  test("there are no pages of modules that are gone", () => {
    expect(readdirSync(join(project, "docs/modules")).map((name) => `modules/${name}`).filter((path) => !pages.has(path))).toEqual([]);
  });
});

describe("the schema for editors", () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schemas.playbook(registry, documentKeys));
  const complaints = (playbook: unknown) => (validate(playbook) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`));
  const play = (task: unknown) => [{ hosts: "all", tasks: [task] }];

  test.each(modules.flatMap((module) => module.examples.map((example) => [module.name, example.title, example.yaml] as const)))("takes the example of %s: %s", (_, __, yaml) => {
    expect(complaints(play(plainOf(parseYaml(yaml, "x.yml"))))).toEqual([]);
  });

  test.each(readdirSync(join(project, "playbooks")).filter((name) => name.endsWith(".yml")))("takes playbooks/%s", (name) => {
    const path = join(project, "playbooks", name);
    expect(complaints(plainOf(parseYaml(readFileSync(path, "utf8"), path)))).toEqual([]);
  });

  test.each<[string, unknown]>([
    ["an unknown key of a task", play({ nmae: "x", debug: null })],
    ["an unknown argument", play({ copy: { dst: "/a", content: "a" } })],
    ["a missing argument", play({ directory: { mode: "0755" } })],
    ["a value that is none of those", play({ directory: { path: "/a", state: "there" } })],
    ["a mode without quotes", play({ directory: { path: "/a", mode: 755 } })],
    ["a relative path", play({ directory: { path: "a" } })],
    ["a wrong type below a module of Ansible's name", play({ "ansible.builtin.command": { argv: { a: 1 } } })],
    ["a play without hosts", [{ tasks: [] }]],
  ])("marks %s", (_, playbook) => {
    expect(complaints(playbook)).not.toEqual([]);
  });

  test.each<[string, unknown]>([
    ["templates for anything", play({ wait_for: { port: "{{ p }}", state: "{{ s }}", timeout: "{{ t }}" }, when: true, loop: "{{ l }}" })],
    ["other spellings", play({ copy: { dest: "/a", content: "", owner: 0 } })],
    ["one value for a list", play({ http: { url: "http://a", status_code: 204 } })],
    ["a text for the arguments", play({ "ansible.builtin.command": "uptime" })],
  ])("takes %s", (_, playbook) => {
    expect(complaints(playbook)).toEqual([]);
  });
});

function compiled(yaml: string): { task: ReturnType<typeof taskOf>; problems: readonly Problem[] } {
  const problems = new Problems();
  try {
    const task = taskOf(parseYaml(yaml, "playbooks/x.yml"), problems);
    return { task, problems: problems.list };
  } catch (error) {
    if (error instanceof BowlineError) return { task: undefined, problems: error.problems };
    throw error;
  }
}

function taskOf(node: SourceNode, problems: Problems) {
  return node.kind === "mapping" ? readTask(node, noKeywords, { registry, problems })?.task : undefined;
}

function argsNode(yaml: string, name: string): MappingNode | undefined {
  const value = entryOf(parseYaml(yaml, "x.yml") as MappingNode, name)?.value;
  return value?.kind === "mapping" ? value : undefined;
}

/** The entries of a mapping as lines of YAML, without some of them. */
function linesOf(node: MappingNode | undefined, indent: number, without: readonly string[]): string {
  const lines = (node?.entries ?? []).filter((entry) => !without.includes(entry.key)).map((entry) => `${" ".repeat(indent)}${entry.key}: ${JSON.stringify(plainOf(entry.value satisfies SourceNode))}`);
  return lines.length > 0 ? `${lines.join("\n")}\n` : "";
}

test("templates are told from values", () => {
  expect(isTemplated(parseYaml('a: "{{ b }}"', "x.yml"))).toBe(true);
});
