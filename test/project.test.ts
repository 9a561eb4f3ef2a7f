import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const project = join(import.meta.dirname, "..");

describe("docs/decisions/dependencies.md", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Record<"dependencies" | "devDependencies", Record<string, string>>;
  const names = [...Object.keys(dependencies), ...Object.keys(devDependencies)];
  const rows = read("docs/decisions/dependencies.md").split("\n").flatMap((line) => [...line.matchAll(/^\| `([^`]+)` \| (.*) \|$/g)]);

  test("has one row for each package of package.json, and none for another", () => {
    expect(rows.map(([, name]) => name).sort()).toEqual([...names].sort());
  });

  test.each(rows.map(([, name, reason]) => [name, reason] as const))("gives a reason for %s", (_name, reason) => {
    expect(reason).toMatch(/\w+( \S+){4,}/);
  });
});

describe("a file of the repository", () => {
  /** Where somebody happened to work, absolute or beside the clone; nobody else has these. */
  const workplace = [/(?<![\w.}])\/work\//, /(?<![\w/])\.library\b/, /(?<![\w/])(\.\.\/)*shared\//];

  test("names no directory of the machine that it was written on", () => {
    const self = "test/project.test.ts";
    const tracked = trackedFiles().filter((path) => path !== self);
    expect(tracked.length).toBeGreaterThan(100);
    expect(tracked.flatMap((path) => linesThatMatch(path, workplace))).toEqual([]);
  });

  test.each(["see /work/main/x", "(../shared/design.md)", "`shared/lab.md`", "in .library/env"])("would be found out: %s", (text) => {
    expect(workplace.some((pattern) => pattern.test(text))).toBe(true);
  });

  test.each(["/srv/work/x", "${dir}/work/x", "/dev/vgshared/lv", "/srv/shared/x", "my.library"])("may name %s", (text) => {
    expect(workplace.some((pattern) => pattern.test(text))).toBe(false);
  });
});

describe("a link in a document", () => {
  const documents = trackedFiles().filter((path) => path.endsWith(".md"));

  test.each(documents)("of %s leads to a file that is there", (document) => {
    const targets = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!.replace(/#.*$/, "")).filter((target) => target !== "" && !/^[a-z]+:/.test(target));
    expect(targets.filter((target) => !existsSync(join(project, dirname(document), target)))).toEqual([]);
  });
});

test("whoever turns a lint rule or the compiler off says why", () => {
  const marks = /eslint-disable|@ts-(ignore|expect-error|nocheck)/;
  const self = "test/project.test.ts";
  const lines = trackedFiles().filter((path) => /\.(ts|mjs|js)$/.test(path) && path !== self).flatMap((path) => read(path).split("\n").map((line, index) => ({ place: `${path}:${index + 1}`, line })));
  expect(lines.filter(({ line }) => marks.test(line) && !/ -- \S+ \S+/.test(line)).map(({ place }) => place)).toEqual([]);
});

/** What is tracked may be taken away, and not yet be committed so. */
function trackedFiles(): string[] {
  const paths = execFileSync("git", ["ls-files", "-z"], { cwd: project, encoding: "utf8" }).split("\0");
  return paths.filter((path) => path !== "" && existsSync(join(project, path)) && statSync(join(project, path)).isFile());
}

function read(path: string): string {
  return readFileSync(join(project, path), "utf8");
}

function linesThatMatch(path: string, patterns: readonly RegExp[]): string[] {
  return read(path).split("\n").flatMap((line, index) => (patterns.some((pattern) => pattern.test(line)) ? [`${path}:${index + 1}`] : []));
}
