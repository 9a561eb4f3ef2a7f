import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../src/core/secret.ts";
import type { RunStep } from "../../src/core/step.ts";
import { get_url } from "../../src/modules/get_url.ts";
import { planner, syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

type Seen = ReturnType<typeof get_url.parse>;

const url = "https://example.com/tool";
const { bind, titles, refusal, badArguments, state, scripts } = planner(get_url, { url, dest: "/opt/tool" });

const missing: Seen = { kind: "missing", fixed: false, ancestor: { path: "/opt", kind: "directory", writable: true }, user: { name: "root", uid: 0, gids: [0] }, wanted: {} };
const there: Seen = { ...missing, kind: "file", stat: { mode: "0644", uid: 0, gid: 0, owner: "root", group: "root", size: 3 }, digest: "abc" };
const brought = [`bring ${url} to /opt/tool`];

test.each<[string, Record<string, unknown>, Seen, string[]]>([
  ["missing", {}, missing, brought],
  ["there", {}, there, []],
  ["there, by force", { force: true }, there, brought],
  ["the same", { checksum: "sha256:ABC", force: true }, there, []],
  ["another", { checksum: "sha256:abd" }, there, brought],
  ["another mode", { mode: "a+x" }, there, ["change the mode of /opt/tool from 0644 to 0755"]],
])("%s", (_, raw, seen, expected) => {
  expect(titles(raw, seen)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, Seen, string]>([
  ["a directory", {}, { ...there, kind: "directory" }, "/opt/tool is a directory"],
  ["no directory for it", {}, { ...missing, ancestor: { path: "/", kind: "directory", writable: true } }, "the directory /opt does not exist"],
  ["an unknown owner", { owner: "nobdy" }, { ...missing, wanted: { uid: null } }, 'there is no user "nobdy" on this host'],
])("refused: %s", (_, raw, seen, message) => {
  expect(refusal(raw, seen)).toMatchObject({ code: "E_REFUSED", message });
});

test.each<[Record<string, unknown>, string]>([
  [{ url: "file:///etc/passwd" }, 'get_url: "url" must begin with http://, https:// or ftp:// and hold no blanks'],
  [{ checksum: "abc" }, 'get_url: "checksum" must be like "sha256:" and hexadecimal digits'],
  [{ url_password: "secret" }, 'get_url: "url_password" needs "url_username"'],
  [{ headers: { A: "b\nc" } }, "get_url: a header must stand on one line"],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("what is secret stands in no argument list, and wget is not asked then", () => {
  const [change] = get_url.plan(bind({ headers: { Token: 'a"b' }, url_username: "ada", url_password: new Secret("k7Jw2") }), missing);
  const { script, stdin } = (change!.steps as RunStep[])[0]!;
  expect(stdin).toContain('header = "Token: a\\"b"\nuser = "ada:k7Jw2"\n');
  expect(script.text).not.toMatch(/k7Jw2|Token|wget/);
});

test("what is brought each time is not proven by a second look, and is no remark of status", () => {
  expect([get_url.once!(bind({ force: true })), get_url.once!(bind({ force: true, checksum: "md5:a" }))]).toEqual([true, false]);
  expect(state({ force: true }, there)).toEqual({ state: "n/a", label: "/opt/tool", remarks: [] });
});

describe.each(shells)("under %s, with a curl that writes what it is told", (_, shell) => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "bowline-url-"))));
  afterEach(() => rmSync(home, { recursive: true }));
  const digest = createHash("sha256").update("it's\n").digest("hex");

  const perform = (raw: Record<string, unknown>) => {
    const look = get_url.parse(answerOf(shell, get_url.observe(bind(raw))), bind(raw));
    const step = (get_url.plan(bind(raw), look)[0]!.steps as RunStep[])[0]!;
    const script = { ...step.script, text: `curl() { while [ "$1" != -o ]; do shift; done; printf "it's\\n" >"$2"; }\n${step.script.text}` };
    return answerOf(shell, script, { stdin: step.stdin ?? "" });
  };

  test("it takes its place with its mode", () => {
    const dest = join(home, "to ol");
    expect(perform({ dest, mode: "0750", checksum: `sha256:${digest}` })).toEqual({ code: 0, stdout: "", stderr: "" });
    expect([readFileSync(dest, "utf8"), statSync(dest).mode & 0o7777, readdirSync(home)]).toEqual(["it's\n", 0o750, ["to ol"]]);
    expect(get_url.plan(bind({ dest, checksum: `sha256:${digest}` }), get_url.parse(answerOf(shell, get_url.observe(bind({ dest, checksum: `sha256:${digest}` }))), bind({ dest })))).toEqual([]);
  });

  test("what has another checksum does not", () => {
    const dest = join(home, "tool");
    expect(perform({ dest, checksum: "sha256:abc" })).toMatchObject({ code: 1, stderr: `what came has another checksum: ${digest}\n` });
    expect([existsSync(dest), readdirSync(home)]).toEqual([false, []]);
    writeFileSync(dest, "old");
    perform({ dest, checksum: "sha256:abc" });
    expect(readFileSync(dest, "utf8")).toBe("old");
  });
});

test("every shell can read the scripts", () => {
  expect(syntaxErrors([...scripts({ dest: "/opt/it's", owner: "ops", checksum: "md5:a" }, { ...missing, wanted: { uid: 1 } }), ...scripts({ headers: { a: "b" } }, missing)])).toEqual([]);
});
