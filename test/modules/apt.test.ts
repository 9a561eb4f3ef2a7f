import { apt } from "../../src/modules/apt.ts";
import { planner, syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

type Seen = ReturnType<typeof apt.parse>;

const { bind, titles, refusal, badArguments, scripts } = planner(apt, {});

const bare: Seen = { manager: "apt", isRoot: true, have: new Map(), provided: [], newer: [], more: new Map(), pending: 0, idle: 0, left: [] };
const having = (have: Record<string, string>, more: Partial<Seen> = {}): Seen => ({ ...bare, have: new Map(Object.entries(have)), ...more });
const deb = { deb: "/root/agent.deb" };
const agent = { name: "agent", version: "1.2" };

test.each<[string, Record<string, unknown>, Seen, string[]]>([
  ["missing", { name: "nginx" }, bare, ["install nginx"]],
  ["there", { name: "nginx" }, having({ nginx: "1.22.1-9" }), []],
  ["a version", { name: "nginx=1.22.1-9" }, having({ "nginx=1.22.1-9": "1.22.1-9" }), []],
  ["a version that begins so", { name: "nginx=1.22*" }, having({ "nginx=1.22*": "1.22.1-9" }), []],
  ["another version", { name: "nginx=1.24*" }, having({ "nginx=1.24*": "1.22.1-9" }), ["install nginx=1.24*"]],
  ["to be gone with its configuration", { name: "nginx", state: "absent", purge: true }, having({ nginx: "1" }), ["remove nginx"]],
  ["gone, but for its configuration", { name: "nginx", state: "absent", purge: true }, { ...bare, left: ["nginx", "curl"] }, ["remove the configuration files of nginx"]],
  ["gone, but for its configuration, which may stay", { name: "nginx", state: "absent" }, { ...bare, left: ["nginx"] }, []],
  ["nothing needs some", { autoremove: true }, { ...bare, idle: 3 }, ["remove 3 packages that nothing needs any more"]],
  ["gone with what nothing needs then", { name: "nginx", state: "absent", autoremove: true }, having({ nginx: "1" }, { idle: 1 }), ["remove nginx"]],
  ["a file", deb, { ...bare, deb: agent }, ["install agent 1.2 from /root/agent.deb"]],
  ["a file that is installed", deb, { ...bare, deb: { ...agent, installed: "1.2" } }, []],
  ["a file of another version", deb, { ...bare, deb: { ...agent, installed: "1.1" } }, ["install agent 1.2 from /root/agent.deb"]],
  ["upgrade: nothing", { upgrade: "full" }, bare, []],
  ["upgrade: some", { upgrade: "yes" }, { ...bare, pending: 2 }, ["upgrade 2 packages"]],
  ["upgrade, with old lists", { upgrade: "dist", cache_valid_time: 60 }, { ...bare, age: 61 }, ["read what the repositories have, and upgrade what is newer"]],
  ["only the lists", { update_cache: true }, bare, ["read what the repositories have"]],
])("%s", (_, raw, seen, expected) => {
  expect(titles(raw, seen)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, Seen, string]>([
  ["no file", deb, bare, "/root/agent.deb is no package file on this host"],
  ["a file, not root", deb, { ...bare, deb: agent, isRoot: false }, "only root may install and remove packages"],
  ["upgrade, not root", { upgrade: "yes" }, { ...bare, pending: 1, isRoot: false }, "only root may install and remove packages"],
  ["no apt", { name: "nginx" }, { ...bare, manager: "none" }, "no package manager that is known is on this host"],
])("refused: %s", (_, raw, seen, message) => {
  expect(refusal(raw, seen)).toMatchObject({ code: "E_REFUSED", message });
});

test.each<[Record<string, unknown>, string]>([
  [{}, 'apt: has nothing to do: give "name", "deb", "upgrade", "autoremove" or "update_cache"'],
  [{ name: "a", upgrade: "full" }, 'apt: takes one of "name", "deb" and "upgrade"'],
  [{ name: "a", purge: true }, 'apt: "purge" is for state: absent'],
  [{ deb: "https://example.com/a.deb" }, 'apt: "deb" must be an absolute path'],
  [{ name: "a", default_release: "-x" }, 'apt: "default_release" must be the name of a release'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("its wishes are words of the command", () => {
  const [change] = apt.plan(bind({ name: "nginx", install_recommends: false, default_release: "sid", allow_downgrade: true }), bare);
  expect(JSON.stringify(change!.steps)).toContain(" install --no-install-recommends -t sid --allow-downgrades -- nginx");
});

test("a version that was removed is asked for again; what was purged is not whole again", () => {
  expect(JSON.stringify(apt.plan(bind({ name: "nginx", state: "absent" }), having({ nginx: "1.22.1-9" }))[0]!.undo)).toContain("-- 'nginx=1.22.1-9'");
  expect(apt.plan(bind({ name: "nginx", state: "absent", purge: true }), having({ nginx: "1" }))[0]!.undo).toEqual({ impossible: "the configuration files are gone" });
});

test.each<[string, Record<string, unknown>, string, object]>([
  ["installed", { name: "nginx" }, "manager apt\nii |nginx|amd64|1.22.1-9|httpd\n", { have: new Map([["nginx", "1.22.1-9"]]) }],
  ["held", { name: "nginx" }, "manager apt\nhi |nginx|amd64|1.22.1-9|\n", { have: new Map([["nginx", "1.22.1-9"]]) }],
  ["half installed", { name: "nginx" }, "manager apt\niF |nginx|amd64|1.22.1-9|\n", { have: new Map() }],
  ["removed, but for its configuration", { name: "nginx" }, "manager apt\nrc |nginx|amd64|1.22.1-9|\n", { have: new Map(), left: ["nginx"] }],
  ["of another architecture", { name: "libc6:i386" }, "manager apt\nii |libc6|amd64|2.36|\n", { have: new Map() }],
  ["of its architecture", { name: "libc6:i386" }, "manager apt\nii |libc6|amd64|2.36|\nii |libc6|i386|2.36|\n", { have: new Map([["libc6:i386", "2.36"]]) }],
  ["provided", { name: "mail-transport-agent" }, "manager apt\nii |postfix|amd64|3.7|default-mta, mail-transport-agent (= 1)\n", { have: new Map(), provided: ["mail-transport-agent"] }],
  ["a file", deb, "manager apt\ndeb agent 1.2\ndebstate ii |1.1\n", { deb: { ...agent, installed: "1.1" } }],
  ["a file of what is not installed", deb, "manager apt\ndeb agent 1.2\ndebstate \n", { deb: agent }],
  ["upgrades", { upgrade: "yes" }, "manager apt\nage 10\npending 3\n", { pending: 3, age: 10 }],
])("what is seen of a package that is %s", (_, raw, stdout, expected) => {
  expect(apt.parse({ code: 0, stdout, stderr: "" }, bind(raw))).toMatchObject(expected);
});

test.each(shells)("under %s this machine can be looked at", (_, shell) => {
  const raw = { name: ["dpkg=1*", "no-such-package"], state: "latest", autoremove: true };
  expect(apt.parse(answerOf(shell, apt.observe(bind(raw))), bind(raw))).toMatchObject({ manager: "apt", have: new Map([["dpkg=1*", expect.stringMatching(/^1/)]]), provided: [] });
  expect(apt.parse(answerOf(shell, apt.observe(bind({ name: "awk" }))), bind({ name: "awk" })).provided).toEqual(["awk"]);
});

test("every shell can read the scripts", () => {
  const all = [scripts({ name: "a'b", state: "latest", cache_valid_time: 9 }, bare), scripts({ upgrade: "full", update_cache: true, autoremove: true }, bare), scripts({ deb: "/root/it's.deb" }, { ...bare, deb: agent }), scripts({ name: "a", state: "absent", purge: true }, having({ a: "1" }, { left: ["a"] }))];
  expect(syntaxErrors([...all.flat(), ...scripts({ autoremove: true }, { ...bare, idle: 1 })])).toEqual([]);
});
