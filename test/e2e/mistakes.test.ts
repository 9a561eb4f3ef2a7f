import { jest } from "@jest/globals";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Ended } from "./cli.ts";
import { expectWords, makeProject, type Project } from "./_project.ts";

jest.setTimeout(60_000);

/**
 * mistakes/project is what a team might write, with a mistake in every other line; mistakes/expected.txt has what is to
 * be said of each: `file:line:col  part of the cause  →  part of what to do next`.
 */
const fixtures = join(import.meta.dirname, "mistakes");

interface Told {
  /** `file:line:col`; empty for what stands in no file. */
  readonly place: string;
  readonly cause: string;
  /** The lines below, without the line of the file and its caret. */
  readonly next: readonly string[];
  readonly source: string | undefined;
  readonly caret: number | undefined;
}

const expected = readFileSync(join(fixtures, "expected.txt"), "utf8").split("\n").filter(Boolean).map((line) => {
  const [place, cause, next] = line.split(/ {2}(?:→ {2})?/);
  return { place: place === "-" ? "" : place!, cause: cause!, next: next! };
});

let project: Project;
let ended: Ended;
let told: readonly Told[];

beforeAll(async () => {
  project = makeProject();
  cpSync(join(fixtures, "project"), project.dir, { recursive: true });
  ended = await project.run("run", "site.yml", "--syntax-check", "--limit", "wbe");
  told = toldIn(ended.stderr);
});

afterAll(() => project.remove());

function toldIn(text: string): Told[] {
  return text.split(/\n(?=\S)/).filter((part) => !/^\d+ problems\n?$/.test(part)).map((part) => {
    const [head = "", ...below] = part.trimEnd().split("\n");
    const [, place = "", cause = head] = /^(\S+:\d+:\d+): (.*)$/.exec(head) ?? [];
    const isCaret = /^ {4,}\^$/.test(below[1] ?? "");
    return { place, cause, next: isCaret ? below.slice(2) : below, source: isCaret ? below[0]!.slice(4) : undefined, caret: isCaret ? below[1]!.indexOf("^") - 3 : undefined };
  });
}

describe("one --syntax-check of a project with hundreds of mistakes", () => {
  test("tells every one of them at its place, each once, and nothing else", () => {
    const rows = new Map(expected.map((row) => [`${row.place} ${row.cause}`, row]));
    const shortened = told.map(({ place, cause }) => {
      const row = [...rows.values()].find((each) => each.place === place && cause.includes(each.cause));
      return `${place}  ${row?.cause ?? cause}`;
    });
    expect(shortened).toEqual(expected.map(({ place, cause }) => `${place}  ${cause}`));
    expect(expected.length).toBeGreaterThan(250);
  });

  test.each(expected.map((row) => [`${row.place} ${row.cause}`, row] as const))("says what to do next: %s", (_, { place, cause, next }) => {
    const problem = told.find((each) => each.place === place && each.cause.includes(cause));
    expect(problem?.next.join("\n")).toContain(next);
    expect(problem?.next.filter((line) => !/^ {2}(expected|seen|hint): \S/.test(line))).toEqual([]);
  });

  test("shows the line of each, with the caret below the place", () => {
    for (const { place, source, caret } of told) {
      const [, file, line, column] = /^(.*):(\d+):(\d+)$/.exec(place) ?? [];
      // What is encrypted is not shown.
      if (file === undefined || file === "vars/vaulted.yml") continue;
      expect({ place, caret, source }).toEqual({ place, caret: Number(column), source: readFileSync(join(project.dir, file), "utf8").split("\n")[Number(line) - 1]!.replaceAll("\t", " ") });
    }
  });

  test("goes by file and line, counts them, and ends as unreadable input does", () => {
    const places = told.flatMap(({ place }) => (place === "" ? [] : [/^(.*):(\d+):(\d+)$/.exec(place)!.slice(1)]));
    const sorted = places.toSorted(([one, ...first], [other, ...second]) => (one! < other! ? -1 : one! > other! ? 1 : Number(first[0]) - Number(second[0]) || Number(first[1]) - Number(second[1])));
    expect(places).toEqual(sorted);
    expect(ended).toMatchObject({ code: 4, stdout: "", stderr: expect.stringMatching(new RegExp(`\n${told.length} problems\n$`)) });
    expectWords(ended);
  });
});

test("without --syntax-check the first of them are enough, and it is named", async () => {
  const { code, stderr } = await project.run("run", "site.yml", "-e", "release=1");
  expect(code).toBe(4);
  expect(toldIn(stderr).length).toBeLessThan(30);
  expect(stderr).toMatch(/\d+ problems, the first 20 of them shown; --syntax-check shows all\n$/);
});

test("tags that no task has are named with the nearest one that a task has", async () => {
  project.write({ "fine.yml": "- hosts: localhost\n  tasks:\n    - debug: {msg: hello}\n      tags: deploy\n", "hosts": "localhost\n" });
  expect(await project.run("run", "fine.yml", "-i", "hosts", "--syntax-check", "--tags", "deplyo", "--skip-tags", "slow")).toMatchObject({
    code: 0,
    stderr: 'warning: --tags: no task has the tag "deplyo": did you mean "deploy"?\nwarning: --skip-tags: no task has the tag "slow": known: deploy\n',
  });
});
