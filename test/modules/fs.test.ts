import { driftOf, remountOptions, restoringOptions, sameOptions } from "../../src/modules/_fs_options.ts";
import type { FsSeen } from "../../src/modules/_fs_seen.ts";
import { checkRemark } from "../../src/modules/_fs_steps.ts";
import { fs } from "../../src/modules/fs.ts";
import { parseMounts, type Mount } from "../../src/modules/_mountpoint.ts";
import { planner, syntaxErrors } from "./_planner.ts";

const { titles, refusal, badArguments, state, scripts, bind } = planner(fs, { device: "/dev/vg/lv", path: "/srv/data", type: "ext4" });

const mount = (more: Partial<Mount> = {}): Mount => ({ number: "253:0", root: "/", path: "/srv/data", type: "ext4", source: "/dev/mapper/vg-lv", options: ["rw", "relatime"], superOptions: ["rw"], ...more });
const absent: FsSeen = { root: true, path: "/srv/data", mountpoint: "directory", entries: 0, device: { kind: "block", path: "/dev/vg/lv", number: "253:0", holds: "ext4" }, mounts: [mount({ path: "/", number: "254:0", source: "/dev/vda" })], answers: true, errors: 0 };
const mounted = (...mounts: Mount[]): FsSeen => ({ ...absent, mountpoint: "mounted", mounts: [...absent.mounts, ...(mounts.length === 0 ? [mount()] : mounts)] });
const other = mount({ number: "253:7", source: "/dev/mapper/vg-other" });
const afterError = mount({ superOptions: ["ro", "errors=remount-ro"] });
const missing: FsSeen = { ...absent, device: { kind: "missing" } };
const nowhere: FsSeen = { ...absent, mountpoint: "missing", missingFrom: "/srv" };
const writeProtected: FsSeen = { ...absent, device: { kind: "block", path: "/dev/vg/lv", number: "253:0", holds: "ext4", writeProtected: true } };

const mountIt = "mount /dev/vg/lv on /srv/data";
test.each<[string, Record<string, unknown>, FsSeen, string[]]>([
  ["not mounted", {}, absent, [mountIt]],
  ["the device may still appear", {}, missing, [mountIt]],
  ["mounted, under the device mapper's name", {}, mounted(), []],
  ["mounted elsewhere", {}, mounted(mount({ path: "/mnt" })), [mountIt]],
  ["ext3 is mounted as ext4", {}, { ...absent, device: { kind: "block", path: "/dev/vg/lv", number: "253:0", holds: "ext3" } }, [mountIt]],
  ["mounted with other options", { options: "ro,noatime" }, mounted(), ["remount /srv/data with ro,noatime"]],
  ["mounted with other options, to be reported", { options: "noatime", on_options_drift: "report" }, mounted(), []],
  ["read-only after an error, and asked to be", { options: "ro" }, mounted(afterError), []],
  ["write-protected, and asked to be read-only", { options: "ro" }, writeProtected, [mountIt]],
  ["a btrfs subvolume", { type: "btrfs" }, mounted(mount({ type: "btrfs", root: "/@data" })), []],
  ["nfs", { device: "server:/export/", type: "nfs" }, { ...mounted(mount({ number: "0:50", type: "nfs", source: "server:/export" })), device: { kind: "source" } }, []],
  ["unmounted", { state: "unmounted" }, absent, []],
  ["down: mounted", { state: "unmounted" }, mounted(), ["unmount /srv/data"]],
  ["down: mounted twice", { state: "unmounted" }, mounted(mount(), mount()), ["unmount /srv/data", "unmount /srv/data"]],
  ["down: another device there", { state: "unmounted" }, mounted(other), []],
  ["down: the device is gone, the mount not", { state: "unmounted", device: "/dev/mapper/vg-lv" }, { ...mounted(), device: { kind: "missing" } }, ["unmount /srv/data"]],
])("%s", (_, raw, seen, expected) => {
  expect(titles(raw, seen)).toEqual(expected);
});

test("a tmpfs is not mounted elsewhere because others are: each is a filesystem of its own", () => {
  const others = [mount({ path: "/run", number: "0:25", type: "tmpfs", source: "tmpfs" })];
  const [change] = fs.plan(bind({ device: "tmpfs", type: "tmpfs" }), { ...absent, device: { kind: "source" }, mounts: others });
  expect(change!.remark!([])).toBeUndefined();
});

test.each<[string, Record<string, unknown>, FsSeen, string]>([
  ["another device on the mountpoint", {}, mounted(other), "/srv/data carries another filesystem"],
  ["another device over ours", {}, mounted(mount(), other), "/srv/data carries another filesystem"],
  ["a directory of the device on the mountpoint", {}, mounted(mount({ root: "/sub" })), "/srv/data carries another filesystem"],
  ["mounts below", {}, { ...absent, mounts: [mount({ path: "/srv/data/a" }), mount({ path: "/srv/database" })] }, "mounting on /srv/data would hide what is mounted below it"],
  ["the mountpoint is a file", {}, { ...absent, mountpoint: "other" }, "/srv/data is not a directory"],
  ["no device, no wait", { wait: 0 }, missing, "device /dev/vg/lv does not exist"],
  ["a file in the device's place", {}, { ...absent, device: { kind: "other", path: "/dev/vg/lv", what: "regular file" } }, "/dev/vg/lv is no block device"],
  ["another type", { type: "xfs" }, absent, "/dev/vg/lv holds ext4, not xfs"],
  ["a physical volume", {}, { ...absent, device: { kind: "block", path: "/dev/vg/lv", number: "253:0", holds: "LVM2_member" } }, "/dev/vg/lv holds LVM2_member, not ext4"],
  ["read-only after an error", {}, mounted(afterError), "/srv/data is read-only, most likely since an error"],
  ["write-protected, and not asked to be read-only", {}, writeProtected, "/dev/vg/lv is write-protected"],
  ["mounted, and nothing answers", {}, { ...mounted(), answers: false }, "/srv/data is mounted, but does not answer"],
  ["without root", {}, { ...absent, root: false }, "only root may mount and unmount"],
  ["down: without root", { state: "unmounted" }, { ...mounted(), root: false }, "only root may mount and unmount"],
  ["down: mounted, but the device by which it would be known is gone", { state: "unmounted", device: "LABEL=data" }, { ...mounted(), device: { kind: "missing" } }, "cannot tell whether /srv/data carries LABEL=data, since that does not exist"],
  ["down: a symbolic link to what nobody is killed for", { state: "unmounted", kill: true }, { ...mounted(mount({ path: "/home" })), path: "/home" }, '"kill" is not for /home: its processes are the host\'s own'],
  ["down: another device over ours", { state: "unmounted" }, mounted(mount(), other), "something else is mounted over /dev/vg/lv on /srv/data"],
])("refused: %s", (_, raw, seen, message) => {
  expect(refusal(raw, seen)).toMatchObject({ code: "E_REFUSED", message });
});

test.each<[Record<string, unknown>, string]>([
  [{ kill: true, path: "/var" }, 'fs: "kill" is not for /var: its processes are the host\'s own'],
  [{ device: "vg/lv" }, 'fs: "device" must be an absolute path, or begin with LABEL=, UUID=, PARTLABEL= or PARTUUID='],
  [{ options: "a b" }, 'fs: "options[0]" must be one option, without blanks'],
  [{ path: "srv" }, 'fs: "path" must be an absolute path'],
  [{ type: "EXT 4" }, 'fs: "type" must be the name of a filesystem type'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test.each<[string, Record<string, unknown>, FsSeen, string, string[]]>([
  ["not mounted", {}, absent, "down", []],
  ["not mounted, files below", {}, { ...absent, entries: 1 }, "down", ["/srv/data itself holds 1 entry, which a mount hides"]],
  ["no device", {}, missing, "down", ["device /dev/vg/lv does not exist"]],
  ["mounted", {}, mounted(), "up", []],
  ["mounted, and nothing answers", {}, { ...mounted(), answers: false }, "warn", ["/srv/data does not answer"]],
  ["read-only after an error", {}, { ...mounted(afterError), errors: 3 }, "warn", ["/srv/data is read-only, most likely since an error", "the filesystem has 3 recorded errors"]],
  ["read-only by hand", { options: "rw" }, mounted(mount({ options: ["ro"], superOptions: ["ro"] })), "warn", ["the filesystem is read-only"]],
  ["other options", { options: "noatime,discard" }, mounted(), "warn", ["mounted with relatime, not noatime", "mounted without discard"]],
  ["another device", {}, mounted(other), "warn", ["/srv/data carries /dev/mapper/vg-other (ext4)"]],
])("status: %s", (_, raw, seen, expected, remarks) => {
  expect(state(raw, seen)).toEqual({ state: expected, label: "/dev/vg/lv@/srv/data", remarks });
});

describe("which steps a mount takes", () => {
  const stepTitles = (raw: Record<string, unknown>, seen: FsSeen) => fs.plan(bind(raw), seen).flatMap((change) => (change.steps as readonly { title: string }[]).map(({ title }) => title));
  const undoTitles = (raw: Record<string, unknown>, seen: FsSeen) => fs.plan(bind(raw), seen).flatMap((change) => ("impossible" in change.undo ? ["impossible"] : change.undo.map((step) => (step.kind === "run" ? step.title : ""))));
  const plain = "mount -t ext4 /dev/vg/lv /srv/data";
  const withoutType = { device: "/dev/vg/lv", path: "/srv/data", type: null };

  test.each<[string, Record<string, unknown>, FsSeen, string[]]>([
    ["ext4", { options: ["rw", "noatime"] }, absent, ["e2fsck -p /dev/vg/lv", "mount -t ext4 -o rw,noatime /dev/vg/lv /srv/data"]],
    ["not to be checked", { fsck: false }, absent, [plain]],
    ["mounted elsewhere", {}, mounted(mount({ path: "/mnt" })), [plain]],
    ["write-protected", { options: "ro" }, writeProtected, ["mount -t ext4 -o ro /dev/vg/lv /srv/data"]],
    ["no type, ext4 on the device", withoutType, absent, ["e2fsck -p /dev/vg/lv", "mount /dev/vg/lv /srv/data"]],
    ["no type, no device yet", withoutType, missing, ["e2fsck -p /dev/vg/lv", "mount /dev/vg/lv /srv/data"]],
    ["no type, xfs on the device", withoutType, { ...absent, device: { kind: "block", path: "/dev/vg/lv", number: "253:0", holds: "xfs" } }, ["mount /dev/vg/lv /srv/data"]],
  ])("%s", (_, raw, seen, expected) => {
    expect(stepTitles(raw, seen)).toEqual(expected);
  });

  test.each<[string, Record<string, unknown>, FsSeen, string[]]>([
    ["a mount", {}, absent, ["umount /srv/data"]],
    ["a mount on a new mountpoint", {}, nowhere, ["umount /srv/data", "rmdir /srv/data"]],
    ["an unmount", { state: "unmounted" }, mounted(mount({ options: ["rw", "nodev", "noatime"], superOptions: ["rw", "seclabel", "commit=30"] })), ["mount -t ext4 -o rw,nodev,noatime,commit=30 /dev/mapper/vg-lv /srv/data"]],
    ["a remount", { options: "noatime" }, mounted(), ["mount -o remount,rw,relatime /srv/data"]],
    ["a remount of what was not shown", { options: "discard" }, mounted(), ["impossible"]],
  ])("undo of %s", (_, raw, seen, expected) => {
    expect(undoTitles(raw, seen)).toEqual(expected);
  });

  test("the remark says what e2fsck corrected, and what the mount hides", () => {
    const [change] = fs.plan(bind({}), { ...absent, entries: 100 });
    const fine = { code: 0, stdout: "", stderr: "" };
    expect(change!.remark!([{ code: 1, stdout: "lv: Inode 12 ref count is 7\nlv: 12/100 files\n", stderr: "" }, fine])).toBe(
      "e2fsck corrected the filesystem: lv: Inode 12 ref count is 7; lv: 12/100 files; /srv/data itself holds 100 entries or more, which a mount hides",
    );
    expect(checkRemark({ code: 0, stdout: "lv: clean, 11/100 files\n", stderr: "" })).toBeUndefined();
    expect(fs.plan(bind({ options: "ro" }), writeProtected)[0]!.remark!([fine])).toBe("/dev/vg/lv is write-protected, so it was not checked");
    expect(fs.plan(bind({ options: "ro", fsck: false }), writeProtected)[0]!.remark!([fine])).toBe("/dev/vg/lv is write-protected");
  });

  test("what a disk is busy with is not stopped half-way; what a server never answers is given up", () => {
    const limits = (raw: Record<string, unknown>, seen: FsSeen) => fs.plan(bind(raw), seen).flatMap((change) => (change.steps as readonly { title: string; timeout?: number; onDisconnect?: string }[]).map(({ title, timeout, onDisconnect }) => [title.split(" ")[0], timeout, onDisconnect]));
    expect(limits({}, absent)).toEqual([["e2fsck", undefined, "finish"], ["mount", undefined, "finish"]]);
    expect(limits({ state: "unmounted" }, mounted())).toEqual([["umount", undefined, "finish"]]);
    expect(limits({ device: "s:/e", type: "nfs" }, { ...absent, device: { kind: "source" } })).toEqual([["mount", 120, "finish"]]);
  });
});

test.each<[string, string[], Partial<Mount>, string[]]>([
  ["what holds", ["rw", "relatime", "suid", "async"], {}, []],
  ["what the kernel does not show", ["defaults", "nofail", "_netdev", "x-systemd.automount", "acl", "noauto", "user_xattr"], {}, []],
  ["read-only", ["ro"], {}, ["ro: rw"]],
  ["writable", ["rw"], { options: ["ro"], superOptions: ["ro"] }, ["rw: ro"]],
  ["flags", ["nodev", "exec"], { options: ["rw", "noexec", "relatime"] }, ["nodev: dev", "exec: noexec"]],
  ["access times", ["noatime"], {}, ["noatime: relatime"]],
  ["strict access times, which the kernel shows as nothing", ["strictatime"], { options: ["rw"] }, []],
  ["atime", ["atime"], { options: ["rw", "noatime"] }, ["atime: noatime"]],
  ["a value", ["commit=60"], { superOptions: ["rw", "commit=30"] }, ["commit=60: commit=30"]],
  ["a default that is not shown", ["errors=continue", "commit=5", "data=ordered"], {}, []],
  ["a value whose default is not shown", ["errors=remount-ro"], {}, ["errors=remount-ro: errors=continue"]],
  ["a value that nobody shows", ["context=none"], {}, []],
  ["a value with a level", ["compress=zstd"], { type: "btrfs", superOptions: ["rw", "compress=zstd:3"] }, []],
  ["a switch", ["delalloc", "discard"], { superOptions: ["rw", "nodelalloc"] }, ["delalloc: nodelalloc", "discard: not discard"]],
])("options: %s", (_, wanted, more, expected) => {
  expect(driftOf(wanted, mount(more)).map((drift) => `${drift.wanted}: ${drift.seen}`)).toEqual(expected);
});

test("a remount keeps the flags that nobody asked about", () => {
  const seen = mount({ options: ["rw", "nodev", "noexec", "relatime"] });
  expect(remountOptions(["ro", "exec", "noatime", "defaults", "x-a=b", "commit=60"], seen)).toEqual(["nodev", "ro", "exec", "noatime", "commit=60"]);
  expect(restoringOptions(driftOf(["ro"], seen), seen)).toEqual(["rw", "nodev", "noexec", "relatime"]);
  expect(restoringOptions([{ wanted: "commit=60", seen: "commit=30" }], seen)).toEqual(["rw", "nodev", "noexec", "relatime", "commit=30"]);
  expect(sameOptions(mount({ options: ["ro"], superOptions: ["ro", "seclabel", "errors=remount-ro"] }))).toEqual(["ro", "errors=remount-ro"]);
});

test("mountinfo, with optional fields and what is written as octal digits", () => {
  const lines = ["44 26 253:2 / /mnt/a\\040b rw,relatime shared:50 master:3 - ext4 /dev/mapper/vg-lv rw,errors=remount-ro", "45 26 0:40 /@\\134x /b rw - btrfs /dev/vdb rw,subvol=/@", "garbage"];
  expect(parseMounts(lines.join("\n"))).toEqual([
    { number: "253:2", root: "/", path: "/mnt/a b", type: "ext4", source: "/dev/mapper/vg-lv", options: ["rw", "relatime"], superOptions: ["rw", "errors=remount-ro"] },
    { number: "0:40", root: "/@\\x", path: "/b", type: "btrfs", source: "/dev/vdb", options: ["rw"], superOptions: ["rw", "subvol=/@"] },
  ]);
});

test("what a host prints becomes an observation", () => {
  const section = (name: string, ...lines: string[]) => [`=${name}`, ...lines.map((line) => ` ${line}`), " ", " 0"];
  const parse = (...lines: string[]) => fs.parse({ code: 0, stdout: [...lines, ""].join("\n"), stderr: "" }, bind({}));
  const mountpoint = (...lines: string[]) => section("mountpoint", "0", "/srv/data", ...lines);
  const rest = { root: true, path: "/srv/data" };
  expect(
    parse(
      ...section("mounts", "45 26 0:40 / /srv/data rw - btrfs /dev/vdb rw", "46 26 8:1 / /mnt rw - ext4 /dev/sda1 rw"),
      ...section("sources", "fd 1f /dev/vdb"),
      ...section("device", "/dev/vdb", "fd 1f block special file", "0", ""),
      ...mountpoint("mounted", "124", "3"),
    ),
  ).toEqual({
    ...rest,
    mountpoint: "mounted",
    entries: 0,
    device: { kind: "block", path: "/dev/vdb", number: "253:31" },
    mounts: [
      { number: "253:31", root: "/", path: "/srv/data", type: "btrfs", source: "/dev/vdb", options: ["rw"], superOptions: ["rw"] },
      { number: "8:1", root: "/", path: "/mnt", type: "ext4", source: "/dev/sda1", options: ["rw"], superOptions: ["rw"] },
    ],
    answers: false,
    errors: 3,
  });
  const bare = { ...rest, mounts: [], answers: true, errors: 0 };
  expect(parse(...section("mounts"), ...section("sources"), ...section("device", "/dev/vdb", "fd 1f block special file", "1", "xfs"), ...mountpoint("missing", "/srv"))).toEqual({ ...bare, mountpoint: "missing", missingFrom: "/srv", entries: 0, device: { kind: "block", path: "/dev/vdb", number: "253:31", holds: "xfs", writeProtected: true } });
  expect(parse(...section("device", "/dev/vdb"), ...mountpoint("directory", "7"))).toEqual({ ...bare, mountpoint: "directory", entries: 7, device: { kind: "missing" } });
  expect(parse(...section("device", "/dev/vdb", "0 0 regular file", "", ""), ...mountpoint("other"))).toEqual({ ...bare, mountpoint: "other", entries: 0, device: { kind: "other", path: "/dev/vdb", what: "regular file" } });
});

test("a node that another disk has by now does not make the old disk's mount its own", () => {
  const stdout = ["=mounts", " 45 26 8:17 / /srv/data rw - ext4 /dev/sdb1 rw", " ", " 0", "=device", " /dev/sdb1", " 8 21 block special file", " 0", " ", " ", " 0", "=mountpoint", " 0", " /srv/data", " mounted", " 0", " ", " 0", ""].join("\n");
  const args = bind({ device: "/dev/sdb1" });
  expect(() => fs.plan(args, fs.parse({ code: 0, stdout, stderr: "" }, args))).toThrow("/srv/data carries another filesystem");
});

test("every shell can read the scripts", () => {
  const all = [scripts({ options: "rw,noatime" }, absent), scripts({ type: null, device: "LABEL=a b" }, { ...nowhere, device: { kind: "missing" } }), scripts({ state: "unmounted", kill: true }, mounted()), scripts({ options: "noatime" }, mounted()), scripts({ type: "nfs", device: "s:/e" }, { ...absent, device: { kind: "source" } }), scripts({ type: "btrfs" }, missing)];
  expect(syntaxErrors(all.flat())).toEqual([]);
});
