import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lineinfile } from "../../src/modules/lineinfile.ts";
import { planner, syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

type Seen = ReturnType<typeof lineinfile.parse>;

const { bind, titles, refusal, badArguments, state, scripts } = planner(lineinfile, { path: "/etc/app.conf" });

const missing: Seen = { kind: "missing", fixed: false, ancestor: { path: "/etc", kind: "directory", writable: true }, user: { name: "root", uid: 0, gids: [0] }, wanted: {}, unreadable: false, isLarge: false };
const holding = (text: string, more: Partial<Seen> = {}): Seen => ({ ...missing, kind: "file", stat: { mode: "0640", uid: 0, gid: 0, owner: "root", group: "root", size: text.length }, text, ...more });

/** What becomes of a text. */
function edited(raw: Record<string, unknown>, text: string): string {
  const [change] = lineinfile.plan(bind(raw), holding(text));
  return change?.diff?.after ?? text;
}

const port = { regexp: "^#?port ", line: "port 2" };

test.each<[string, Record<string, unknown>, string, string]>([
  ["a new line goes to the end", { line: "b" }, "a\n", "a\nb\n"],
  ["the last line gets its end first", { line: "b" }, "a", "a\nb\n"],
  ["an empty file", { line: "b" }, "", "b\n"],
  ["a line that is there", { line: "b" }, "a\nb\nc", "a\nb\nc"],
  ["a line that is there in another system's words", { line: "b" }, "a\r\nb\r\n", "a\r\nb\r\n"],
  ["the last line that is found is replaced", port, "#port 1\nx\nport 1\n", "#port 1\nx\nport 2\n"],
  ["the first line that is found is replaced", { ...port, firstmatch: true }, "#port 1\nx\nport 1\n", "port 2\nx\nport 1\n"],
  ["what is found is so already", port, "x\nport 2\n", "x\nport 2\n"],
  ["what is found is so already, without an end", port, "x\nport 2", "x\nport 2"],
  ["nothing is found, and the line is there", { regexp: "^nothing", line: "b" }, "b\n", "b\n"],
  ["nothing is found", port, "x\n", "x\nport 2\n"],
  ["a plain text finds", { search_string: "1.*", line: "c" }, "a1.*b\na1xb\n", "c\na1xb\n"],
  ["behind another", { line: "b", insertafter: "^a" }, "a1\na2\nc\n", "a1\na2\nb\nc\n"],
  ["behind the first", { line: "b", insertafter: "^a", firstmatch: true }, "a1\na2\nc\n", "a1\nb\na2\nc\n"],
  ["before another", { line: "b", insertbefore: "^c" }, "a\nc1\nc2\n", "a\nc1\nb\nc2\n"],
  ["behind the last line, which has no end", { line: "b", insertafter: "^a" }, "a", "a\nb\n"],
  ["at the beginning", { line: "b", insertbefore: "BOF" }, "a\n", "b\na\n"],
  ["at the end", { line: "b", insertafter: "EOF" }, "a\n", "a\nb\n"],
  ["before what is not there: at the end", { line: "b", insertbefore: "^x" }, "a\n", "a\nb\n"],
  ["what was found is in the line", { regexp: "^(port) (?P<n>\\d+)", line: "\\1=\\g<n>$1", backrefs: true }, "port 7\n", "port=7$1\n"],
  ["what was found is not in the line when nothing was", { regexp: "^(port) ", line: "\\1=2", backrefs: true }, "x\n", "x\n"],
  ["without backrefs a backslash is one", { regexp: "^x", line: "\\1" }, "x\n", "\\1\n"],
  ["absent: all that are found", { state: "absent", regexp: "^#" }, "#a\nb\n#c", "b\n"],
  ["absent: the line", { state: "absent", line: "b" }, "b\nbb\nb\n", "bb\n"],
  ["absent: a plain text", { state: "absent", search_string: "b" }, "b\nabc\na\n", "a\n"],
  ["absent: none", { state: "absent", line: "x" }, "b\n", "b\n"],
])("%s", (_, raw, before, after) => {
  expect(edited(raw, before)).toBe(after);
  expect(titles(raw, holding(after))).toEqual([]);
});

test.each<[string, Record<string, unknown>, Seen, string[]]>([
  ["a change", { line: "b" }, holding("a\n"), ["change the file /etc/app.conf"]],
  ["only the mode", { line: "a", mode: "0600" }, holding("a\n"), ["change the mode of /etc/app.conf from 0640 to 0600"]],
  ["a new file", { line: "a", create: true }, missing, ["make the file /etc/app.conf"]],
  ["absent from what is not there", { line: "a", state: "absent" }, missing, []],
])("%s", (_, raw, seen, expected) => {
  expect(titles(raw, seen)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, Seen, string]>([
  ["no file", { line: "a" }, missing, "/etc/app.conf does not exist"],
  ["a directory", { line: "a" }, { ...missing, kind: "directory" }, "/etc/app.conf is a directory"],
  ["no text", { line: "a" }, holding("a\0b\n"), "/etc/app.conf is no text"],
  ["too large", { line: "a" }, { ...missing, kind: "file", isLarge: true }, "/etc/app.conf is too large to be changed in part"],
  ["closed to who looks", { line: "a" }, { ...missing, kind: "file", unreadable: true }, "root may not read /etc/app.conf"],
])("refused: %s", (_, raw, seen, message) => {
  expect(refusal(raw, seen)).toMatchObject({ code: "E_REFUSED", message });
});

test.each<[Record<string, unknown>, string]>([
  [{}, 'lineinfile: "line" is missing: what is to be there'],
  [{ state: "absent" }, 'lineinfile: takes "line", "regexp" or "search_string" for what is to go'],
  [{ line: "a\nb" }, 'lineinfile: "line" must be one line'],
  [{ line: "a", regexp: "(" }, 'lineinfile: "regexp" must be a regular expression'],
  [{ line: "a", regexp: "a", search_string: "a" }, 'lineinfile: takes one of "regexp" and "search_string"'],
  [{ line: "a", insertafter: "a", insertbefore: "a" }, 'lineinfile: takes one of "insertafter" and "insertbefore"'],
  [{ line: "a", backrefs: true }, 'lineinfile: "backrefs" needs "regexp"'],
  [{ line: "a", validate: "true" }, 'lineinfile: "validate" must have %s where the new file is named'],
  [{ path: "/", line: "a" }, 'lineinfile: "path" must be a file'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("the old text comes back", () => {
  expect(lineinfile.plan(bind({ line: "b" }), holding("a\n"))[0]!.undo).toEqual([{ kind: "put", path: "/etc/app.conf", content: { text: "a\n" }, mode: "0640", owner: "0", group: "0" }]);
});

test("status says what is not so", () => {
  expect(state({ line: "b" }, holding("a\n"))).toEqual({ state: "warn", label: "/etc/app.conf", remarks: ["would change the file /etc/app.conf"] });
});

test.each(shells)("under %s a file is read as it is", (_, shell) => {
  const home = mkdtempSync(join(tmpdir(), "bowline-line-"));
  const path = join(home, "it's");
  const look = () => lineinfile.parse(answerOf(shell, lineinfile.observe(bind({ path, line: "a" }))), bind({ path, line: "a" }));
  expect(look()).toMatchObject({ kind: "missing" });
  writeFileSync(path, "\n\na\n\nü");
  expect([look().text, readFileSync(path, "utf8")]).toEqual(["\n\na\n\nü", "\n\na\n\nü"]);
  writeFileSync(path, "x".repeat(1024 * 1024 + 1));
  expect([look().isLarge, look().text, statSync(path).size]).toEqual([true, undefined, 1024 * 1024 + 1]);
  rmSync(home, { recursive: true });
});

test("every shell can read the scripts", () => {
  expect(syntaxErrors(scripts({ path: "/etc/it's", line: "b", validate: "true %s", backup: true }, holding("a\n")))).toEqual([]);
});
