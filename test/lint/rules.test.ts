import { profiles } from "../../src/lint/rule.ts";
import { rules } from "../../src/lint/rules.ts";
import { found } from "./_lint.ts";

const named = rules.map((rule) => [rule.id, rule] as const);

test("every rule has an id of its own", () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  expect(rules.length).toBeGreaterThan(25);
});

describe.each(named)("%s", (id, rule) => {
  const lintExample = ({ path = "playbooks/web.yml", text }: { path?: string; text: string }) => found({ [path]: text });

  test("says in sentences what is so, and why", () => {
    expect(rule.summary).toMatch(/^[A-Z][^\n]+\.$/);
    expect(rule.why).toMatch(/^[A-Z`][^\n]+\.$/);
    expect(profiles).toContain(rule.profile);
  });

  test("finds its bad example, and no other rule does", async () => {
    const findings = await lintExample(rule.examples.bad);
    expect(findings.map((finding) => finding.rule)).toEqual([id]);
    expect(findings[0]!.severity).toBe(rule.severity);
  });

  test("nothing is found in its good example", async () => {
    expect(await lintExample(rule.examples.good)).toEqual([]);
  });

  test("mends its bad example if it says so", async () => {
    const [finding] = await lintExample(rule.examples.bad);
    expect(finding!.fix !== undefined).toBe(rule.fixable ?? false);
  });
});
