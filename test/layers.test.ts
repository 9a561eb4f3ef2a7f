import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, posix } from "node:path";
import { parseSources, readSources, type Import, type SourceFile } from "./source-graph.ts";

/**
 * Who may import whom; docs/architecture.md shows the same table. A folder stands for all of its files, `type` for their types only.
 * What a folder does not name it may not import; its own files it may.
 */
const layers: Readonly<Record<string, readonly string[]>> = {
  core: [],
  events: ["core"],
  template: ["core"],
  modules: ["core"],
  transport: ["core"],
  load: ["core"],
  compile: ["core", "template", "type load", "type modules/contract.ts", "modules/args.ts", "modules/bind.ts"],
  execute: [
    "core",
    "events",
    "template",
    "type compile/program.ts",
    "type compile/expand.ts",
    "type modules/contract.ts",
    "modules/args.ts",
    "modules/bind.ts",
    "modules/_observe.ts",
    "modules/_job.ts",
    "type transport/transport.ts",
  ],
  reporters: ["core", "events"],
  lint: ["core", "template", "type modules/contract.ts", "modules/args.ts", "modules/bind.ts", "modules/schema.ts"],
  "pipeline.ts": ["core", "events", "load", "compile", "execute", "modules", "transport"],
  cli: ["core", "events", "load", "compile/keys.ts", "lint", "modules", "reporters", "template/describe.ts", "pipeline.ts"],
  "main.ts": ["core", "cli"],
  "code-cache.ts": [],
  "launch.ts": ["code-cache.ts"],
  "bowline.ts": ["launch.ts"],
  "run.ts": ["launch.ts"],
};

/** Each package has one home, so that another one can take its place. */
const homes: Readonly<Record<string, readonly string[]>> = {
  "@marcbachmann/cel-js": ["template/cel.ts"],
  "age-encryption": ["load/secrets/age.ts"],
  commander: ["cli"],
  "fastest-levenshtein": ["core/suggest.ts"],
  handlebars: ["template/handlebars.ts", "template/handlebars-parser.d.ts"],
  listr2: ["reporters/tty.ts"],
  "p-queue": ["execute"],
  "ssh-config": ["transport/ssh-config.ts"],
  ssh2: ["transport/ssh.ts", "transport/auth.ts"],
  "get-east-asian-width": ["reporters/width.ts"],
  // Two homes: one reads files and keeps positions, the other makes the text of to_yaml and reads that of from_yaml.
  yaml: ["load/yaml.ts", "template/functions/encodings.ts"],
  zod: ["modules"],
};

/** What each of these must do without until it is reached: the start of every command pays for what it loads. */
const lightStarts: Readonly<Record<string, readonly string[]>> = {
  "bowline.ts": Object.keys(homes),
  "main.ts": Object.keys(homes),
  "cli/program.ts": Object.keys(homes).filter((name) => name !== "commander" && name !== "fastest-levenshtein"),
  "cli/run.ts": ["ssh2", "listr2", "get-east-asian-width", "age-encryption"],
};

/** What ends the process or listens to what happens to it: of main.ts alone. */
const processControl = ["exit", "exitCode", "abort", "kill", "on", "once", "addListener", "prependListener"];

const project = join(import.meta.dirname, "..");

describe("the layers of src/", () => {
  const files = parseSources(readSources(join(project, "src")));

  test("are all there to be judged", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(Object.keys(layers).filter((layer) => !files.some((file) => isIn(file.path, layer)))).toEqual([]);
    expect(Object.keys(homes).filter((name) => !files.some((file) => file.imports.some(({ to }) => packageOf(to) === name)))).toEqual([]);
  });

  test.each(Object.entries(rules()))("%s", (_name, broken) => {
    expect(broken(files)).toEqual([]);
  });

  test.each(Object.entries(lightStarts))("%s starts without what it may not need", (start, heavy) => {
    expect([...packagesLoadedWith(start, files)].filter((name) => heavy.includes(name))).toEqual([]);
  });
});

test("docs/architecture.md has the same table", () => {
  const page = readFileSync(join(project, "docs/architecture.md"), "utf8");
  const rows = [...page.matchAll(/^\| `([^`]+)` \| [^|]+ \| ([^|]+) \|$/gm)].map(([, layer, allowed]) => [layer, allowed]);
  const words = (allowed: string) => (allowed.startsWith("type ") ? `${allowed.slice(5)} (types)` : allowed);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(Object.entries(layers).map(([layer, list]) => [layer, list.map(words).join(", ") || "–"])));
});

describe("a rule is broken by", () => {
  const cases: readonly (readonly [what: string, sources: Readonly<Record<string, string>>, complaint: string])[] = [
    ["a value from a forbidden layer", { "core/a.ts": `import { b } from "../events/b.ts";` }, "core/a.ts imports events/b.ts"],
    ["a type from a forbidden layer", { "modules/a.ts": `import type { B } from "../transport/b.ts";` }, "modules/a.ts imports a type of transport/b.ts"],
    ["a value where types are allowed", { "compile/a.ts": `import { type C, c } from "../modules/contract.ts";` }, "compile/a.ts imports modules/contract.ts"],
    ["another file than the one that is allowed", { "execute/a.ts": `import type { S } from "../transport/ssh.ts";` }, "execute/a.ts imports a type of transport/ssh.ts"],
    ["a re-export", { "events/a.ts": `export { b } from "../template/b.ts";` }, "events/a.ts imports template/b.ts"],
    ["a late import", { "template/a.ts": `const b = await import("../load/b.ts");` }, "template/a.ts imports load/b.ts"],
    ["an imported type in the middle of a type", { "load/a.ts": `type B = import("../compile/b.ts").B;` }, "load/a.ts imports a type of compile/b.ts"],
    ["a computed import", { "cli/a.ts": "const b = await import(`./${name}.ts`);" }, "cli/a.ts imports the package `./${name}.ts`"],
    ["a file in a folder that is no layer", { "utils/a.ts": `export const a = 1;` }, "utils/a.ts belongs to no layer"],
    ["an import of the tests", { "core/a.ts": `import { b } from "../../test/b.ts";` }, "core/a.ts imports ../test/b.ts, which is not in src"],
    ["a circle", { "core/a.ts": `import "./b.ts";`, "core/b.ts": `import "./c.ts";`, "core/c.ts": `import type { A } from "./a.ts";` }, "core/a.ts → core/b.ts → core/c.ts → core/a.ts"],
    ["an index", { "core/index.ts": `export const a = 1;` }, "core/index.ts is a barrel"],
    ["a file that only hands on", { "core/all.ts": `export { a } from "./a.ts";\nexport type { B } from "./b.ts";` }, "core/all.ts is a barrel"],
    ["handing on everything", { "core/all.ts": `export * from "./a.ts";\nexport const b = 1;` }, "core/all.ts is a barrel"],
    ["an exit outside main.ts", { "cli/a.ts": `if (done) process.exit(1);` }, "cli/a.ts uses process.exit"],
    ["a signal handler outside main.ts", { "execute/a.ts": `process.once("SIGINT", stop);` }, "execute/a.ts uses process.once"],
    ["process under another name", { "execute/a.ts": `import { exit } from "node:process";` }, "execute/a.ts imports node:process, which hides what it does with it"],
    ["listr2 outside its home", { "reporters/plain.ts": `import { Listr } from "listr2";` }, "reporters/plain.ts imports the package listr2"],
    ["a type of ssh2 outside its home", { "transport/target.ts": `import type { Client } from "ssh2";` }, "transport/target.ts imports the package ssh2"],
    ["a package that has no home", { "core/a.ts": `import _ from "lodash/fp";` }, "core/a.ts imports the package lodash"],
  ];

  test.each(cases)("%s", (_what, sources, complaint) => {
    const files = parseSources(new Map(Object.entries(sources)));
    expect(Object.values(rules()).flatMap((broken) => broken(files))).toContain(complaint);
  });

  test("none of the things that are allowed", () => {
    const allowed = {
      "compile/a.ts": `import type { C } from "../modules/contract.ts";\nimport { type P, p } from "../template/p.ts";\nimport type { L } from "../load/l.ts";`,
      "execute/b.ts": `import { join } from "node:path";\nexport type { T } from "../transport/transport.ts";\nexport const b = process.env["HOME"];`,
      "main.ts": `process.on("SIGTERM", () => process.exit(99));\nawait import("./cli/program.ts");`,
      "reporters/tty.ts": `import { Listr } from "listr2";`,
    };
    const files = parseSources(new Map(Object.entries(allowed)));
    expect(Object.values(rules()).flatMap((broken) => broken(files))).toEqual([]);
  });
});

test("what a file loads is followed through its imports, and not through late ones nor through types", () => {
  const sources = {
    "main.ts": `import { a } from "./core/a.ts";\nawait import("./core/late.ts");\nimport type { T } from "./core/typed.ts";`,
    "core/a.ts": `import "./b.ts";`,
    "core/b.ts": `import yaml from "yaml";\nimport type { Client } from "ssh2";\nimport "./a.ts";`,
    "core/late.ts": `import "listr2";`,
    "core/typed.ts": `import "zod";`,
  };
  expect([...packagesLoadedWith("main.ts", parseSources(new Map(Object.entries(sources))))]).toEqual(["yaml"]);
});

type Rule = (files: readonly SourceFile[]) => string[];

function rules(): Readonly<Record<string, Rule>> {
  return {
    "import only what their table allows": (files) => files.flatMap(layerComplaints),
    "have no import cycle, types counted": cycles,
    "have no barrels": (files) => files.filter(({ path, barrel }) => barrel || posix.basename(path) === "index.ts").map(({ path }) => `${path} is a barrel`),
    "leave the process and its signals to main.ts": (files) => files.filter(({ path }) => path !== "main.ts").flatMap(processComplaints),
    "keep each package in its home": (files) => files.flatMap(packageComplaints),
  };
}

function layerComplaints({ path, imports }: SourceFile): string[] {
  const layer = layerOf(path);
  if (layer === undefined) return [`${path} belongs to no layer`];
  return imports.filter(({ own }) => own).flatMap((each) => (isAllowed(layer, each) ? [] : [complaint(path, each)]));
}

function isAllowed(layer: string, { to, typeOnly }: Import): boolean {
  if (isIn(to, layer)) return true;
  return layers[layer]!.some((allowed) => (allowed.startsWith("type ") ? typeOnly && isIn(to, allowed.slice(5)) : isIn(to, allowed)));
}

function complaint(path: string, { to, typeOnly }: Import): string {
  if (to.startsWith("..")) return `${path} imports ${to}, which is not in src`;
  return `${path} imports ${typeOnly ? "a type of " : ""}${to}`;
}

function layerOf(path: string): string | undefined {
  return Object.keys(layers).find((layer) => isIn(path, layer));
}

/** `place` is a file or a folder. */
function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

/** Every way back to where it began, once, beginning with its first file by name. */
function cycles(files: readonly SourceFile[]): string[] {
  const next = new Map(files.map(({ path, imports }) => [path, imports.filter(({ own }) => own).map(({ to }) => to)]));
  const found = new Set<string>();
  const clean = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) return void found.add(asCycle(trail.slice(start)));
    if (clean.has(path)) return;
    for (const to of next.get(path) ?? []) walk(to, [...trail, path]);
    clean.add(path);
  };
  for (const path of next.keys()) walk(path, []);
  return [...found];
}

function asCycle(ring: readonly string[]): string {
  const first = ring.indexOf([...ring].sort()[0]!);
  return [...ring.slice(first), ...ring.slice(0, first), ring[first]!].join(" → ");
}

function processComplaints({ path, imports, processUses }: SourceFile): string[] {
  const hidden = imports.filter(({ to }) => to === "node:process" || to === "process").map(({ to }) => `${path} imports ${to}, which hides what it does with it`);
  return [...hidden, ...processUses.filter((use) => processControl.includes(use)).map((use) => `${path} uses process.${use}`)];
}

function packageComplaints({ path, imports }: SourceFile): string[] {
  const foreign = imports.filter(({ own, to }) => !own && !isBuiltIn(to)).map(({ to }) => packageOf(to));
  return foreign.filter((name) => !(homes[name] ?? []).some((home) => isIn(path, home))).map((name) => `${path} imports the package ${name}`);
}

/** The packages that are loaded before the first line of a file runs. */
function packagesLoadedWith(start: string, files: readonly SourceFile[]): Set<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const loaded = new Set([start]);
  const packages = new Set<string>();
  for (const path of loaded) {
    for (const { to, own } of byPath.get(path)!.imports.filter(({ late, typeOnly }) => !late && !typeOnly)) {
      if (own) loaded.add(to);
      else if (!isBuiltIn(to)) packages.add(packageOf(to));
    }
  }
  return packages;
}

function isBuiltIn(specifier: string): boolean {
  return specifier.startsWith("node:") && builtinModules.includes(specifier.slice(5));
}

/** `lodash/fp` → `lodash`, `@scope/name/part` → `@scope/name`; a computed import stays as it is. */
function packageOf(specifier: string): string {
  if (!/^[@a-z]/.test(specifier)) return specifier;
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
