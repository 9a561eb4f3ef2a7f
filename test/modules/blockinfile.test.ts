import { blockinfile } from "../../src/modules/blockinfile.ts";
import { planner } from "./_planner.ts";

type Seen = ReturnType<typeof blockinfile.parse>;

const { bind, titles, refusal, badArguments } = planner(blockinfile, { path: "/etc/hosts", block: "b1\nb2" });

const missing: Seen = { kind: "missing", fixed: false, ancestor: { path: "/etc", kind: "directory", writable: true }, user: { name: "root", uid: 0, gids: [0] }, wanted: {}, unreadable: false, isLarge: false };
const holding = (text: string): Seen => ({ ...missing, kind: "file", stat: { mode: "0640", uid: 0, gid: 0, owner: "root", group: "root", size: text.length }, text });
const [begin, end] = ["# BEGIN ANSIBLE MANAGED BLOCK\n", "# END ANSIBLE MANAGED BLOCK\n"];
const whole = `${begin}b1\nb2\n${end}`;
const own = { marker: "; {mark} it", marker_begin: "from", marker_end: "to" };

test.each<[string, Record<string, unknown>, string, string]>([
  ["a new block goes to the end", {}, "a\n", `a\n${whole}`],
  ["the last line gets its end first", {}, "a", `a\n${whole}`],
  ["an empty file", {}, "", whole],
  ["a block that is there", {}, `a\n${whole}c`, `a\n${whole}c`],
  ["another block", {}, `a\n${begin}old\n${end}c\n`, `a\n${whole}c\n`],
  ["an empty one", {}, `${begin}${end}c\n`, `${whole}c\n`],
  ["marks the other way round", {}, `a\n${end}old\n${begin}c\n`, `a\n${whole}c\n`],
  ["only one mark is none", {}, `${begin}a\n`, `${begin}a\n${whole}`],
  ["at the beginning", { insertbefore: "BOF" }, "a\n", `${whole}a\n`],
  ["at the end", { insertafter: "EOF" }, "a\n", `a\n${whole}`],
  ["behind a line", { insertafter: "^a" }, "a\na\nc\n", `a\na\n${whole}c\n`],
  ["before a line", { insertbefore: "^c" }, "a\nc\n", `a\n${whole}c\n`],
  ["where nothing is found", { insertbefore: "^x" }, "a\n", `a\n${whole}`],
  ["where it is, it stays", { insertbefore: "BOF" }, `a\n${begin}old\n${end}`, `a\n${whole}`],
  ["marks of its own", { ...own, block: "b\n" }, "a\n", "a\n; from it\nb\n; to it\n"],
  ["absent", { state: "absent" }, `a\n${whole}c\n`, "a\nc\n"],
  ["absent: none", { state: "absent" }, "a", "a"],
  ["no lines: no block", { block: "" }, `a\n${whole}`, "a\n"],
])("%s", (_, raw, before, after) => {
  expect(blockinfile.plan(bind(raw), holding(before))[0]?.diff?.after ?? before).toBe(after);
  expect(titles(raw, holding(after))).toEqual([]);
});

test.each<[string, Record<string, unknown>, string[]]>([
  ["a new file", { create: true }, ["make the file /etc/hosts"]],
  ["absent from what is not there", { state: "absent" }, []],
])("%s", (_, raw, expected) => {
  expect(titles(raw, missing)).toEqual(expected);
});

test("a file that is not there is an error", () => {
  expect(refusal({}, missing)).toMatchObject({ code: "E_REFUSED", message: "/etc/hosts does not exist", hint: "create: true makes it" });
});

test.each<[Record<string, unknown>, string]>([
  [{ marker: "# block" }, 'blockinfile: "marker" must have {mark}, which tells the line before from the one behind'],
  [{ marker: "a\nb" }, 'blockinfile: "marker" must be one line'],
  [{ insertafter: "a", insertbefore: "b" }, 'blockinfile: takes one of "insertafter" and "insertbefore"'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});
