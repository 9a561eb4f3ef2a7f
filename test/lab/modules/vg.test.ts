import { jest } from "@jest/globals";
import { vg } from "../../../src/modules/vg.ts";
import { openLab, type Lab, type Machine } from "../lab.ts";
import { drive } from "./harness.ts";

jest.setTimeout(120_000);

let lab: Lab;
let machine: Machine;
let task: ReturnType<typeof driveVg>;
const driveVg = (on: Machine) => drive(on, vg);

beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine("deb1");
  task = driveVg(machine);
}, 300_000);

afterAll(() => lab?.close());

const registry = { name: "vgregistry" };
const tags = async (name = "vgregistry") => (await machine.must(`vgs --noheadings -o vg_tags ${name}`)).trim();
const active = async (name = "vgregistry") => (await machine.must(`lvs --noheadings -o lv_name -S 'lv_active!=""' ${name}`)).split("\n").map((line) => line.trim()).filter(Boolean).sort();
const all = ["lvdockerdata", "lvregistrydata", "lvregistryroot"];
const reset = (name = "vgregistry") => machine.must(`vgchange -a n ${name}; for t in $(vgs --noheadings -o vg_tags ${name} | tr , ' '); do vgchange --deltag "$t" ${name}; done`);

test("inactive to active: tagged, activated, nothing to do the second time, undone", async () => {
  expect(await task.state(registry)).toEqual({ state: "down", label: "vgregistry", remarks: [] });
  expect(await task.check(registry)).toEqual(["tag volume group vgregistry with deb1", "activate volume group vgregistry"]);
  expect([await tags(), await active()]).toEqual(["", []]);
  const { before, undo } = await task.converge(registry);
  expect([await tags(), await active()]).toEqual(["deb1", all]);
  expect(await machine.must("ls /dev/vgregistry")).toContain("lvregistryroot");
  expect(await task.state(registry)).toEqual({ state: "up", label: "vgregistry", remarks: [] });
  expect((await task.converge(registry)).changes).toEqual([]);
  expect(await undo()).toEqual(before);
});

test("active to inactive: deactivated first, untagged after, nothing to do the second time, undone", async () => {
  await task.converge(registry);
  const { changes, before, undo } = await task.converge(task.down(registry));
  expect(changes).toEqual(["deactivate volume group vgregistry", "remove the tag deb1 from volume group vgregistry"]);
  expect([await tags(), await active()]).toEqual(["", []]);
  expect((await task.converge(task.down(registry))).changes).toEqual([]);
  expect({ ...(await undo()), others: [] }).toEqual({ ...before, others: [] });
  await reset();
});

test("the tag is the host's own name in lower case, read on the host", async () => {
  await machine.must("hostname DEB1.Example.com");
  await task.converge(registry);
  expect(await tags()).toBe("deb1.example.com");
  await task.converge(task.down(registry));
  await machine.must("hostname deb1");
});

describe("tagged by another host", () => {
  beforeEach(() => machine.must("vgchange --addtag deb2 vgregistry"));
  afterEach(() => reset());

  test("is refused and the owner named; nothing changed", async () => {
    expect(await task.refusal(registry)).toMatchObject({ code: "E_REFUSED", message: "volume group vgregistry is owned by deb2", expected: "the tag deb1, or none" });
    expect([await tags(), await active()]).toEqual(["deb2", []]);
    expect(await task.state(registry)).toEqual({ state: "down", label: "vgregistry", remarks: ["owned by deb2"] });
  });

  test("is refused when it is active here, too", async () => {
    await machine.must("vgchange -a y vgregistry");
    expect(await task.refusal(registry)).toMatchObject({ message: "volume group vgregistry is owned by deb2" });
    expect(await task.state(registry)).toMatchObject({ state: "warn", remarks: ["owned by deb2", "active, but not tagged with deb1"] });
  });

  test("is taken with takeover, and given back by undo", async () => {
    const { changes, before, undo } = await task.converge({ ...registry, takeover: true });
    expect(changes).toEqual(["take volume group vgregistry from deb2", "tag volume group vgregistry with deb1", "activate volume group vgregistry"]);
    expect([await tags(), await active()]).toEqual(["deb1", all]);
    expect(await undo()).toEqual(before);
    expect(await tags()).toBe("deb2");
  });

  test("is not refused when the tag names no host", async () => {
    await task.converge({ ...registry, other_tags: "deb2" });
    expect((await tags()).split(",").sort()).toEqual(["deb1", "deb2"]);
  });

  test("keeps the other tag when it is brought down", async () => {
    await machine.must("vgchange -a y vgregistry");
    expect((await task.converge(task.down(registry))).changes).toEqual(["deactivate volume group vgregistry"]);
    expect(await tags()).toBe("deb2");
  });
});

describe("half of it", () => {
  afterEach(() => reset());

  test("active but untagged: the tag is mended", async () => {
    await machine.must("vgchange -a y vgregistry");
    expect(await task.state(registry)).toMatchObject({ state: "warn", remarks: ["active, but not tagged with deb1"] });
    expect((await task.converge(registry)).changes).toEqual(["tag volume group vgregistry with deb1"]);
  });

  test("some volumes active: the others follow, and undo leaves the first ones", async () => {
    await machine.must("vgchange --addtag deb1 vgregistry; lvchange -a y vgregistry/lvdockerdata");
    expect(await task.state(registry)).toMatchObject({ state: "warn", remarks: ["2 of 3 volumes are not active"] });
    const { undo } = await task.converge(registry);
    expect(await active()).toEqual(all);
    await undo();
    expect(await active()).toEqual(["lvdockerdata"]);
  });

  test("tagged, not active", async () => {
    await machine.must("vgchange --addtag deb1 vgregistry");
    expect(await task.state(registry)).toMatchObject({ state: "down", remarks: ["3 of 3 volumes are not active"] });
    expect((await task.converge(registry)).changes).toEqual(["activate volume group vgregistry"]);
  });
});

describe("held volumes keep the group up, and it says who holds them", () => {
  beforeEach(() => task.converge(registry));
  afterEach(async () => {
    await machine.must("p=$(cat /run/holder.pid 2>/dev/null) && kill $p && while [ -d /proc/$p ]; do sleep 0.1; done; umount '/mnt/a b' 2>/dev/null; rm -f /run/holder.pid");
    expect([await tags(), await active()]).toEqual(["deb1", all]);
  });
  afterAll(() => reset());

  test("a mount", async () => {
    await machine.must("mkdir -p '/mnt/a b' && mount /dev/vgregistry/lvregistrydata '/mnt/a b'");
    const { stderr, title } = await task.failure(task.down(registry));
    expect(title).toBe("vgchange -a n vgregistry");
    expect(stderr).toBe("vgregistry/lvregistrydata is held:\n  mounted on /mnt/a\\040b\n");
  });

  test("a mount in the namespace of a process", async () => {
    await machine.must("mkdir -p /mnt/private; unshare -m sh -c 'mount /dev/vgregistry/lvregistrydata /mnt/private; exec sleep 1000' >/dev/null 2>&1 </dev/null & until grep -q /mnt/private /proc/$!/mountinfo; do sleep 0.1; done; echo $! >/run/holder.pid");
    expect((await task.failure(task.down(registry))).stderr).toMatch(/^vgregistry\/lvregistrydata is held:\n {2}\d+ sleep \(has it mounted on \/mnt\/private in its own namespace\)\n$/);
  });

  test("a process that has the device open", async () => {
    await machine.must("sleep 1000 </dev/vgregistry/lvdockerdata >/dev/null 2>&1 & echo $! >/run/holder.pid");
    expect((await task.failure(task.down(registry))).stderr).toMatch(/^vgregistry\/lvdockerdata is held:\n {2}\d+ sleep \(has the device open\)\n$/);
  });

  test("a device stacked on it, and swap", async () => {
    await machine.must("dmsetup create --table '0 2048 linear /dev/vgregistry/lvdockerdata 0' stacked; mkswap -q /dev/mapper/stacked; swapon /dev/mapper/stacked");
    expect((await task.failure(task.down(registry))).stderr).toBe("vgregistry/lvdockerdata is held:\n  stacked under stacked\n");
    await machine.must("swapoff /dev/mapper/stacked; dmsetup remove stacked; dd if=/dev/zero of=/dev/vgregistry/lvdockerdata bs=4096 count=1 2>/dev/null");
  });
});

test("a group that is not there: refused when it is to be active, nothing to do when it is not", async () => {
  expect(await task.refusal({ name: "vgnone" })).toMatchObject({ message: "there is no volume group vgnone on this host", seen: expect.stringMatching(/Volume group "vgnone" not found.*volume groups of this host: vgregistry/) });
  expect((await task.converge({ name: "vgnone", state: "inactive" })).changes).toEqual([]);
  expect(await task.state({ name: "vgnone" })).toEqual({ state: "down", label: "vgnone", remarks: ["there is no volume group vgnone on this host"] });
});

describe("a group with hyphens in its names, on two disks", () => {
  const hyphens = { name: "vg-with-hyphens" };
  beforeAll(() =>
    machine.must(`truncate -s 100M /var/one /var/two; losetup /dev/loop1 /var/one; losetup /dev/loop2 /var/two
      pvcreate -q /dev/loop1 /dev/loop2; vgcreate -q vg-with-hyphens /dev/loop1 /dev/loop2; lvcreate -q -y -L 40M -n lv-one--two vg-with-hyphens /dev/loop1; lvcreate -q -y -L 40M -n lv-b vg-with-hyphens /dev/loop2; vgchange -q -a n vg-with-hyphens`),
  );

  test("goes up, and down", async () => {
    await task.converge(hyphens);
    expect(await active("vg-with-hyphens")).toEqual(["lv-b", "lv-one--two"]);
    await machine.must("mkdir -p /mnt/h; mkfs.ext4 -q /dev/vg-with-hyphens/lv-one--two; mount /dev/vg-with-hyphens/lv-one--two /mnt/h");
    expect((await task.failure(task.down(hyphens))).stderr).toBe("vg-with-hyphens/lv-one--two is held:\n  mounted on /mnt/h\n");
    await machine.must("umount /mnt/h");
    await task.converge(task.down(hyphens));
    expect([await tags("vg-with-hyphens"), await active("vg-with-hyphens")]).toEqual(["", []]);
  });

  test("is not activated while a disk is missing", async () => {
    await machine.must("losetup -d /dev/loop2; udevadm settle");
    expect(await task.refusal(hyphens)).toMatchObject({ message: "1 disk of volume group vg-with-hyphens is missing" });
    expect(await active("vg-with-hyphens")).toEqual([]);
    expect(await task.state(hyphens)).toMatchObject({ state: "down", remarks: ["1 disk of volume group vg-with-hyphens is missing"] });
  });
});

test("an exported group is refused", async () => {
  await machine.must("vgexport -q vgregistry");
  expect(await task.refusal(registry)).toMatchObject({ message: "volume group vgregistry is exported" });
  await machine.must("vgimport -q vgregistry");
});

test("a host without lvm2 says so", async () => {
  await machine.must("mv /sbin/vgs /sbin/vgs.away");
  expect(await task.refusal(registry)).toEqual({ code: "E_TOOL", message: "vgs is not on the host", hint: "install the package lvm2" });
  await machine.must("mv /sbin/vgs.away /sbin/vgs");
});
