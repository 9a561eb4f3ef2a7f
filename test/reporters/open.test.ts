import { statSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openReporters, parseOutput, type Output, type Terminal } from "../../src/reporters/open.ts";
import { scenario } from "./scenario.ts";

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "bowline-reports-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("--output", () => {
  test.each<[string, Output]>([
    ["json", { format: "json" }],
    ["plain=run.txt", { format: "plain", file: "run.txt" }],
    ["junit=a=b.xml", { format: "junit", file: "a=b.xml" }],
  ])("%s is understood", (text, output) => {
    expect(parseOutput(text)).toEqual(output);
  });

  test.each([
    ["jsn", 'no format "jsn"', 'json'],
    ["toString", 'no format "toString"', undefined],
    ["json=", "needs the name of a file", undefined],
    ["tty=x", "is for a terminal, not for a file", "plain is the same for a file"],
  ])("%s is refused: %s", (text, message, hint) => {
    expect(problemOf(() => parseOutput(text))).toMatchObject({ code: "E_OPTIONS", message: expect.stringContaining(message), ...(hint === undefined ? {} : { hint: expect.stringContaining(hint) }) });
  });

  test.each<[string, readonly Output[], string]>([
    ["two for people", [{ format: "plain" }, { format: "tty" }], "--output plain and tty cannot both go to standard output"],
    ["two for programs", [{ format: "json" }, { format: "junit" }], "--output json and junit cannot both go to standard output"],
    ["two for one file", [{ format: "json", file: "x" }, { format: "junit", file: "./x" }], "two --output go to the same file"],
  ])("refuses %s", async (_what, outputs, message) => {
    await expect(openReporters(outputs, terminal().terminal, detail)).rejects.toThrow(message);
  });
});

describe("what goes where", () => {
  test("nothing chosen, and no terminal: plain lines", async () => {
    const { out, err } = await reported([]);
    expect(out).toContain("PLAY RECAP");
    expect(err).toBe("");
  });

  test("the live view where there is no terminal is plain lines too", async () => {
    expect((await reported([{ format: "tty" }])).out).toBe((await reported([])).out);
  });

  test("json alone: nothing else on standard output, and nothing for people", async () => {
    const { out, err } = await reported([{ format: "json" }]);
    expect(out.trimEnd().split("\n").map((line) => JSON.parse(line) as unknown)).toEqual(scenario);
    expect(err).toBe("");
  });

  test("json and plain: what people read goes to standard error", async () => {
    const { out, err } = await reported([{ format: "json" }, { format: "plain" }]);
    expect(out.trimEnd().split("\n").length).toBe(scenario.length);
    expect(err).toBe((await reported([])).out);
  });

  test("files only: people see the run all the same, and each file holds its report", async () => {
    const { out } = await reported([{ format: "json", file: at("run.ndjson") }, { format: "junit", file: at("report.xml") }, { format: "plain", file: at("run.txt") }]);
    expect(out).toContain("PLAY RECAP");
    expect(readFileSync(at("run.txt"), "utf8")).toBe(out);
    expect(readFileSync(at("run.ndjson"), "utf8").trimEnd().split("\n").length).toBe(scenario.length);
    expect(readFileSync(at("report.xml"), "utf8")).toMatch(/^<\?xml[^]*<\/testsuites>\n$/);
    expect(readdirSync(dir).sort()).toEqual(["report.xml", "run.ndjson", "run.txt"]);
  });

  test("what a host wrote is made harmless for people, and left as it is for programs", async () => {
    const { out } = await reported([{ format: "json", file: at("run.ndjson") }], 1);
    expect(out).toContain("  web1 | mode was 0700\n");
    expect(readFileSync(at("run.ndjson"), "utf8")).toContain("mode was \\u001b[31m0700\\u001b[0m");
  });
});

describe("a file", () => {
  test("of json grows with the run", async () => {
    const [, json] = await openReporters([{ format: "json", file: at("run.ndjson") }], terminal().terminal, detail);
    json!.report(scenario[0]!);
    expect(readFileSync(at("run.ndjson"), "utf8")).toBe(`${JSON.stringify(scenario[0])}\n`);
    await json!.end();
  });

  test("of junit is the old one until the new one is whole", async () => {
    writeFileSync(at("report.xml"), "old");
    const [, junit] = await openReporters([{ format: "junit", file: at("report.xml") }], terminal().terminal, detail);
    for (const event of scenario) junit!.report(event);
    expect(readdirSync(dir)).toEqual(["report.xml"]);
    expect(readFileSync(at("report.xml"), "utf8")).toBe("old");
    await junit!.end();
    expect(readFileSync(at("report.xml"), "utf8")).toContain("</testsuites>");
    expect(readdirSync(dir)).toEqual(["report.xml"]);
  });

  test("behind a link is replaced, and the link stays", async () => {
    mkdirSync(at("reports"));
    writeFileSync(at("reports/today.xml"), "old");
    symlinkSync("reports/today.xml", at("report.xml"));
    await reported([{ format: "junit", file: at("report.xml") }]);
    expect(readFileSync(at("reports/today.xml"), "utf8")).toContain("</testsuites>");
    expect(readdirSync(at("reports"))).toEqual(["today.xml"]);
  });

  test("that is none, but a device, is written as it is", async () => {
    await reported([{ format: "junit", file: "/dev/null" }]);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    expect(readdirSync(dir)).toEqual([]);
  });

  test.each<Output["format"]>(["plain", "json", "junit"])("of %s that cannot be written is an error before anything happens", async (format) => {
    mkdirSync(at("directory"));
    writeFileSync(at("file"), "");
    const cases = [
      ["nowhere/report", "no such file or directory"],
      ["directory", "illegal operation on a directory"],
      ["file/report", "not a directory"],
    ] as const;
    for (const [path, words] of cases) {
      const { out, terminal: streams } = terminal();
      await expect(openReporters([{ format, file: at(path) }], streams, detail)).rejects.toMatchObject({
        problems: [{ code: "E_OPTIONS", message: `--output cannot write ${at(path)}: ${words}` }],
      });
      expect(out()).toBe("");
    }
    expect(readdirSync(dir).sort()).toEqual(["directory", "file"]);
  });

  test("that can no longer be written at the end is an error in words", async () => {
    mkdirSync(at("reports"));
    const [, junit] = await openReporters([{ format: "junit", file: at("reports/report.xml") }], terminal().terminal, detail);
    for (const event of scenario) junit!.report(event);
    rmSync(at("reports"), { recursive: true });
    await expect(junit!.end()).rejects.toThrow(`--output cannot write ${at("reports/report.xml")}: no such file or directory`);
  });
});

const detail = { diff: false, verbosity: 0 };

function at(name: string): string {
  return join(dir, name);
}

function terminal(): { terminal: Terminal; out: () => string; err: () => string } {
  const [out, err]: [string[], string[]] = [[], []];
  const streams = { isTTY: false, color: false, write: (text: string) => void out.push(text), stderr: (text: string) => void err.push(text), size: () => ({ columns: 80, rows: 24 }) };
  return { terminal: streams, out: () => out.join(""), err: () => err.join("") };
}

async function reported(outputs: readonly Output[], verbosity = 0): Promise<{ out: string; err: string }> {
  const { terminal: streams, out, err } = terminal();
  const reporters = await openReporters(outputs, streams, { diff: false, verbosity });
  for (const event of scenario) for (const reporter of reporters) reporter.report(event);
  await Promise.all(reporters.map((reporter) => reporter.end()));
  return { out: out(), err: err() };
}

function problemOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return (error as { problems: unknown[] }).problems[0];
  }
  return undefined;
}
