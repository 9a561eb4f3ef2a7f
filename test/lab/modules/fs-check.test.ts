import { jest } from "@jest/globals";
import { fs } from "../../../src/modules/fs.ts";
import type { FsSeen } from "../../../src/modules/_fs_seen.ts";
import { openLab, type Lab, type Machine } from "../lab.ts";
import { drive, type Driven } from "./harness.ts";
import { clean as cleanUp, defaults, mounts as mountsOf, root } from "./mounts.ts";

jest.setTimeout(300_000);

let lab: Lab;
let machine: Machine;
let task: Driven<FsSeen>;

beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine("deb1");
  task = drive(machine, fs);
  await machine.must("vgchange -a y vgregistry");
}, 300_000);

afterAll(() => lab?.close());

const mounts = () => mountsOf(machine);
const clean = () => cleanUp(machine);

afterEach(clean);

describe("e2fsck", () => {
  const scratch = { device: "/dev/disk/by-id/virtio-scratch", path: "/mnt/scratch", type: "ext4" };
  const fresh = "wipefs -q -a $d; mkfs.ext4 -q -F -E lazy_itable_init=0 $d 64M; mkdir -p /mnt/x; mount $d /mnt/x; mkdir /mnt/x/dir; echo one >/mnt/x/dir/file; umount /mnt/x";
  const prepare = (damage: string) => machine.must(`d=$(readlink -f ${scratch.device}); ${fresh}; ${damage}; udevadm settle`);

  test("mends what it can, and the report says what", async () => {
    await prepare("debugfs -w -R 'set_inode_field <12> links_count 7' $d; debugfs -w -R 'set_super_value state 0' $d");
    const { answers, remarks } = await task.converge(scratch);
    expect(answers[0]!.code).toBe(1);
    expect(remarks).toEqual([expect.stringMatching(/^e2fsck corrected the filesystem: .*Inode 12 ref count is 7, should be \d+\. {2}FIXED/)]);
    expect(await machine.must("cat /mnt/scratch/dir/file")).toBe("one\n");
  });

  test("fails on what it cannot mend: not mounted, its words shown", async () => {
    await prepare("debugfs -w -R 'clri <2>' $d; debugfs -w -R 'set_super_value state 2' $d");
    const { code, stdout, stderr } = await task.failure(scratch);
    expect(code & 4).toBe(4);
    expect(stdout + stderr).toContain("UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY");
    expect(stderr).toMatch(/e2fsck could not mend \S+ by itself \(exit code \d+\), so it was not mounted\. Mend it by hand: e2fsck -f \S+\n$/);
    expect(await mounts()).toBe("");
    expect((await task.state(scratch)).state).toBe("down");
  });

  test("is never run on a device that was mounted after it was looked at", async () => {
    await prepare(":");
    const seen = await task.observe(scratch);
    const [change] = fs.plan({ ...defaults, ...scratch }, seen);
    await machine.must(`mkdir -p /mnt/x; mount ${scratch.device} /mnt/x`);
    const [check] = change!.steps as readonly { script: { text: string } }[];
    expect(await machine.exec(check!.script.text)).toMatchObject({ code: 0, stdout: expect.stringContaining("is mounted: not checked") });
  });

  test("cannot check what holds no filesystem any more, nor what is mounted in another mount namespace, and says so", async () => {
    await prepare("dd if=/dev/zero of=$d bs=4k count=1 conv=notrunc 2>/dev/null");
    const lost = await task.failure(scratch);
    expect(lost.stdout + lost.stderr).toContain("Bad magic number in super-block");
    expect(lost.stderr).toMatch(/e2fsck could not check \S+virtio-scratch \(exit code 8\), so it was not mounted\n$/);

    await prepare(":");
    await machine.must(`mkdir -p /mnt/private; unshare -m sh -c 'mount ${scratch.device} /mnt/private; exec sleep 1000' >/dev/null 2>&1 </dev/null &
      until grep -q /mnt/private /proc/$!/mountinfo; do sleep 0.1; done; echo $! >/run/holder.pid`);
    expect((await task.failure(scratch)).stderr).toMatch(/\(exit code 8\), so it was not mounted; it is held: \d+ sleep \(has it mounted on \/mnt\/private in its own namespace\)\n$/);
    await machine.must("p=$(cat /run/holder.pid); kill $p; while [ -d /proc/$p ]; do sleep 0.1; done; rm /run/holder.pid");
    expect(await mounts()).toBe("");
  });

  test("is not run on request; and a mount that fails says why, and leaves no directory", async () => {
    await prepare(":");
    expect((await task.converge({ ...scratch, fsck: false })).answers).toHaveLength(1);
    await clean();
    const { stderr } = await task.failure({ ...scratch, path: "/mnt/a/b", fsck: false, options: "nonsense" });
    expect(stderr).toMatch(/^mount: \/mnt\/a\/b: wrong fs type, bad option[^\n]*\n$/);
    expect(await machine.must("ls /mnt")).toBe("");
  });

  test("is not on the host", async () => {
    await prepare(":");
    await machine.must("mv /sbin/e2fsck /sbin/e2fsck.away");
    expect(await task.refusal(scratch)).toEqual({ code: "E_TOOL", message: "e2fsck is not on the host", hint: "install the package e2fsprogs" });
    const { type, ...untyped } = scratch;
    expect([type, await task.refusal(untyped)]).toEqual(["ext4", expect.objectContaining({ code: "E_TOOL" })]);
    await machine.must("mv /sbin/e2fsck.away /sbin/e2fsck");
    await task.converge(untyped);
  });

  test.each([["xfs", "mkfs.xfs -q -f"], ["btrfs", "mkfs.btrfs -q -f"]])("%s is mounted without it", async (type, mkfs) => {
    await machine.must(`d=$(readlink -f ${scratch.device}); wipefs -q -a $d; ${mkfs} $d; udevadm settle`);
    const { answers, before, undo } = await task.converge({ ...scratch, type });
    expect(answers).toHaveLength(1);
    expect((await task.converge({ ...scratch, type })).changes).toEqual([]);
    expect(await task.state({ ...scratch, type })).toMatchObject({ state: "up", remarks: [] });
    expect(await undo()).toEqual(before);
    const { type: _, ...untyped } = { ...scratch, type };
    expect((await task.converge(untyped)).answers).toHaveLength(1);
    const seen = await mounts();
    const down = await task.converge(task.down(untyped));
    expect(await down.undo()).toEqual(down.before);
    expect(await mounts()).toBe(seen);
  });
});

test("a filesystem that became read-only under a writable mount is a warning, and refused", async () => {
  await task.converge(root);
  await machine.must(`mount -o remount,ro ${root.path} && mount -o remount,bind,rw ${root.path}`);
  expect(await task.refusal(root)).toMatchObject({ message: "/opt/registry.example.com is read-only, most likely since an error" });
  expect(await task.state(root)).toMatchObject({ state: "warn", remarks: ["/opt/registry.example.com is read-only, most likely since an error"] });
});

test("a filesystem whose disk fails is a warning, and checked before it is mounted again", async () => {
  const failing = { device: "/dev/mapper/failing", path: "/mnt/failing", type: "ext4", options: "errors=remount-ro" };
  const table = (kind: string) => `dmsetup suspend --noflush failing; dmsetup load failing --table "0 131072 ${kind}"; dmsetup resume failing`;
  await machine.must(`d=$(readlink -f /dev/disk/by-id/virtio-scratch); wipefs -q -a $d; mkfs.ext4 -q -F $d 64M; dmsetup create failing --table "0 131072 linear $d 0"`);
  await task.converge(failing);
  await machine.exec(`${table("error")}; touch /mnt/failing/x`);
  const { state, remarks } = await task.state(failing);
  expect([state, remarks.join("; ")]).toEqual(["warn", expect.stringMatching(/the filesystem has \d+ recorded errors?/)]);
  await machine.must(`d=$(readlink -f /dev/disk/by-id/virtio-scratch); ${table("linear $d 0")}`);
  await task.converge(task.down(failing));
  expect((await task.converge(failing)).answers[0]!.stdout).not.toMatch(/: clean, /);
  expect(await task.state(failing)).toMatchObject({ state: "up" });
  await clean();
  await machine.must("dmsetup remove failing");
});
