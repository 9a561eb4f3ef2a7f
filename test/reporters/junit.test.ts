import { SaxesParser } from "saxes";
import type { Event, Result } from "../../src/events/event.ts";
import { junitReporter } from "../../src/reporters/junit.ts";
import { openReporters } from "../../src/reporters/open.ts";
import { dated, end, label, result, runStart, scenarios, written } from "./scenario.ts";

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

describe("a JUnit report", () => {
  test.each(Object.entries(scenarios))("of %s is XML, and its numbers are those of its cases", async (_name, events) => {
    const root = parse(await written(events, junitReporter));
    expect(root.name).toBe("testsuites");
    const suites = root.children;
    expect(suites.map((suite) => suite.name)).toEqual(suites.map(() => "testsuite"));
    for (const suite of suites) expect(numbersOf(suite)).toEqual(counted(suite));
    const sum = (key: string) => suites.reduce((total, suite) => total + Number(suite.attributes[key]), 0);
    for (const key of ["tests", "failures", "errors", "skipped"]) expect([key, root.attributes[key]]).toEqual([key, String(sum(key))]);
  });

  test("has a suite for each host and a case for each of its tasks, with name, class, time and place", async () => {
    const root = parse(await written(scenarios["run"]!, junitReporter));
    expect(root.attributes).toMatchObject({ name: "site.yml", tests: "9", failures: "1", errors: "1", skipped: "1" });
    expect(root.children.map((suite) => suite.attributes["name"])).toEqual(["web1", "web2", "db1"]);
    expect(root.children[0]!.attributes).toEqual({ name: "web1", hostname: "web1", timestamp: "2026-11-23T19:07:02", tests: "6", failures: "0", errors: "0", skipped: "1", time: "1.500" });
    const [first] = root.children[0]!.children;
    expect(first!.attributes).toEqual({ name: "make the directories", classname: "site.yml.web1", time: "0.250", file: "site.yml", line: "10" });
    expect(root.children[0]!.children.map((each) => each.attributes["name"])).toContain("mount /srv/web1");
  });

  test("tells a failure as a terminal does: cause, place, expected and seen, what ran, and what next", async () => {
    const failure = find(parse(await written(scenarios["run"]!, junitReporter)), "failure");
    expect(failure.attributes).toEqual({ message: "start dockerd: no space left on device", type: "E_FAILED" });
    expect(failure.text).toBe(`start dockerd: no space left on device
at site.yml:20:5
expected: exit code 0
seen: exit code 1
ran: start dockerd (exit code 1)
stderr:
  mkdir: /srv
  no space left on device
changed before that: make /srv/data
hint: make room on /srv`);
  });

  test.each<[Result["status"], string | undefined]>([
    ["ok", undefined],
    ["changed", undefined],
    ["ignored", undefined],
    ["rescued", undefined],
    ["skipped", "skipped"],
    ["unknown", "skipped"],
    ["failed", "failure"],
    ["unreachable", "error"],
  ])("shows %s as %s", async (status, verdict) => {
    const problem = ["ok", "changed", "skipped"].includes(status) ? {} : { problem: { code: "E_FAILED" as const, message: "no" } };
    const root = parse(await written(run([result(status, problem)]), junitReporter));
    const [testCase] = root.children[0]!.children;
    expect(testCase!.children.map((each) => each.name).filter((name) => name !== "system-out")).toEqual(verdict === undefined ? [] : [verdict]);
  });

  test("shows a resource that is not up as a failure with its reasons", async () => {
    const root = parse(await written(scenarios["status"]!, junitReporter));
    expect(all(root, "failure").map(({ attributes, text }) => [attributes["message"], text])).toEqual([
      ["down docker@/srv/data # docker daemon is not running", "down docker@/srv/data # docker daemon is not running"],
      ["warn web # image differs # not ready", 'warn web # image differs # not ready\n"dbimage" is not defined'],
    ]);
  });

  test.each([
    ["down", "the run was interrupted"],
    ["broken", "internal error: no such thing"],
    ["cut", "the run did not end"],
  ])("of %s has an error of its own, whatever its tasks came to", async (name, message) => {
    const root = parse(await written(scenarios[name]!, junitReporter));
    const last = root.children.at(-1)!;
    expect(last.attributes).toMatchObject({ name: "run", tests: "1", errors: "1" });
    expect(find(last, "error").attributes["message"]).toBe(message);
  });
});

describe("text that is no XML by itself", () => {
  const nasty = [
    ["markup", `<b a="1" c='2'>&amp; </failure> ]]> <![CDATA[ <!-- -->`, `<b a="1" c='2'>&amp; </failure> ]]> <![CDATA[ <!-- -->`],
    ["several lines with a tab", "one\n\ttwo\r\nthree", "one\n\ttwo\nthree"],
    ["control characters", "a\u0000b\u0007c\u000bd\u001fe\u007ff", "a\\x00b\\x07c\\x0bd\\x1fe\\x7ff"],
    ["escape sequences", "\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007 \u009b2J|", "red link |"],
    ["what XML forbids", "\ufffe \uffff \ud800 \udfff", "? ? ? ?"],
    ["characters beyond the first plane", "🐳 𝔘 日本語", "🐳 𝔘 日本語"],
  ] as const;

  test.each(nasty)("arrives whole or spelt out: %s", async (_what, text, expected) => {
    const events = run([result("failed", { problem: { code: "E_FAILED", message: text, seen: text } })], text);
    const root = parse(await throughFile(events));
    expect(find(root, "failure").attributes["message"]).toBe(expected);
    expect(find(root, "failure").text).toContain(`seen: ${expected.replaceAll("\n", "\n      ")}`);
    expect(root.children[0]!.children[0]!.attributes["name"]).toBe(expected);
  });

  test("the parser of this test is a strict one", () => {
    for (const broken of ["", "<a>", "<a>\u0007</a>", "<a b='<'/>", "<a>]]></a>"]) expect(() => parse(broken)).toThrow();
  });

  test("a report without printable.ts before it is XML too", async () => {
    for (const [, text] of nasty) parse(await written(run([result("failed", { problem: { code: "E_FAILED", message: text } })], text), junitReporter));
  });
});

function run(results: readonly Result[], name = "do it"): readonly Event[] {
  const tasks = results.map((_, index) => label(`p1.t${index + 1}`, name));
  const bodies = results.flatMap((each, index) => [
    { type: "host:start" as const, play: "p1", task: `p1.t${index + 1}`, host: "web1", name },
    end(`p1.t${index + 1}`, "web1", each),
  ]);
  return dated([runStart(["web1"], tasks), ...bodies, { type: "run:end", exitCode: 0, interrupted: false, roundTrips: {} }]);
}

/** As `--output junit` writes it to standard output: made printable first. */
async function throughFile(events: readonly Event[]): Promise<string> {
  const texts: string[] = [];
  const write = (text: string) => void texts.push(text);
  const terminal = { isTTY: false, color: false, write, stderr: () => undefined, size: () => ({ columns: 80, rows: 24 }) };
  const [reporter] = await openReporters([{ format: "junit" }], terminal, { diff: false, verbosity: 0 });
  for (const event of events) reporter!.report(event);
  await reporter!.end();
  return texts.join("");
}

/** Strict: throws for what is not well-formed. */
function parse(xml: string): Element {
  const parser = new SaxesParser();
  const top: Element = { name: "", attributes: {}, children: [], text: "" };
  const path: Element[] = [top];
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element = { name, attributes: { ...attributes } as Record<string, string>, children: [], text: "" };
    path.at(-1)!.children.push(element);
    path.push(element);
  });
  parser.on("text", (text) => (path.at(-1)!.text += text));
  parser.on("closetag", () => void path.pop());
  parser.write(xml).close();
  const [root] = top.children;
  if (!root) throw new Error("no element");
  return root;
}

function all(element: Element, name: string): Element[] {
  return [...(element.name === name ? [element] : []), ...element.children.flatMap((child) => all(child, name))];
}

function find(element: Element, name: string): Element {
  const [found] = all(element, name);
  if (!found) throw new Error(`no <${name}>`);
  return found;
}

function numbersOf({ attributes }: Element) {
  return ["tests", "failures", "errors", "skipped"].map((key) => Number(attributes[key]));
}

function counted(suite: Element) {
  const having = (name: string) => suite.children.filter((testCase) => testCase.children.some((child) => child.name === name)).length;
  return [suite.children.filter((child) => child.name === "testcase").length, having("failure"), having("error"), having("skipped")];
}
