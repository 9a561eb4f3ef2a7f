import { group } from "../../src/modules/group.ts";
import { planner, syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

type Seen = ReturnType<typeof group.parse>;

const { bind, titles, refusal, badArguments, scripts } = planner(group, { name: "app" });

const missing: Seen = { tools: "shadow", isRoot: true, members: [] };
const there: Seen = { ...missing, gid: 990, members: ["ada", "grace"] };

test.each<[string, Record<string, unknown>, Seen, string[]]>([
  ["missing", {}, missing, ["make the group app"]],
  ["missing, with busybox", { gid: 7 }, { ...missing, tools: "busybox" }, ["make the group app"]],
  ["there", { system: true }, there, []],
  ["there, with the number", { gid: 990 }, { ...there, taken: "app" }, []],
  ["another number", { gid: "991" }, there, ["change the number of the group app from 990 to 991"]],
  ["another's number, and both may have it", { gid: 991, non_unique: true }, { ...there, taken: "web" }, ["change the number of the group app from 990 to 991"]],
  ["absent: there", { state: "absent" }, there, ["remove the group app"]],
  ["absent: missing", { state: "absent" }, missing, []],
  ["as it should be, for anybody", {}, { ...there, isRoot: false, tools: "none" }, []],
])("%s", (_, raw, seen, expected) => {
  expect(titles(raw, seen)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, Seen, string]>([
  ["not root", {}, { ...missing, isRoot: false }, "only root may change users and groups"],
  ["no tools", {}, { ...missing, tools: "none" }, "nothing on this host makes users and groups"],
  ["a number that busybox cannot change", { gid: 991 }, { ...there, tools: "busybox" }, "busybox can make and remove users and groups, but not change them"],
  ["another's number", { gid: 991 }, { ...missing, taken: "web" }, "the number 991 is that of the group web"],
  ["removing, not root", { state: "absent" }, { ...there, isRoot: false }, "only root may change users and groups"],
])("refused: %s", (_, raw, seen, message) => {
  expect(refusal(raw, seen)).toMatchObject({ code: "E_REFUSED", message });
});

test.each<[string, Record<string, unknown>, Seen, string, string]>([
  ["made", { gid: 7, system: true }, missing, "groupadd -r -g 7 app", "groupdel app"],
  ["made by busybox", { gid: 7, system: true }, { ...missing, tools: "busybox" }, "addgroup -S -g 7 app", "delgroup app"],
  ["made beside another", { gid: 7, non_unique: true }, missing, "groupadd -g 7 -o app", "groupdel app"],
  ["renumbered", { gid: 7 }, there, "groupmod -g 7 app", "groupmod -g 990 app"],
  ["removed, and back with its members", { state: "absent" }, there, "groupdel app", "groupadd -g 990 -o app && gpasswd -a ada app && gpasswd -a grace app"],
])("%s, and taken back", (_, raw, seen, done, undone) => {
  const [change] = group.plan(bind(raw), seen);
  const texts = (steps: unknown) => (steps as { script: { text: string } }[]).map(({ script }) => script.text.replace(/ +/g, " ").trim());
  expect([texts(change!.steps), texts(change!.undo)]).toEqual([[done], [undone]]);
});

test.each<[Record<string, unknown>, string]>([
  [{ name: "12" }, 'group: "name" must be a name of letters, digits, _, - and .'],
  [{ name: "-x" }, 'group: "name" must be a name of letters, digits, _, - and .'],
  [{ name: "a:b" }, 'group: "name" must be a name of letters, digits, _, - and .'],
  [{ gid: -1 }, 'group: "gid" must be at least 0'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

describe.each(shells)("on this machine, under %s", (_, shell) => {
  const look = (raw: Record<string, unknown>) => group.parse(answerOf(shell, group.observe(bind(raw))), bind(raw));

  test.each<[Record<string, unknown>, object]>([
    [{ name: "root", gid: 0 }, { gid: 0, taken: "root", tools: "shadow" }],
    [{ name: "daemon", gid: 0 }, { gid: 1, taken: "root" }],
    [{ name: "no-such-group", gid: 4294967000 }, { members: [] }],
  ])("%j", (raw, expected) => {
    expect(look(raw)).toMatchObject(expected);
    expect("taken" in look(raw)).toBe("taken" in expected);
  });
});

test("every shell can read the scripts", () => {
  const all = (["shadow", "busybox"] as const).flatMap((tools) => [scripts({ gid: 7 }, { ...missing, tools }), scripts({ state: "absent" }, { ...there, tools })]);
  expect(syntaxErrors([...all.flat(), ...scripts({ gid: 7 }, there)])).toEqual([]);
});
