import { BowlineError, type Problem } from "../../src/core/errors.ts";
import { nodeOf, type MappingNode, type SourceNode } from "../../src/core/node.ts";
import { Secret } from "../../src/core/secret.ts";
import * as arg from "../../src/modules/args.ts";
import { bindArgs, checkArgs } from "../../src/modules/bind.ts";
import { defineControl } from "../../src/modules/contract.ts";

const at = { file: "playbooks/x.yml", line: 12, column: 7 };

const sample = defineControl({
  name: "sample",
  summary: "Show what binding does.",
  args: {
    path: arg.absolutePath("Where it is."),
    state: arg.withDefault(arg.oneOf(["present", "absent"], "What should be."), "present"),
    port: arg.optional(arg.port("Where it listens.")),
    enabled: arg.optional(arg.boolean("Whether it runs.")),
    options: arg.optional(arg.listOf(arg.text("One option."), "How it is mounted.")),
    env: arg.optional(arg.textMap("Its environment.")),
    mode: arg.optional(arg.fileMode("Its mode.")),
    timeout: arg.optional(arg.seconds("How long to wait.")),
    name: arg.optional(arg.text("Its name.")),
    any: arg.optional(arg.anything("Any value.")),
    token: arg.optional(arg.secret("The password.")),
    src: arg.optional(arg.controllerFile("What is sent.")),
    template: arg.optional(arg.templateFile("What is rendered.")),
    that: arg.optional(arg.conditions("What holds.")),
    look: arg.optional(arg.expression("What is shown.")),
  },
  otherNames: { opts: "options" },
  rules: (args) => (args.state === "absent" && args.mode !== undefined ? ["mode says nothing about what is absent"] : []),
  examples: [],
  act: () => ({ changed: false }),
});

const free = defineControl({ name: "free", summary: "Take anything.", args: {}, freeKeys: true, examples: [], act: () => ({ changed: false }) });

const bind = (values: Record<string, unknown>) => bindArgs(sample, values, (key) => ({ ...at, column: 20 + key.length }), at);

function problemsOfBinding(values: Record<string, unknown>): readonly Problem[] {
  try {
    bind(values);
  } catch (error) {
    if (error instanceof BowlineError) return error.problems;
    throw error;
  }
  return [];
}

describe("bindArgs", () => {
  test("checks, converts and fills in defaults", () => {
    expect(bind({ path: "/srv//data/", port: "5000", enabled: "true", options: "ro", env: { A: 1, B: true }, mode: "755", timeout: "0.5" })).toEqual({
      path: "/srv/data",
      state: "present",
      port: 5000,
      enabled: true,
      options: ["ro"],
      env: { A: "1", B: "true" },
      mode: "0755",
      timeout: 0.5,
    });
  });

  test("a null leaves an optional argument out, and stays where null is a value", () => {
    expect(bind({ path: "/a", name: null, state: null, any: null })).toEqual({ path: "/a", state: "present", any: null });
  });

  test("a null is no value for a required argument", () => {
    expect(problemsOfBinding({ path: null })).toMatchObject([{ message: 'sample: "path" is missing' }]);
  });

  test("secrets stay secret where the type says so and become text elsewhere", () => {
    const bound = bind({ path: "/a", token: "hunter22", name: new Secret("hunter22") });
    expect(bound.token).toBeInstanceOf(Secret);
    expect(bound.token!.reveal()).toBe("hunter22");
    expect(bound.name).toBe("hunter22");
  });

  test("free keys reach the module as they are", () => {
    expect(bindArgs(free, { a: 1, b: { c: [null] } }, () => at, at)).toEqual({ a: 1, b: { c: [null] } });
  });

  test("an unknown argument names what there is, and what was meant", () => {
    expect(problemsOfBinding({ path: "/a", opts: "ro", stat: "present", zzz: 1 })).toMatchObject([
      { code: "E_ARGS", message: 'sample: "opts" is not an argument', at: { column: 24 }, hint: 'did you mean "options"?', expected: expect.stringContaining("one of path, state, port") },
      { message: 'sample: "stat" is not an argument', hint: 'did you mean "state"?' },
      { message: 'sample: "zzz" is not an argument' },
    ]);
    expect(problemsOfBinding({ path: "/a", zzz: 1 })[0]).not.toHaveProperty("hint");
  });

  test("everything that is wrong is said at once", () => {
    expect(problemsOfBinding({ stat: "x", port: 0, mode: 644 }).map((problem) => problem.message)).toEqual([
      'sample: "stat" is not an argument',
      'sample: "path" is missing',
      'sample: "port" must be at least 1',
      'sample: "mode" must be octal digits in quotes, like "0644"',
    ]);
  });

  test.each<[string, Record<string, unknown>, Partial<Problem>]>([
    ["a relative path", { path: "srv" }, { message: 'sample: "path" must be an absolute path', expected: "path: Where it is.", seen: '"srv"' }],
    ["a path that climbs", { path: "/srv/../etc" }, { message: 'sample: "path" must not contain ..' }],
    ["a near enum value", { path: "/a", state: "presnt" }, { message: 'sample: "state" must be one of present, absent', hint: 'did you mean "present"?' }],
    ["a port that is text", { path: "/a", port: "http" }, { message: 'sample: "port" must be a whole number', seen: '"http"' }],
    ["a port out of range", { path: "/a", port: 70000 }, { message: 'sample: "port" must be at most 65535', seen: "70000" }],
    ["a Norwegian boolean", { path: "/a", enabled: "no" }, { message: 'sample: "enabled" must be true or false', hint: "write false: YAML 1.2 takes no for text" }],
    ["a number for text", { path: "/a", name: 5 }, { message: 'sample: "name" must be text', seen: "5", hint: 'put it in quotes: "5"' }],
    ["empty text", { path: "/a", name: "" }, { message: 'sample: "name" must not be empty' }],
    ["a wrong item of a list", { path: "/a", options: ["ro", 5] }, { message: 'sample: "options[1]" must be text', seen: "5" }],
    ["a wrong value of a map", { path: "/a", env: { A: ["x"] } }, { message: 'sample: "env.A" must be text or a number or true or false', seen: '["x"]' }],
    ["a list for a map", { path: "/a", env: ["A=1"] }, { message: 'sample: "env" must be a mapping', seen: '["A=1"]' }],
    ["a broken rule", { path: "/a", state: "absent", mode: "0644" }, { message: "sample: mode says nothing about what is absent", at }],
    ["a secret of the wrong type", { path: "/a", token: 123456 }, { seen: "a secret" }],
    ["a long value", { path: "x".repeat(500) }, { seen: expect.stringMatching(/^"x{59}…$/) as unknown as string }],
  ])("%s", (_, values, problem) => {
    const problems = problemsOfBinding(values);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: "E_ARGS", ...problem });
  });
});

/** A mapping in which each key stands on its own line, its value at column 20, items of lists on the lines below. */
function written(values: Record<string, unknown>): MappingNode {
  const entries = Object.entries(values).map(([key, value], index) => {
    const line = 20 + 10 * index;
    const plain = nodeOf(value, { ...at, line, column: 20 });
    const placed: SourceNode = plain.kind === "sequence" ? { ...plain, items: plain.items.map((item, i) => ({ ...item, at: { ...at, line: line + 1 + i, column: 9 } })) } : plain;
    return { key, keyAt: { ...at, line, column: 9 }, value: placed };
  });
  return { kind: "mapping", entries, at };
}

const isTemplated = (node: SourceNode): boolean =>
  node.kind === "expression" || (node.kind === "scalar" && String(node.value).includes("{{")) || (node.kind === "sequence" && node.items.some(isTemplated));

describe("checkArgs", () => {
  const check = (values: Record<string, unknown>) => checkArgs(sample, written(values), isTemplated);

  test("accepts literals, templates, and what the engine resolves", () => {
    expect(
      check({ path: "/a", port: "{{ port }}", token: "abcd", src: "x.conf", template: "x.hbs", that: ["a == 1", true], look: "facts.os", any: null }),
    ).toEqual([]);
  });

  test("an unknown key is marked at the key, a missing one at the task, a wrong value at the value", () => {
    expect(check({ stat: "present", port: "http", options: ["ro", 5] })).toMatchObject([
      { message: 'sample: "stat" is not an argument', at: { line: 20, column: 9 } },
      { message: 'sample: "path" is missing', at },
      { message: 'sample: "port" must be a whole number', at: { line: 30, column: 20 } },
      { message: 'sample: "options[1]" must be text', at: { line: 42, column: 9 } },
    ]);
  });

  test.each<[string, unknown, string]>([
    ["src", ["a"], "must be the path of a file on the controller"],
    ["template", 5, "must be the path of a template on the controller"],
    ["that", [], "must not be empty"],
    ["that", { a: 1 }, "must be a condition or a list of conditions"],
    ["look", true, "must be the name of a variable or an expression"],
    ["token", ["x"], "must be text"],
    ["name", null, "has no value"],
  ])("%s: %j %s", (key, value, message) => {
    expect(check({ path: "/a", [key]: value })).toMatchObject([{ message: `sample: "${key}" ${message}` }]);
  });

  test("rules are checked when nothing is templated", () => {
    expect(check({ path: "/a", state: "absent", mode: "0644" })).toMatchObject([{ message: "sample: mode says nothing about what is absent", at }]);
    expect(check({ path: "{{ p }}", state: "absent", mode: "0644" })).toEqual([]);
  });
});
