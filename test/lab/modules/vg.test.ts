import { jest } from "@jest/globals";
import { vg } from "../../../src/modules/vg.ts";
import type { VgSeen } from "../../../src/modules/_vg_seen.ts";
import { openLab, type Lab, type Machine } from "../lab.ts";
import { drive, type Driven } from "./harness.ts";

jest.setTimeout(300_000);

let lab: Lab;
let first: Machine;
let second: Machine;
let task: Driven<VgSeen>;
let there: Driven<VgSeen>;

beforeAll(async () => {
  lab = await openLab();
  ({ first, second } = await lab.pair());
  task = drive(first, vg);
  there = drive(second, vg);
}, 300_000);

afterAll(() => lab?.close());

const registry = { name: "vgregistry" };
const all = ["lvdockerdata", "lvregistrydata", "lvregistryroot"];
const words = (text: string, separator: RegExp) => text.split(separator).map((word) => word.trim()).filter(Boolean).sort();

/** What LVM itself says: the tags, and the volumes that are active. */
async function truth(name = "vgregistry", on = first): Promise<[string[], string[]]> {
  const output = await on.must(`vgs --noheadings -o vg_tags ${name}; echo ---; lvs --noheadings -o lv_name -S 'lv_active!=""' ${name}`);
  const [tags = "", volumes = ""] = output.split("---");
  return [words(tags, /,/), words(volumes, /\n/)];
}

/** Inactive and without a tag, whatever a test has left. */
const reset = (name = "vgregistry") => first.must(`vgchange -q -a n ${name}; for t in $(vgs --noheadings -o vg_tags ${name} | tr , ' '); do vgchange -q --deltag "$t" ${name}; done`);

test("up and down: predicted, done in the right order, proven, nothing to do the second time, undone", async () => {
  expect(await task.state(registry)).toEqual({ state: "down", label: "vgregistry", remarks: [] });
  const predicted = await task.check(registry);
  expect(predicted).toEqual(["tag volume group vgregistry with deb1", "activate volume group vgregistry"]);
  expect(await truth()).toEqual([[], []]);

  const up = await task.converge(registry);
  expect(up.changes).toEqual(predicted);
  expect(await truth()).toEqual([["deb1"], all]);
  expect(await first.must("ls /dev/vgregistry")).toContain("lvregistryroot");
  expect(await task.state(registry)).toEqual({ state: "up", label: "vgregistry", remarks: [] });
  expect((await task.converge(registry)).changes).toEqual([]);

  const down = await task.converge(task.down(registry));
  expect(down.changes).toEqual(["deactivate volume group vgregistry", "remove the tag deb1 from volume group vgregistry"]);
  expect(await truth()).toEqual([[], []]);
  expect((await task.converge(task.down(registry))).changes).toEqual([]);
  expect(await down.undo()).toEqual(down.before);
  expect(await up.undo()).toEqual(up.before);
});

describe("the tags", () => {
  afterEach(() => reset());

  test("the own one is the host's name in lower case, read on the host", async () => {
    await first.must("hostname DEB1.Example.com; vgchange -q -a y vgregistry");
    expect((await task.converge(registry)).changes).toEqual(["tag volume group vgregistry with deb1.example.com"]);
    await first.must("hostname deb1");
    expect(await task.refusal(registry)).toMatchObject({ message: "volume group vgregistry is owned by deb1.example.com" });
  });

  test("another host's is refused and the owner named, active here or not; takeover takes it, undo gives it back", async () => {
    await first.must("vgchange -q --addtag deb2 vgregistry");
    const refused = { code: "E_REFUSED", message: "volume group vgregistry is owned by deb2", expected: "the tag deb1, or none", hint: expect.stringContaining("takeover: true") };
    expect(await task.refusal(registry)).toMatchObject(refused);
    expect(await task.state(registry)).toEqual({ state: "down", label: "vgregistry", remarks: ["owned by deb2"] });
    expect(await truth()).toEqual([["deb2"], []]);

    const { changes, before, undo } = await task.converge({ ...registry, takeover: true });
    expect(changes).toEqual(["take volume group vgregistry from deb2", "tag volume group vgregistry with deb1", "activate volume group vgregistry"]);
    expect(await truth()).toEqual([["deb1"], all]);
    expect(await undo()).toEqual(before);

    await first.must("vgchange -q -a y vgregistry");
    expect(await task.refusal(registry)).toMatchObject(refused);
    expect(await task.state(registry)).toMatchObject({ state: "warn", remarks: ["owned by deb2", "active, but not tagged with deb1"] });
    expect((await task.converge(task.down(registry))).changes).toEqual(["deactivate volume group vgregistry"]);
    expect(await truth()).toEqual([["deb2"], []]);
  });

  test("one that names no host is left alone, and a missing own one is mended while the volumes stay active", async () => {
    await first.must("vgchange -q --addtag ssd vgregistry; vgchange -q -a y vgregistry");
    const named = { ...registry, other_tags: "ssd" };
    expect(await task.state(named)).toMatchObject({ state: "warn", remarks: ["active, but not tagged with deb1"] });
    expect((await task.converge(named)).changes).toEqual(["tag volume group vgregistry with deb1"]);
    expect(await truth()).toEqual([["deb1", "ssd"], all]);
  });
});

test("partly active: the other volumes follow, and undo leaves the first one active", async () => {
  await first.must("vgchange -q --addtag deb1 vgregistry; lvchange -q -a y vgregistry/lvdockerdata");
  expect(await task.state(registry)).toMatchObject({ state: "warn", remarks: ["2 of 3 volumes are not active"] });
  const { changes, undo } = await task.converge(registry);
  expect(changes).toEqual(["activate volume group vgregistry"]);
  expect((await truth())[1]).toEqual(all);
  await undo();
  expect((await truth())[1]).toEqual(["lvdockerdata"]);
  await reset();
});

describe("volumes that are held keep the group up and tagged, and the failure says who holds them", () => {
  beforeAll(() => task.converge(registry));
  afterAll(() => reset());

  test("a mount, a process, a device stacked on one, swap", async () => {
    await first.must(`mkdir -p '/mnt/a b'; mount /dev/vgregistry/lvregistrydata '/mnt/a b'
      sleep 1000 </dev/vgregistry/lvregistryroot >/dev/null 2>&1 & echo $! >/run/holder.pid
      dmsetup create --table '0 2048 linear /dev/vgregistry/lvdockerdata 0' stacked`);
    const { stderr, title } = await task.failure(task.down(registry));
    expect(title).toBe("vgchange -a n vgregistry");
    expect(stderr.trimEnd().split("\n").sort()).toEqual([
      "vgregistry is still active: vgregistry/lvdockerdata is held: stacked under stacked",
      "vgregistry is still active: vgregistry/lvregistrydata is held: mounted on /mnt/a b",
      expect.stringMatching(/^vgregistry is still active: vgregistry\/lvregistryroot is held: \d+ sleep \(has the device open\)$/),
    ]);
    expect(await truth()).toEqual([["deb1"], all]);
    await first.must("kill $(cat /run/holder.pid); umount '/mnt/a b'; dmsetup remove stacked");
  });

  test("a mount that only a process in another mount namespace has, and btrfs, whose mount has a number of its own", async () => {
    await first.must(`mkdir -p /mnt/private /mnt/btrfs; mkfs.btrfs -q -f /dev/vgregistry/lvdockerdata; mount /dev/vgregistry/lvdockerdata /mnt/btrfs
      unshare -m sh -c 'mount /dev/vgregistry/lvregistrydata /mnt/private; exec sleep 1000' >/dev/null 2>&1 </dev/null &
      until grep -q /mnt/private /proc/$!/mountinfo; do sleep 0.1; done; echo $! >/run/holder.pid`);
    const { stderr } = await task.failure(task.down(registry));
    expect(stderr).toContain("vgregistry/lvdockerdata is held: mounted on /mnt/btrfs\n");
    expect(stderr).toMatch(/vgregistry\/lvregistrydata is held: \d+ sleep \(has it mounted on \/mnt\/private in its own namespace\)\n/);
    expect(await truth()).toEqual([["deb1"], all]);
    await first.must("p=$(cat /run/holder.pid); kill $p; while [ -d /proc/$p ]; do sleep 0.1; done; umount /mnt/btrfs");
  });
});

describe("a group that cannot be activated", () => {
  test("is not there: refused, and nothing to do when it is to be inactive", async () => {
    expect(await task.refusal({ name: "vgnone" })).toMatchObject({ message: "there is no volume group vgnone on this host", seen: expect.stringMatching(/Volume group "vgnone" not found.*volume groups of this host: vgregistry/) });
    expect((await task.converge({ name: "vgnone", state: "inactive" })).changes).toEqual([]);
    expect(await task.state({ name: "vgnone" })).toEqual({ state: "down", label: "vgnone", remarks: ["there is no volume group vgnone on this host"] });
  });

  test("is gone, but its volumes are still mapped: not down", async () => {
    await first.must("dmsetup create vg--gone-lv --uuid LVM-gone --table '0 8 error'");
    const gone = { name: "vg-gone", state: "inactive" };
    expect(await task.refusal(gone)).toMatchObject({ message: "volume group vg-gone is gone, but vg--gone-lv is still mapped", hint: expect.stringContaining("dmsetup remove vg--gone-lv") });
    expect(await task.state(gone)).toMatchObject({ state: "warn" });
    await first.must("dmsetup remove vg--gone-lv");
    expect((await task.converge(gone)).changes).toEqual([]);
  });

  test("is exported", async () => {
    await first.must("vgexport -q vgregistry");
    expect(await task.refusal(registry)).toMatchObject({ message: "volume group vgregistry is exported" });
    await first.must("vgimport -q vgregistry");
  });

  test("is on a host without lvm2", async () => {
    await first.must("mv /sbin/vgs /sbin/vgs.away");
    expect(await task.refusal(registry)).toEqual({ code: "E_TOOL", message: "vgs is not on the host", hint: "install the package lvm2" });
    await first.must("mv /sbin/vgs.away /sbin/vgs");
  });
});

test("names with hyphens: up, held, down; and not activated while a disk is missing", async () => {
  await first.must(`truncate -s 100M /var/one /var/two; losetup /dev/loop1 /var/one; losetup /dev/loop2 /var/two
    pvcreate -q /dev/loop1 /dev/loop2; vgcreate -q vg-with-hyphens /dev/loop1 /dev/loop2; lvcreate -q -y -L 40M -n lv-one--two vg-with-hyphens /dev/loop1; lvcreate -q -y -L 40M -n lv-b vg-with-hyphens /dev/loop2; vgchange -q -a n vg-with-hyphens`);
  const hyphens = { name: "vg-with-hyphens" };
  await task.converge(hyphens);
  expect(await truth("vg-with-hyphens")).toEqual([["deb1"], ["lv-b", "lv-one--two"]]);
  await first.must("mkdir -p /mnt/h; mkfs.ext4 -q /dev/vg-with-hyphens/lv-one--two; mount /dev/vg-with-hyphens/lv-one--two /mnt/h");
  expect((await task.failure(task.down(hyphens))).stderr).toBe("vg-with-hyphens is still active: vg-with-hyphens/lv-one--two is held: mounted on /mnt/h\n");
  await first.must("umount /mnt/h");
  await task.converge(task.down(hyphens));
  expect(await truth("vg-with-hyphens")).toEqual([[], []]);

  await first.must("losetup -d /dev/loop2; udevadm settle");
  expect(await task.refusal(hyphens)).toMatchObject({ message: "1 disk of volume group vg-with-hyphens is missing" });
  expect(await task.state(hyphens)).toMatchObject({ state: "down", remarks: ["1 disk of volume group vg-with-hyphens is missing"] });
  expect((await truth("vg-with-hyphens"))[1]).toEqual([]);
});

describe("a group that two hosts share", () => {
  const shared = { name: "vgshared" };
  const mount = (machine: Machine) => machine.must("mkdir -p /mnt/s; e2fsck -p /dev/vgshared/lvshared >/dev/null; [ $? -le 1 ]; mount /dev/vgshared/lvshared /mnt/s");

  test("is refused by the step when the other host took it after it was looked at", async () => {
    const args = { ...shared, state: "active" as const, takeover: false, other_tags: [] };
    const [claim] = vg.plan(args, await task.observe(shared));
    const [step] = claim!.steps as readonly { script: { text: string } }[];
    await second.must("vgchange -q --addtag deb2 vgshared");
    expect(await first.exec(step!.script.text)).toMatchObject({ code: 1, stderr: "volume group vgshared was taken a moment ago by deb2\n" });
    await second.must("vgchange -q --deltag deb2 vgshared");

    // The other host's tag comes between the own one and the look that follows it.
    await first.must(`printf '#!/bin/sh\\n/sbin/vgchange "$@" && [ "$1 $2" = "--addtag deb1" ] && exec /sbin/vgchange -q --addtag deb2 vgshared\\n' >/usr/local/sbin/vgchange; chmod +x /usr/local/sbin/vgchange`);
    const { stderr } = await task.failure(shared);
    await first.must("rm /usr/local/sbin/vgchange");
    expect(stderr).toBe("volume group vgshared was taken at the same time by deb2\n");
    expect(await truth("vgshared", second)).toEqual([["deb2"], []]);
    await second.must("vgchange -q --deltag deb2 vgshared");
  });

  test("moves to the other host with its data, and is taken from a host that is dead", async () => {
    await task.converge(shared);
    await mount(first);
    await first.must("echo one >/mnt/s/one; sync");
    expect(await there.refusal(shared)).toMatchObject({ message: "volume group vgshared is owned by deb1" });
    await first.must("umount /mnt/s");
    await task.converge(task.down(shared));

    expect((await there.converge(shared)).changes).toEqual(["tag volume group vgshared with deb2", "activate volume group vgshared"]);
    await mount(second);
    expect(await second.must("cat /mnt/s/one; umount /mnt/s")).toBe("one\n");
    expect(await task.refusal(shared)).toMatchObject({ message: "volume group vgshared is owned by deb2" });
    await there.converge(there.down(shared));

    await task.converge(shared);
    await mount(first);
    await first.must("echo two >/mnt/s/two; sync");
    await first.powerOff();
    expect(await there.refusal(shared)).toMatchObject({ message: "volume group vgshared is owned by deb1" });
    await there.converge({ ...shared, takeover: true });
    expect(await truth("vgshared", second)).toEqual([["deb2"], ["lvshared"]]);
    await mount(second);
    expect(await second.must("cat /mnt/s/one /mnt/s/two; umount /mnt/s")).toBe("one\ntwo\n");
    await there.converge(there.down(shared));
  });
});
