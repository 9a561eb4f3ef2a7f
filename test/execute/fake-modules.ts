import type { Secret } from "../../src/core/secret.ts";
import { sh, verbatim } from "../../src/core/sh.ts";
import { run, type Answer, type Step } from "../../src/core/step.ts";
import { anyText, boolean, integer, oneOf, optional, secret, text, withDefault } from "../../src/modules/args.ts";
import { assert } from "../../src/modules/assert.ts";
import { defineAction, defineResource, type Change, type Module, type Registry } from "../../src/modules/contract.ts";
import { debug } from "../../src/modules/debug.ts";
import { fail } from "../../src/modules/fail.ts";
import { import_role } from "../../src/modules/import_role.ts";
import { import_tasks } from "../../src/modules/import_tasks.ts";
import { include_role } from "../../src/modules/include_role.ts";
import { include_tasks } from "../../src/modules/include_tasks.ts";
import { include_vars } from "../../src/modules/include_vars.ts";
import { meta } from "../../src/modules/meta.ts";
import { pause } from "../../src/modules/pause.ts";
import { refuse } from "../../src/modules/refuse.ts";
import { set_fact } from "../../src/modules/set_fact.ts";
import { validate_argument_spec } from "../../src/modules/validate_argument_spec.ts";

/** A thing on a host that has a value, and many ways to be made so. */
const thing = defineResource({
  name: "thing",
  summary: "A thing has a value.",
  args: {
    name: text("Which."),
    value: withDefault(anyText("What it is to be."), "up"),
    how: withDefault(oneOf(["put", "lie", "fail", "half", "refuse", "talk", "talk-fail", "lose", "hang", "whisper", "spoil"], "The way to make it so."), "put"),
    password: optional(secret("What whisper says.")),
  },
  examples: [],
  observe: (args) => sh`see ${args.name}`,
  parse: (answer) => ({ value: answer.stdout }),
  plan: (args, seen) => {
    if (seen.value === "spoilt") refuse(`${args.name} is spoilt`);
    return seen.value === args.value ? [] : changesOf(args, seen.value);
  },
  down: (args) => ({ ...args, value: "" }),
  result: (args, seen) => ({ value: seen.value, wanted: args.value }),
});

function changesOf(args: { name: string; value: string; how: string; password?: Secret | undefined }, before: string): Change[] {
  const { name, value, how, password = "" } = args;
  if (how === "refuse") refuse(`${name} must stay ${before}`, { hint: "leave it" });
  const title = `make ${name} ${value}`;
  const put = run(sh`put ${name} ${value}`, { title: `put ${name}` });
  const undo = [run(sh`put ${name} ${before}`, { title: `put ${name} back` })];
  const change = (steps: Change["steps"]): Change => ({ title, before, after: value, steps, undo });
  const broken = run(sh`fail 3 ${`no ${name} today`}`, { title: `try ${name}` });
  switch (how) {
    case "lie":
      return [change([run(sh`lie ${name} ${value}`)])];
    case "fail":
      return [change([broken])];
    case "half":
      return [change([put]), { ...change([broken]), title: `break ${name}` }, { ...change([put]), title: `never ${name}` }];
    case "talk":
      return [{ ...change(talk(put)), remark: (answers) => answers.at(-1)?.stdout.trim() }];
    case "talk-fail":
      return [change(talk(broken))];
    case "lose":
      return [change([run(verbatim("lose"))])];
    case "spoil":
      return [change([run(sh`put ${name} spoilt`)])];
    case "whisper":
      return [change([run(sh`say ${password}`), put])];
    case "hang":
      return [change([run(verbatim("hang"), { title: `wait for ${name}` })])];
    default:
      return [change([put])];
  }
}

/** Says, then does what it heard; cleans up whatever happens. */
function talk(step: Step): () => Generator<Step, void, Answer> {
  return function* () {
    try {
      const heard = yield run(sh`say ready`);
      if (heard.stdout.trim() === "ready") yield step;
    } finally {
      yield run(sh`say cleaned`);
    }
  };
}

const act = defineAction({
  name: "act",
  summary: "Runs a line.",
  args: {
    line: text("The line."),
    creates: optional(text("A thing whose being there makes it needless.")),
    read_only: withDefault(boolean("It only looks."), false),
  },
  freeForm: "line",
  examples: [],
  readOnly: (args) => args.read_only,
  probe: (args) => (args.creates === undefined ? undefined : verbatim(args.creates)),
  steps: (args) => [run(verbatim(args.line))],
  outcome: (args, answers) => {
    const { code = 1, stdout = "" } = answers.at(-1) ?? {};
    const data = { rc: code, stdout: stdout.trim(), stdout_lines: stdout.trim().split("\n") };
    return code === 0 ? { changed: !args.read_only, data } : { changed: !args.read_only, failed: `exit code ${code}`, data };
  },
});

const broken = defineResource({
  name: "broken",
  summary: "A module with a bug.",
  args: { where: oneOf(["observe", "parse", "plan", "steps"], "Where the bug is.") },
  examples: [],
  observe: (args) => (args.where === "observe" ? bug() : sh`see bug`),
  parse: (_, args) => (args.where === "parse" ? bug() : {}),
  plan: (args) => (args.where === "plan" ? bug() : [{ title: "stumble", steps: () => bug(), undo: [] }]),
});

function bug(): never {
  throw new TypeError("undefined is not a function");
}

const worn = defineResource({
  name: "worn",
  summary: "A thing that wears out once it is there, which is said and no more.",
  args: { name: text("Which.") },
  examples: [],
  observe: (args) => sh`see ${args.name}`,
  parse: (answer) => ({ value: answer.stdout }),
  plan: (args, seen): Change[] => (seen.value === "" ? [{ title: `make ${args.name}`, steps: [run(sh`put ${args.name} worn`)], undo: [] }] : []),
  state: (args, seen) => ({ state: seen.value === "" ? "down" : seen.value === "worn" ? "warn" : "up", label: args.name, remarks: [`it is ${seen.value}`] }),
});

const sticky = defineResource({
  name: "sticky",
  summary: "A thing that cannot be looked at.",
  args: { how: withDefault(oneOf(["hang", "lose"], "What becomes of the look."), "hang") },
  examples: [],
  observe: (args) => verbatim(args.how),
  parse: () => ({}),
  plan: () => [],
});

/** Looked at together with its like: `stuck` holds all of them up, `odd` is not answered among others. */
const kin = defineResource({
  name: "kin",
  summary: "A thing of a family.",
  args: { name: text("Which."), value: withDefault(anyText("What it is to be."), "up"), single: withDefault(boolean("It is better looked at alone."), false) },
  examples: [],
  observe: (args) => (args.name === "stuck" ? sh`hang` : args.name === "lost" ? sh`lose` : sh`see ${args.name}`),
  together: {
    family: {
      name: "kin",
      script: (names) => sh`sees ${names as string[]}`,
      answers: ({ stdout }, count) => {
        const values = stdout.split(" ");
        return values.length === count ? values.map((value) => (value === "?" ? undefined : { code: 0, stdout: value, stderr: "" })) : [];
      },
    },
    subject: (args) => (args.single ? undefined : args.name),
  },
  parse: (answer) => ({ value: answer.stdout }),
  plan: (args, seen): Change[] => (seen.value === args.value ? [] : [{ title: `make ${args.name} ${args.value}`, steps: [run(sh`put ${args.name} ${args.value}`)], undo: [] }]),
});

const reconnects = defineAction({
  name: "reconnects",
  summary: "Drops the connection and takes another one.",
  args: { timeout: withDefault(integer("Seconds."), 1) },
  examples: [],
  steps: (args) => [{ kind: "reconnect", timeout: args.timeout }],
  outcome: () => ({ changed: true }),
});

/** What steers plays and brings tasks and variables in. */
const language = [meta, include_tasks, include_role, include_vars, import_tasks, import_role, validate_argument_spec];

const modules = [thing, act, broken, worn, sticky, kin, reconnects, debug, set_fact, assert, fail, pause, ...language] as unknown as readonly Module[];

export const testRegistry: Registry = new Map(modules.map((module) => [module.name, module]));
