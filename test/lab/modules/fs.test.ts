import { jest } from "@jest/globals";
import { quote } from "../../../src/core/sh.ts";
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

const data = { device: "/dev/mapper/vgregistry-lvregistrydata", path: "/opt/registry.example.com/registrydata", type: "ext4" };
const mounts = () => mountsOf(machine);
const clean = () => cleanUp(machine);

afterEach(clean);

test("mounted and unmounted: predicted, done, proven, nothing to do the second time, undone", async () => {
  const wanted = { ...root, options: "rw,nodev,noatime,commit=30" };
  expect(await task.state(wanted)).toEqual({ state: "down", label: "/dev/vgregistry/lvregistryroot@/opt/registry.example.com", remarks: [] });
  const predicted = await task.check(wanted);
  expect(predicted).toEqual(["mount /dev/vgregistry/lvregistryroot on /opt/registry.example.com"]);
  expect(await machine.must("ls /opt")).toBe("");

  const up = await task.converge(wanted);
  expect([up.changes, up.remarks]).toEqual([predicted, []]);
  expect(up.answers[0]!.stdout).toMatch(/clean, \d+\/\d+ files/);
  const seen = await mounts();
  expect(seen).toMatch(/^\/ \/opt\/registry\.example\.com rw,nodev,noatime .*ext4 \/dev\/mapper\/vgregistry-lvregistryroot rw,commit=30\n$/);
  expect(await task.state(wanted)).toMatchObject({ state: "up", remarks: [] });
  expect((await task.converge(wanted)).changes).toEqual([]);

  expect(await task.check(task.down(wanted))).toEqual(["unmount /opt/registry.example.com"]);
  const down = await task.converge(task.down(wanted));
  expect(down.changes).toEqual(["unmount /opt/registry.example.com"]);
  expect(await mounts()).toBe("");
  expect((await task.converge(task.down(wanted))).changes).toEqual([]);
  expect(await down.undo()).toEqual(down.before);
  expect(await mounts()).toBe(seen);
  expect(await up.undo()).toEqual(up.before);
});

test("the same device under all its names: nothing to do; and LABEL= is found for mounting", async () => {
  await machine.must(`e2label ${root.device} 'reg root'; udevadm trigger --settle ${root.device}`);
  await task.converge({ ...root, device: "LABEL=reg root" });
  const uuid = (await machine.must(`blkid -p -o value -s UUID ${root.device}`)).trim();
  const node = (await machine.must(`readlink -f ${root.device}`)).trim();
  for (const device of ["/dev/mapper/vgregistry-lvregistryroot", root.device, "LABEL=reg root", `UUID=${uuid}`, node]) {
    expect([device, (await task.converge({ ...root, device })).changes]).toEqual([device, []]);
  }
  await task.converge({ ...root, device: `UUID=${uuid}`, state: "unmounted" });
  expect(await mounts()).toBe("");
});

describe("nested mountpoints", () => {
  test("in the order of their paths, and back; in the wrong order the upper one is refused", async () => {
    await task.converge(data);
    expect(await task.refusal(root)).toMatchObject({ message: "mounting on /opt/registry.example.com would hide what is mounted below it", seen: data.path, hint: expect.stringContaining("in the order of the paths") });
    await clean();
    await task.converge(root);
    await task.converge(data);
    expect((await task.failure(task.down(root))).stderr).toBe("/opt/registry.example.com cannot be unmounted before what is mounted below it: /opt/registry.example.com/registrydata\n");
    await task.converge(task.down(data));
    await task.converge(task.down(root));
    expect(await mounts()).toBe("");
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
    const odd = { ...root, path: "/mnt/link/new/a b\\c" };
    const { undo, before } = await task.converge(odd);
    expect(before).toMatchObject({ path: "/mnt/real/new/a b\\c", mountpoint: "missing", missingFrom: "/mnt/real/new" });
    expect(await mounts()).toContain("/mnt/real/new/a\\040b\\134c");
    await task.converge(task.down(odd));
    expect(await mounts()).toBe("");
    expect(await undo()).toEqual(before);
    expect(await machine.must("ls /mnt/real")).toBe("");
  });

  test.each([
    ["lies on a full filesystem", "size=64k,nr_inodes=2", "No space left on device"],
    ["lies on a read-only filesystem", "ro", "Read-only file system"],
  ])("that %s and cannot be made: failed, and nothing is left", async (_, options, words) => {
    await machine.must(`mkdir -p /mnt/under; mount -t tmpfs -o ${options} none /mnt/under`);
    const { stderr } = await task.failure({ ...root, path: "/mnt/under/new/path" });
    expect(stderr).toMatch(new RegExp(`^mkdir: cannot create directory .*: ${words}\n$`));
    expect(await machine.must("ls /mnt/under")).toBe("");
  });

  test("that got another mount after it was looked at: the step refuses, too", async () => {
    await machine.must(`mkdir -p ${root.path}`);
    const [change] = fs.plan({ ...defaults, ...root, fsck: false }, await task.observe(root));
    await machine.must(`mount /dev/vgregistry/lvregistrydata ${root.path}`);
    const [step] = change!.steps as readonly { script: { text: string } }[];
    expect(await machine.exec(step!.script.text)).toMatchObject({ code: 1, stderr: "something was mounted on /opt/registry.example.com a moment ago; nothing is mounted over it\n" });
    expect(await mounts()).toContain("lvregistrydata");
    expect(await mounts()).not.toContain("lvregistryroot");
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

  test("that is write-protected is refused, or mounted read-only and unchecked", async () => {
    await machine.must(`blockdev --setro ${root.device}`);
    expect(await task.refusal(root)).toMatchObject({ message: "/dev/vgregistry/lvregistryroot is write-protected", hint: expect.stringContaining("options: ro") });
    const { answers, remarks } = await task.converge({ ...root, options: "ro" });
    expect(answers).toHaveLength(1);
    expect(remarks).toEqual(["/dev/vgregistry/lvregistryroot is write-protected, so it was not checked"]);
    await clean();
    await machine.must(`blockdev --setrw ${root.device}`);
  });

  test("that is full is mounted", async () => {
    await machine.must(`mkdir -p /mnt/x; mount ${root.device} /mnt/x; dd if=/dev/zero of=/mnt/x/fill bs=1M 2>/dev/null; df /mnt/x | grep -q 100%; umount /mnt/x`);
    await task.converge(root);
    expect(await task.state(root)).toMatchObject({ state: "up", remarks: [] });
    await machine.must(`rm ${root.path}/fill`);
  });

  test("that is gone while something is mounted there: down does not take it for done", async () => {
    await machine.must(`mkdir ${root.path}; mount ${root.device} ${root.path}`);
    const gone = { ...root, device: "LABEL=gone", state: "unmounted" };
    expect(await task.refusal(gone)).toMatchObject({ message: "cannot tell whether /opt/registry.example.com carries LABEL=gone, since that does not exist", seen: "/dev/mapper/vgregistry-lvregistryroot (ext4)" });
    expect(await mounts()).toContain("/opt/registry.example.com");
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
  const hold = (how: string) => machine.must(`cd /; ${how} & echo $! >>/run/holders; until [ "$(readlink /proc/$!/exe)" != "$(readlink -f /bin/sh)" ]; do sleep 0.1; done`);
  const letGo = "for p in $(cat /run/holders 2>/dev/null); do kill -9 $p; while [ -d /proc/$p ]; do sleep 0.1; done; done; rm -f /run/holders";
  afterEach(() => machine.must(`${letGo}; losetup -D`));

  test("by processes, or by none: not unmounted, and they are named", async () => {
    await task.converge(root);
    await machine.must(`touch ${root.path}/file; cp /bin/sleep ${root.path}/sleep`);
    await hold(`(cd ${root.path} && exec sleep 1000) >/dev/null 2>&1 </dev/null`);
    await hold(`(exec tail -f ${root.path}/file) >/dev/null 2>&1 </dev/null`);
    await hold(`${root.path}/sleep 1000 >/dev/null 2>&1 </dev/null`);
    const held = String.raw`/opt/registry\.example\.com is held by \d+ sleep \(works there\), \d+ tail \(has files open there\), \d+ sleep \(runs a program from there\)`;
    expect((await task.failure(task.down(root))).stderr).toMatch(new RegExp(`target is busy\\.\n${held}\n$`));
    expect(await mounts()).toContain("/opt/registry.example.com");

    await machine.must(`${letGo}; truncate -s 8M ${root.path}/image; losetup -f ${root.path}/image`);
    expect((await task.failure(task.down(root))).stderr).toContain("/opt/registry.example.com is held, but by no process: look for loop devices");
  });

  test("is unmounted with kill, also when it ignores SIGTERM; nobody else is killed", async () => {
    await task.converge(root);
    const others = await machine.must("pgrep -c sshd");
    await hold(`(cd ${root.path} && exec python3 -c 'import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()') >/dev/null 2>&1 </dev/null`);
    const { answers } = await task.converge({ ...task.down(root), kill: true });
    expect(answers[0]!.stdout).toMatch(/^SIGTERM to (\d+) python3\nSIGTERM to \1 python3\nSIGKILL to \1 python3\n$/);
    expect(await mounts()).toBe("");
    expect(await machine.must("pgrep -c sshd")).toBe(others);
    await machine.must("[ ! -d /proc/$(cat /run/holders) ] && rm /run/holders");
  });

  test("by the very processes through which Bowline works: they are spared, and named", async () => {
    await machine.must(`mkdir ${root.path}; mount ${root.device} ${root.path}`);
    const [change] = fs.plan({ ...defaults, ...root, state: "unmounted", kill: true }, await task.observe(root));
    const [step] = change!.steps as readonly { script: { text: string } }[];
    const { code, stderr } = await machine.exec(`cd ${root.path}; sh -c ${quote(step!.script.text)}; exit $?`);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/is held by \d+ sh \(works there\)/)]);
  });

  test("kill does nothing to anybody when somebody else unmounted it in the meantime", async () => {
    await machine.must(`mkdir ${root.path}; mount ${root.device} ${root.path}`);
    const [change] = fs.plan({ ...defaults, ...root, state: "unmounted", kill: true }, await task.observe(root));
    await machine.must(`umount ${root.path}`);
    const [step] = change!.steps as readonly { script: { text: string } }[];
    expect(await machine.exec(step!.script.text)).toEqual(expect.objectContaining({ code: 0, stdout: "" }));

    // umount says "busy" once, while somebody else's umount is the one that does it.
    await machine.must(`mount ${root.device} ${root.path}; printf '#!/bin/sh\n/bin/umount "$@"; echo "umount: $2: target is busy." >&2; exit 32\n' >/usr/local/bin/umount; chmod +x /usr/local/bin/umount`);
    expect(await machine.exec(step!.script.text)).toEqual(expect.objectContaining({ code: 0, stdout: "" }));
    await machine.must("rm /usr/local/bin/umount");
  });
});

test("tmpfs, which has no device", async () => {
  const tmpfs = { device: "tmpfs", path: "/mnt/tmp", type: "tmpfs", options: "nodev,size=10240k" };
  const { undo, before } = await task.converge(tmpfs);
  expect((await task.converge(tmpfs)).changes).toEqual([]);
  expect(await undo()).toEqual(before);
});
