import { vg } from "../../src/modules/vg.ts";
import { planner, syntaxErrors } from "./_planner.ts";

const { titles, refusal, badArguments, state, scripts, bind } = planner(vg, { name: "vg-data" });

type Seen = ReturnType<typeof vg.parse>;
type Group = NonNullable<Seen["group"]>;

const volumes = (...active: boolean[]) => active.map((is, index) => ({ name: `lv-${index}`, active: is, skipped: false }));
const seen = (group: Partial<Group> = {}): Seen => ({ root: true, host: "deb1", group: { tags: [], exported: false, missingDisks: 0, volumes: volumes(false, false), ...group }, complaint: "", others: [], mapped: [] });
const { group: _, ...bare } = seen();
const none: Seen = { ...bare, complaint: 'Volume group "vg-data" not found; Cannot process volume group vg-data', others: ["vgroot"] };
const unclear: Seen = { ...none, complaint: "Can't get lock for vg-data" };
const lost: Seen = { ...none, mapped: ["vg--data-lv"] };

test.each<[string, Record<string, unknown>, Seen, string[]]>([
  ["inactive", {}, seen(), ["tag volume group vg-data with deb1", "activate volume group vg-data"]],
  ["active and tagged", {}, seen({ tags: ["deb1"], volumes: volumes(true, true) }), []],
  ["active, not tagged", {}, seen({ volumes: volumes(true, true) }), ["tag volume group vg-data with deb1"]],
  ["partly active", {}, seen({ tags: ["deb1"], volumes: volumes(true, false) }), ["activate volume group vg-data"]],
  ["without volumes", {}, seen({ volumes: [] }), ["tag volume group vg-data with deb1"]],
  ["with a volume that activation skips", {}, seen({ tags: ["deb1"], volumes: [{ name: "snap", active: false, skipped: true }] }), []],
  ["another tag of one's own", { tag: "@cluster" }, seen({ tags: ["cluster"], volumes: volumes(true) }), []],
  ["a tag that names no host", { other_tags: ["ssd"] }, seen({ tags: ["ssd", "deb1"], volumes: volumes(true) }), []],
  ["another owner, takeover", { takeover: true }, seen({ tags: ["deb2", "deb3"] }), ["take volume group vg-data from deb2", "take volume group vg-data from deb3", "tag volume group vg-data with deb1", "activate volume group vg-data"]],
  ["a missing disk, but all is active", {}, seen({ tags: ["deb1"], missingDisks: 1, volumes: volumes(true) }), []],
  ["down: inactive", { state: "inactive" }, seen(), []],
  ["down: not there", { state: "inactive" }, none, []],
  ["down: active and tagged", { state: "inactive" }, seen({ tags: ["deb1"], volumes: volumes(true, false) }), ["deactivate volume group vg-data", "remove the tag deb1 from volume group vg-data"]],
  ["down: tagged only", { state: "inactive" }, seen({ tags: ["deb1"] }), ["remove the tag deb1 from volume group vg-data"]],
  ["down: another owner", { state: "inactive" }, seen({ tags: ["deb2"] }), []],
  ["down: another owner, but active here", { state: "inactive" }, seen({ tags: ["deb2"], volumes: volumes(true) }), ["deactivate volume group vg-data"]],
])("%s", (__, raw, observation, expected) => {
  expect(titles(raw, observation)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, Seen, string]>([
  ["not there", {}, none, "there is no volume group vg-data on this host"],
  ["not shown, which is not the same", {}, unclear, "volume group vg-data cannot be looked at"],
  ["its disks went away under it", {}, lost, "volume group vg-data is gone, but vg--data-lv is still mapped"],
  ["another owner", {}, seen({ tags: ["deb2"] }), "volume group vg-data is owned by deb2"],
  ["another owner beside us", {}, seen({ tags: ["deb1", "deb2"], volumes: volumes(true, true) }), "volume group vg-data is owned by deb2"],
  ["exported", {}, seen({ exported: true }), "volume group vg-data is exported"],
  ["a missing disk", {}, seen({ missingDisks: 2 }), "2 disks of volume group vg-data are missing"],
  ["without root", {}, { ...none, root: false }, "only root can see and change volume groups"],
  ["down: without root", { state: "inactive" }, { ...none, root: false }, "only root can see and change volume groups"],
  ["down: not shown", { state: "inactive" }, unclear, "volume group vg-data cannot be looked at"],
  ["down: its disks went away under it", { state: "inactive" }, lost, "volume group vg-data is gone, but vg--data-lv is still mapped"],
])("refused: %s", (__, raw, observation, message) => {
  expect(refusal(raw, observation)).toMatchObject({ code: "E_REFUSED", message });
});

test.each<[Record<string, unknown>, string]>([
  [{ name: "/dev/vgdata" }, 'vg: "name" must be the name of a volume group, without a path'],
  [{ name: "-a" }, 'vg: "name" must be the name of a volume group, without a path'],
  [{ tag: "a b" }, 'vg: "tag" must be a tag as LVM takes it'],
  [{ state: "up" }, 'vg: "state" must be one of active, inactive'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test.each<[string, Seen, string, string[]]>([
  ["inactive", seen(), "down", []],
  ["tagged only", seen({ tags: ["deb1"] }), "down", ["2 of 2 volumes are not active"]],
  ["active", seen({ tags: ["deb1"], volumes: volumes(true, true) }), "up", []],
  ["partly active", seen({ tags: ["deb1"], volumes: volumes(true, false) }), "warn", ["1 of 2 volumes are not active"]],
  ["active, not tagged", seen({ volumes: volumes(true) }), "warn", ["active, but not tagged with deb1"]],
  ["another owner", seen({ tags: ["deb2"] }), "down", ["owned by deb2"]],
  ["a missing disk", seen({ tags: ["deb1"], volumes: volumes(true), missingDisks: 1 }), "warn", ["1 disk of volume group vg-data is missing"]],
  ["tagged, without volumes", seen({ tags: ["deb1"], volumes: [] }), "up", []],
  ["not there", none, "down", ["there is no volume group vg-data on this host"]],
  ["its disks went away under it", lost, "warn", ["volume group vg-data is gone, but vg--data-lv is still mapped"]],
  ["without root", { ...none, root: false }, "down", ["only root can see volume groups"]],
])("status: %s", (__, observation, expected, remarks) => {
  expect(state({}, observation)).toEqual({ state: expected, label: "vg-data", remarks });
});

test("what a host prints becomes an observation", () => {
  const rows = ["   WARNING: VG vg-data is missing PV abc.", "   vg-data|deb1,ssd|wz-pn-|1|lv-one|-wi-ao----", "   vg-data|deb1,ssd|wz-pn-|1|snap|Vwi---tz-k"];
  const stdout = ["=host", " 0", " deb1", " ", " 0", "=group", ...rows, " ", " 0", ""].join("\n");
  expect(vg.parse({ code: 0, stdout, stderr: "" }, bind({}))).toEqual({
    root: true,
    host: "deb1",
    group: { tags: ["deb1", "ssd"], exported: false, missingDisks: 1, volumes: [{ name: "lv-one", active: true, skipped: false }, { name: "snap", active: false, skipped: true }] },
    complaint: "WARNING: VG vg-data is missing PV abc.",
    others: [],
    mapped: [],
  });
});

test("of what the device mapper has, only the group's own volumes count", () => {
  const names = ["vg--data-lv", "vg--data--two-lv", "vg-data", "vg--data-lv--with--hyphens", "vg--data---odd"];
  const stdout = ["=host", " 0", " deb1", " ", " 0", "=group", "   Volume group \"vg-data\" not found", " ", " 0", "=mapped", ...names.map((name) => ` ${name}`), " ", " 0", ""].join("\n");
  expect(vg.parse({ code: 0, stdout, stderr: "" }, bind({})).mapped).toEqual(["vg--data-lv", "vg--data-lv--with--hyphens"]);
});

test("no step is stopped half-way, neither by a time limit nor when the controller goes away", () => {
  const steps = [...vg.plan(bind({ takeover: true }), seen({ tags: ["deb2"] })), ...vg.plan(bind({ state: "inactive" }), seen({ tags: ["deb1"], volumes: volumes(true) }))].flatMap((change) => change.steps as readonly { timeout?: number; onDisconnect?: string }[]);
  expect(steps.map(({ timeout, onDisconnect }) => [timeout, onDisconnect])).toEqual(Array(5).fill([undefined, "finish"]));
});

test("undo puts back what was seen", () => {
  const scriptsOf = (raw: Record<string, unknown>, observation: Seen) => vg.plan(bind(raw), observation).map((change) => ("impossible" in change.undo ? [] : change.undo.map((step) => (step.kind === "run" ? step.title : ""))));
  expect(scriptsOf({ takeover: true }, seen({ tags: ["deb2"], volumes: volumes(true, false) }))).toEqual([["vgchange --addtag deb2 vg-data"], ["vgchange --deltag deb1 vg-data"], ["lvchange -a n vg-data/lv-1"]]);
  expect(scriptsOf({ state: "inactive" }, seen({ tags: ["deb1"], volumes: volumes(true, false) }))).toEqual([["lvchange -a y vg-data/lv-0"], ["vgchange --addtag deb1 vg-data"]]);
});

test("every shell can read the scripts", () => {
  expect(syntaxErrors([...scripts({}, seen()), ...scripts({ state: "inactive" }, seen({ tags: ["deb1"], volumes: volumes(true) }))])).toEqual([]);
});
