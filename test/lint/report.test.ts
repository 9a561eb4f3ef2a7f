import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { formats } from "../../src/lint/report.ts";
import { rules } from "../../src/lint/rules.ts";
import { found, sourcesOf } from "./_lint.ts";

const files = { "playbooks/my site.yml": "- name: Web\n  hosts: all\n  become: yes\n  tasks:\n    - debug: {mgs: a}\n" };

async function result(given: Readonly<Record<string, string>> = files) {
  return { sources: sourcesOf(given), findings: await found(given), version: "1.2.3" };
}

describe("sarif", () => {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, "sarif-2.1.0.schema.json"), "utf8")) as object;
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  const log = async (given?: typeof files) => JSON.parse(formats.sarif(await result(given))) as Log;

  test("is a log of SARIF 2.1.0, with findings and without", async () => {
    for (const each of [await log(), await log({} as typeof files)]) expect({ valid: validate(each), errors: validate.errors }).toEqual({ valid: true, errors: null });
  });

  test("a log that is none is found out", async () => {
    const { runs } = await log();
    expect(validate({ version: "2.1.0", runs: [{ ...runs[0], tool: {} }] })).toBe(false);
  });

  test("has every rule with its help, and each result points at its own", async () => {
    const [run] = (await log()).runs;
    expect(run!.tool.driver.rules.map(({ id }) => id)).toEqual(rules.map(({ id }) => id));
    for (const { ruleId, ruleIndex } of run!.results) expect(run!.tool.driver.rules[ruleIndex]!.id).toBe(ruleId);
  });

  test("says where, and how to mend it", async () => {
    const truthy = (await log()).runs[0]!.results.find(({ ruleId }) => ruleId === "truthy");
    expect(truthy).toMatchObject({
      level: "warning",
      locations: [{ physicalLocation: { artifactLocation: { uri: "playbooks/my%20site.yml", uriBaseId: "SRCROOT" }, region: { startLine: 3, startColumn: 11, snippet: { text: "  become: yes" } } } }],
      fixes: [{ artifactChanges: [{ replacements: [{ deletedRegion: { startLine: 3, startColumn: 11, endLine: 3, endColumn: 14 }, insertedContent: { text: "true" } }] }] }],
    });
  });
});

test("json has each finding on its own, and counts", async () => {
  const parsed = JSON.parse(formats.json(await result())) as { findings: object[] };
  expect(parsed).toMatchObject({ version: 1, files: 1, summary: { errors: 1, warnings: 2 } });
  expect(parsed.findings[0]).toEqual({ rule: "truthy", severity: "warning", file: "playbooks/my site.yml", line: 3, column: 11, message: '"become" is the text yes', hint: "write true", fixable: true });
});

test("github gets a line for each, with what its syntax needs escaped", async () => {
  const [finding] = (await result()).findings;
  const text = formats.github({ sources: [], version: "1", findings: [{ ...finding!, message: "100%\nsure", at: { file: "a,b:c.yml", line: 1, column: 2 } }] });
  expect(text).toBe("::warning file=a%2Cb%3Ac.yml,line=1,col=2,title=truthy::100%25%0Asure (write true)\n");
});

interface Log {
  readonly runs: readonly { readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }; readonly results: readonly { readonly ruleId: string; readonly ruleIndex: number }[] }[];
}
