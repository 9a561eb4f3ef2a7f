import { replace } from "../../src/modules/replace.ts";
import { planner } from "./_planner.ts";

type Seen = ReturnType<typeof replace.parse>;

const { bind, titles, refusal, badArguments } = planner(replace, { path: "/etc/app.conf", regexp: "a" });

const missing: Seen = { kind: "missing", fixed: false, ancestor: { path: "/etc", kind: "directory", writable: true }, user: { name: "root", uid: 0, gids: [0] }, wanted: {}, unreadable: false, isLarge: false };
const holding = (text: string): Seen => ({ ...missing, kind: "file", stat: { mode: "0640", uid: 0, gid: 0, owner: "root", group: "root", size: text.length }, text });

test.each<[string, Record<string, unknown>, string, string]>([
  ["all that is found", { replace: "b" }, "a xa\na", "b xb\nb"],
  ["what is found goes", {}, "xay\n", "xy\n"],
  ["nothing is found", { replace: "b" }, "x\n", "x\n"],
  ["the ends of lines", { regexp: "^a$", replace: "b" }, "a\naa\na\n", "b\naa\nb\n"],
  ["a dot is no end of a line", { regexp: "a.*", replace: "b" }, "ax\ny\n", "b\ny\n"],
  ["groups, and what means something elsewhere", { regexp: "(a)(?P<n>\\d)", replace: "\\2\\g<n>\\1$1$&" }, "a1\n", "11a$1$&\n"],
  ["a new line", { regexp: ";", replace: "\\n" }, "a;b\n", "a\nb\n"],
  ["any case", { regexp: "(?i)A", replace: "b" }, "aA\n", "bb\n"],
  ["behind a mark", { after: "\\[x\\]", replace: "b" }, "a\n[x]\na\n", "a\n[x]\nb\n"],
  ["before a mark", { before: "\\[x\\]", replace: "b" }, "a\n[x]\na\n", "b\n[x]\na\n"],
  ["between marks", { after: "\\[x\\]", before: "\\[y\\]", replace: "b" }, "a[x]a\na[y]a\n", "a[x]b\nb[y]a\n"],
  ["between marks that are not there", { after: "\\[x\\]", before: "\\[z\\]", replace: "b" }, "a[x]a\n", "a[x]a\n"],
  ["a number as text", { replace: 80 }, "a\n", "80\n"],
])("%s", (_, raw, before, after) => {
  expect(replace.plan(bind(raw), holding(before))[0]?.diff?.after ?? before).toBe(after);
  expect(titles(raw, holding(after))).toEqual([]);
});

test("a file that is not there is an error", () => {
  expect(refusal({}, missing)).toMatchObject({ code: "E_REFUSED", message: "/etc/app.conf does not exist" });
});

test.each<[Record<string, unknown>, string]>([
  [{ regexp: "[" }, 'replace: "regexp" must be a regular expression'],
  [{ after: "(" }, 'replace: "after" must be a regular expression'],
  [{ create: true }, 'replace: "create" is not an argument'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});
