import { dnf } from "../../src/modules/dnf.ts";
import { planner, syntaxErrors } from "./_planner.ts";

type Seen = ReturnType<typeof dnf.parse>;

const { bind, titles, badArguments, scripts } = planner(dnf, { name: "nginx" });

const bare: Seen = { manager: "dnf", isRoot: true, have: new Map(), provided: [], newer: [], more: new Map() };

test.each<[string, Record<string, unknown>, Seen, string[]]>([
  ["missing", {}, bare, ["install nginx"]],
  ["there", {}, { ...bare, have: new Map([["nginx", "1.20-1"]]) }, []],
  ["newer", { state: "latest" }, { ...bare, have: new Map([["nginx", "1.20-1"]]), newer: ["nginx"] }, ["bring nginx up to date"]],
  ["to be gone", { state: "removed" }, { ...bare, have: new Map([["nginx", "1.20-1"]]) }, ["remove nginx"]],
])("%s", (_, raw, seen, expected) => {
  expect(titles(raw, seen)).toEqual(expected);
});

test("its repositories and signatures are words of the command", () => {
  const [change] = dnf.plan(bind({ enablerepo: "epel", disablerepo: ["base"], disable_gpg_check: true }), bare);
  expect(change!.steps).toEqual([expect.objectContaining({ script: expect.objectContaining({ text: expect.stringContaining("-y -q '--enablerepo=epel' '--disablerepo=base' --nogpgcheck install nginx") }), onDisconnect: "finish" })]);
});

test.each<[Record<string, unknown>, string]>([
  [{ name: [] }, 'dnf: names no package: give "name", or "update_cache: true"'],
  [{ name: "https://example.com/a.rpm" }, 'dnf: "https://example.com/a.rpm" is an address: bring the file with get_url, and name its path'],
  [{ enablerepo: "-x" }, 'dnf: "enablerepo[0]" must be the id of a repository'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("a file of the host is asked what it holds", () => {
  expect(dnf.observe(bind({ name: "/root/agent.rpm" })).text).toContain("rpm -qp");
});

test("every shell can read the scripts", () => {
  expect(syntaxErrors([...scripts({ state: "latest", update_cache: true }, bare), ...scripts({ state: "absent" }, { ...bare, have: new Map([["nginx", "1"]]) })])).toEqual([]);
});
