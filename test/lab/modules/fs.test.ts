import { jest } from "@jest/globals";
import { fs } from "../../../src/modules/fs.ts";
import { openLab, type Lab, type Machine } from "../lab.ts";
import { drive } from "./harness.ts";

jest.setTimeout(120_000);

let lab: Lab;
let machine: Machine;
let task: ReturnType<typeof driveFs>;
const driveFs = (on: Machine) => drive(on, fs);

beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine("deb1");
  task = driveFs(machine);
  await machine.must("vgchange -a y vgregistry");
}, 300_000);

afterAll(() => lab?.close());

const root = { device: "/dev/vgregistry/lvregistryroot", path: "/opt/registry.example.com", type: "ext4" };
const data = { device: "/dev/mapper/vgregistry-lvregistrydata", path: "/opt/registry.example.com/registrydata", type: "ext4" };
const mounts = () => machine.must("grep -E ' (/opt|/mnt|/srv)' /proc/self/mountinfo | cut -d ' ' -f 4-6,9-; true");
const clean = () => machine.must("for m in $(cut -d ' ' -f 5 /proc/self/mountinfo | grep -E '^(/opt|/mnt|/srv)' | sort -r); do umount \"$(printf \"$m\")\"; done; rm -rf /opt/registry.example.com /mnt/*");

afterEach(clean);

test("unmounted to mounted: mountpoint made, checked, mounted, nothing to do the second time, undone", async () => {
  expect(await task.state(root)).toEqual({ state: "down", label: "/dev/vgregistry/lvregistryroot@/opt/registry.example.com", remarks: [] });
  expect(await task.check(root)).toEqual(["mount /dev/vgregistry/lvregistryroot on /opt/registry.example.com"]);
  expect(await machine.must("ls -d /opt/registry.example.com 2>&1; true")).toContain("No such file");
  const { answers, remarks, before, undo } = await task.converge(root);
  expect(answers[0]!.stdout).toMatch(/clean, \d+\/\d+ files/);
  expect(remarks).toEqual([]);
  expect(await mounts()).toMatch(/^\/ \/opt\/registry\.example\.com rw,relatime .*ext4 \/dev\/mapper\/vgregistry-lvregistryroot rw\n$/);
  expect(await task.state(root)).toMatchObject({ state: "up", remarks: [] });
  expect((await task.converge(root)).changes).toEqual([]);
  expect(await undo()).toEqual(before);
});

test("mounted to unmounted: nothing to do the second time, undone with the same options", async () => {
  await task.converge({ ...root, options: "rw,nodev,noatime,commit=30" });
  const seen = await mounts();
  const { changes, undo } = await task.converge(task.down(root));
  expect(changes).toEqual(["unmount /opt/registry.example.com"]);
  expect(await mounts()).toBe("");
  expect((await task.converge(task.down(root))).changes).toEqual([]);
  await undo();
  expect(await mounts()).toBe(seen);
});

test.each(["/dev/mapper/vgregistry-lvregistryroot", "/dev/vgregistry/lvregistryroot", "LABEL=reg root", "UUID", "/dev/dm"])("mounted as another name of the same device: %s", async (name) => {
  await machine.must(`e2label ${root.device} 'reg root'; udevadm trigger --settle ${root.device}; mkdir -p ${root.path}; mount ${root.device} ${root.path}`);
  const uuid = (await machine.must(`blkid -p -o value -s UUID ${root.device}`)).trim();
  const node = (await machine.must(`readlink -f ${root.device}`)).trim();
  const device = name === "UUID" ? `UUID=${uuid}` : name === "/dev/dm" ? node : name;
  expect((await task.converge({ ...root, device })).changes).toEqual([]);
  await task.converge({ ...root, device, state: "unmounted" });
  await task.converge({ ...root, device });
  expect(await mounts()).toContain("/opt/registry.example.com");
});

describe("nested mountpoints", () => {
  test("in the order of their paths, and back", async () => {
    await task.converge(root);
    await task.converge(data);
    expect((await task.failure(task.down(root))).stderr).toBe("/opt/registry.example.com cannot be unmounted before what is mounted below it: /opt/registry.example.com/registrydata\n");
    await task.converge(task.down(data));
    await task.converge(task.down(root));
  });

  test("the upper one is not mounted over the lower one", async () => {
    await task.converge(data);
    expect(await task.refusal(root)).toMatchObject({ message: "mounting on /opt/registry.example.com would hide what is mounted below it", seen: data.path });
  });
});

describe("the mountpoint", () => {
  test("that carries another device is refused", async () => {
    await machine.must(`mkdir -p ${root.path}; mount /dev/vgregistry/lvregistrydata ${root.path}`);
    const seen = await mounts();
    expect(await task.refusal(root)).toMatchObject({ code: "E_REFUSED", message: "/opt/registry.example.com carries another filesystem", seen: "/dev/mapper/vgregistry-lvregistrydata (ext4)" });
    expect(await mounts()).toBe(seen);
    expect(await task.state(root)).toMatchObject({ state: "warn", remarks: ["/opt/registry.example.com carries /dev/mapper/vgregistry-lvregistrydata (ext4)"] });
    expect((await task.converge(task.down(root))).changes).toEqual([]);
  });

  test("that carries a directory of the device is refused", async () => {
    await machine.must(`mkdir -p /mnt/x ${root.path}; mount ${root.device} /mnt/x; mkdir -p /mnt/x/sub; mount --bind /mnt/x/sub ${root.path}`);
    expect(await task.refusal(root)).toMatchObject({ seen: "/dev/mapper/vgregistry-lvregistryroot (ext4), its directory /sub" });
  });

  test("that holds files is mounted over with a remark", async () => {
    await machine.must(`mkdir -p ${root.path}; touch ${root.path}/a ${root.path}/b`);
    expect(await task.state(root)).toMatchObject({ state: "down", remarks: ["/opt/registry.example.com itself holds 2 entries, which a mount hides"] });
    expect((await task.converge(root)).remarks).toEqual(["/opt/registry.example.com itself holds 2 entries, which a mount hides"]);
  });

  test("that is a file is refused", async () => {
    await machine.must("echo data >/mnt/file");
    expect(await task.refusal({ ...root, path: "/mnt/file" })).toMatchObject({ message: "/mnt/file is not a directory" });
    expect(await machine.must("cat /mnt/file")).toBe("data\n");
  });

  test("may hold blanks and lie behind a symbolic link", async () => {
    await machine.must("mkdir -p /mnt/real; ln -s /mnt/real /mnt/link");
    const odd = { ...root, path: "/mnt/link/a b\\c" };
    const { undo, before } = await task.converge(odd);
    expect(await mounts()).toContain("/mnt/real/a\\040b\\134c");
    await task.converge(task.down(odd));
    await task.converge(odd);
    expect({ ...(await undo()), mountpoint: "missing" }).toEqual(before);
  });
});

describe("the device", () => {
  test("that is missing is waited for, then it fails, and no mountpoint is made", async () => {
    const missing = { ...root, device: "/dev/vgregistry/lvnone", wait: 1 };
    expect(await task.check(missing)).toEqual(["mount /dev/vgregistry/lvnone on /opt/registry.example.com"]);
    expect((await task.failure(missing)).stderr).toBe("device /dev/vgregistry/lvnone does not exist, 1 s were waited for it\n");
    expect(await machine.must("ls /opt")).not.toContain("registry");
    expect(await task.refusal({ ...missing, wait: 0 })).toMatchObject({ message: "device /dev/vgregistry/lvnone does not exist" });
    expect(await task.state(missing)).toMatchObject({ state: "down", remarks: ["device /dev/vgregistry/lvnone does not exist"] });
  });

  test("that appears late is mounted", async () => {
    await machine.must("lvchange -a n vgregistry/lvregistrydata; (sleep 6; lvchange -a y vgregistry/lvregistrydata) >/dev/null 2>&1 </dev/null &");
    await task.converge({ ...data, path: "/mnt/late", wait: 60 });
    expect(await mounts()).toContain("/mnt/late");
  });

  test("that is no block device is refused", async () => {
    await machine.must("echo data >/mnt/image");
    expect(await task.refusal({ ...root, device: "/mnt/image" })).toMatchObject({ message: "/mnt/image is no block device", seen: "a regular file" });
  });

  test("that holds another filesystem is refused", async () => {
    expect(await task.refusal({ ...root, type: "xfs" })).toMatchObject({ message: "/dev/vgregistry/lvregistryroot holds ext4, not xfs" });
  });

  test("that is mounted elsewhere is mounted again, unchecked", async () => {
    await machine.must(`mkdir -p /mnt/x; mount ${root.device} /mnt/x`);
    const { answers, remarks } = await task.converge(root);
    expect(answers).toHaveLength(1);
    expect(remarks).toEqual(["/dev/vgregistry/lvregistryroot is also mounted on /mnt/x, so it was not checked"]);
  });
});

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

  test("that cannot: failed, not mounted, its words shown", async () => {
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
    const [change] = fs.plan({ ...scratch, options: [], state: "mounted", fsck: true, wait: 0, on_options_drift: "remount", kill: false }, seen);
    await machine.must(`mkdir -p /mnt/x; mount ${scratch.device} /mnt/x`);
    const [check] = change!.steps as readonly { script: { text: string } }[];
    expect(await machine.exec(check!.script.text)).toMatchObject({ code: 0, stdout: expect.stringContaining("is mounted: not checked") });
  });

  test("is not run on request", async () => {
    await prepare(":");
    expect((await task.converge({ ...scratch, fsck: false })).answers).toHaveLength(1);
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
    const { answers, undo } = await task.converge({ ...scratch, type });
    expect(answers).toHaveLength(1);
    expect((await task.converge({ ...scratch, type })).changes).toEqual([]);
    expect(await task.state({ ...scratch, type })).toMatchObject({ state: "up", remarks: [] });
    await undo();
    const { type: _, ...untyped } = { ...scratch, type };
    const again = await task.converge(untyped);
    expect(again.answers).toHaveLength(1);
    const seen = await mounts();
    const { undo: mountAgain } = await task.converge(task.down(untyped));
    await mountAgain();
    expect(await mounts()).toBe(seen);
  });
});

describe("options", () => {
  test("that differ are remounted, and back", async () => {
    await task.converge(root);
    const wanted = { ...root, options: ["noatime", "nosuid", "ro"] };
    const before = await mounts();
    expect(await task.state({ ...wanted, on_options_drift: "report" })).toMatchObject({ state: "warn", remarks: ["mounted with relatime, not noatime", "mounted with suid, not nosuid", "mounted with rw, not ro"] });
    expect((await task.converge({ ...wanted, on_options_drift: "report" })).changes).toEqual([]);
    const { changes, undo } = await task.converge(wanted);
    expect(changes).toEqual(["remount /opt/registry.example.com with noatime,nosuid,ro"]);
    expect(await mounts()).toContain("ro,nosuid,noatime");
    expect(await task.state(root)).toMatchObject({ state: "warn", remarks: ["the filesystem is read-only"] });
    await undo();
    expect(await mounts()).toBe(before);
  });

  test("of the filesystem itself", async () => {
    await task.converge({ ...root, options: "commit=30" });
    const { changes, undo } = await task.converge({ ...root, options: "commit=60,discard,defaults,nofail,x-note=1" });
    expect(changes).toEqual(["remount /opt/registry.example.com with commit=60,discard"]);
    expect(await mounts()).toMatch(/discard,.*commit=60|commit=60,.*discard/);
    await expect(undo()).rejects.toThrow("no undo, the kernel does not say which options");
  });

  test("that are not asked for stay as they are", async () => {
    await task.converge({ ...root, options: "nodev,noexec" });
    expect((await task.converge(root)).changes).toEqual([]);
    await task.converge({ ...root, options: "exec" });
    expect(await mounts()).toContain("rw,nodev,relatime");
  });
});

describe("a filesystem that is held", () => {
  const hold = (how: string) => machine.must(`cd /; ${how} & echo $! >/run/holder.pid; sleep 0.3`);
  afterEach(() => machine.must("p=$(cat /run/holder.pid 2>/dev/null) && kill -9 $p && while [ -d /proc/$p ]; do sleep 0.1; done; losetup -D; rm -f /run/holder.pid"));

  test.each([
    ["works there", `(cd ${root.path} && exec sleep 1000) >/dev/null 2>&1 </dev/null`],
    ["has files open there", `(exec sleep 1000 <${root.path}/file) >/dev/null 2>&1`],
    ["runs a program from there", `${root.path}/sleep 1000 >/dev/null 2>&1 </dev/null`],
  ])("%s: not unmounted, and named", async (words, how) => {
    await task.converge(root);
    await machine.must(`touch ${root.path}/file; cp /bin/sleep ${root.path}/sleep`);
    await hold(how);
    expect((await task.failure(task.down(root))).stderr).toMatch(new RegExp(`target is busy[^]*/opt/registry\\.example\\.com is held by:\\n {2}\\d+ sleep \\(${words}\\)\\n`));
    expect(await mounts()).toContain("/opt/registry.example.com");
  });

  test("by no process", async () => {
    await task.converge(root);
    await machine.must(`truncate -s 8M ${root.path}/image; losetup -f ${root.path}/image`);
    expect((await task.failure(task.down(root))).stderr).toContain("no process holds /opt/registry.example.com: look for loop devices");
  });

  test("is unmounted with kill, also when it ignores SIGTERM", async () => {
    await task.converge(root);
    await hold(`(trap '' TERM; cd ${root.path} && while :; do sleep 1; done) >/dev/null 2>&1 </dev/null`);
    const { answers } = await task.converge({ ...task.down(root), kill: true });
    expect(answers[0]!.stdout).toMatch(/SIGTERM to \d+ sh\n[^]*SIGKILL to \d+ sh\n/);
    expect(await mounts()).toBe("");
    await machine.must("[ ! -d /proc/$(cat /run/holder.pid) ] && rm /run/holder.pid");
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

test("tmpfs, which has no device", async () => {
  const tmpfs = { device: "tmpfs", path: "/mnt/tmp", type: "tmpfs", options: "nodev,size=10240k" };
  const { undo, before } = await task.converge(tmpfs);
  expect((await task.converge(tmpfs)).changes).toEqual([]);
  expect(await undo()).toEqual(before);
});
