import { createHash } from "node:crypto";
import { copy } from "../../src/modules/copy.ts";
import { template } from "../../src/modules/template.ts";
import { planner, syntaxErrors } from "./_planner.ts";

type Seen = ReturnType<typeof template.parse>;

// The engine renders the file that src names; the module gets the text.
const { titles, refusal, badArguments, state, scripts, bind } = planner(template, { dest: "/etc/app.conf", src: "port = 80\n" });

const stat = { mode: "0640", uid: 0, gid: 0, owner: "root", group: "root", size: 4 };
const missing: Seen = { kind: "missing", fixed: false, ancestor: { path: "/etc", kind: "directory", writable: true }, user: { name: "root", uid: 0, gids: [0] }, wanted: {}, unreadable: false };
const holding = (text: string): Seen => ({ ...missing, kind: "file", stat, text, sha256: createHash("sha256").update(text).digest("hex") });

test.each<[string, Record<string, unknown>, Seen, string[]]>([
  ["missing", {}, missing, ["make the file /etc/app.conf"]],
  ["the same", {}, holding("port = 80\n"), []],
  ["an empty text", { src: "" }, holding(""), []],
  ["another text", {}, holding("port = 81\n"), ["change the file /etc/app.conf"]],
  ["another mode", { mode: "0600" }, holding("port = 80\n"), ["change the mode of /etc/app.conf from 0640 to 0600"]],
])("%s", (_, raw, observation, expected) => {
  expect(titles(raw, observation)).toEqual(expected);
});

test("it refuses what copy refuses", () => {
  expect(refusal({}, { ...holding(""), kind: "directory" })).toMatchObject({ code: "E_REFUSED", message: "/etc/app.conf is a directory" });
  expect(refusal({}, { ...missing, ancestor: { path: "/", kind: "directory", writable: true } })).toMatchObject({ message: "the directory /etc does not exist" });
});

test("the diff has both texts", () => {
  expect(template.plan(bind({}), holding("port = 81\n"))[0]!.diff).toEqual({ path: "/etc/app.conf", before: "port = 81\n", after: "port = 80\n" });
});

test.each<[Record<string, unknown>, string]>([
  [{ src: null }, 'template: "src" is missing'],
  [{ dest: "app.conf" }, 'template: "dest" must be an absolute path'],
  [{ content: "x" }, 'template: "content" is not an argument'],
  [{ validate: "true" }, 'template: "validate" must have %s where the new file is named'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("status, and scripts that every shell can read", () => {
  expect(state({}, holding("port = 80\n"))).toEqual({ state: "n/a", label: "/etc/app.conf", remarks: [] });
  expect(state({}, missing)).toMatchObject({ state: "down" });
  expect(syntaxErrors(scripts({ mode: "0600", backup: true, validate: "cat %s" }, holding("x")))).toEqual([]);
});

test("what is shared with copy is shared", () => {
  const { src: _, ...shared } = template.args;
  expect(Object.entries(shared).every(([key, type]) => copy.args[key as keyof typeof copy.args] === type)).toBe(true);
});
