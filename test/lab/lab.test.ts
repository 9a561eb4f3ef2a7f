import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { openLab, type Lab, type Machine } from "./lab.ts";
import { eventually } from "./process.ts";

const minute = 60_000;

describe("one machine", () => {
  let lab: Lab;
  let machine: Machine;

  beforeAll(async () => {
    lab = await openLab({ log: () => undefined });
    machine = await lab.machine();
  }, 10 * minute);
  afterAll(() => lab?.close());

  test("is bare: no service address, no active VG, nothing mounted, no dockerd", async () => {
    expect(await machine.must("ip -o addr show dev eth0")).not.toContain("10.0.2.71");
    expect(await machine.must("lsblk -nro TYPE")).not.toContain("lvm");
    expect(await machine.must("cat /proc/mounts")).not.toContain("vgregistry");
    expect((await machine.exec("pgrep -a 'dockerd|containerd'")).stdout).toBe("");
    expect(await machine.must("vgs --noheadings -o vg_tags vgregistry")).toMatch(/^\s*$/);
  }, minute);

  test("has the tutorial's disks, and an empty one", async () => {
    const lvs = await machine.must("lvs --noheadings -o lv_name,lv_size --units m --nosuffix vgregistry");
    expect(lvs.trim().split("\n").map((line) => line.trim().split(/\s+/))).toEqual([
      ["lvdockerdata", "1024.00"],
      ["lvregistrydata", "512.00"],
      ["lvregistryroot", "128.00"],
    ]);
    expect((await machine.exec("wipefs /dev/disk/by-id/virtio-scratch")).stdout).toBe("");
    expect(await machine.must("getent hosts registry.example.com")).toMatch(/^10\.0\.2\.71\s/);
  }, minute);

  test("wakes with its own name and the time of now", async () => {
    expect(await machine.must("hostname")).toBe("deb1\n");
    expect(Math.abs(Number(await machine.must("date +%s")) - Date.now() / 1000)).toBeLessThan(10);
  }, minute);

  test("has users with and without a sudo password, and takes input byte for byte", async () => {
    expect((await machine.exec("sudo -n id -un", { user: "ops" })).stdout).toBe("root\n");
    expect((await machine.exec("sudo -n id -un", { user: "opspw" })).code).toBe(1);
    expect((await machine.exec("sudo -S -p '' id -un", { user: "opspw", stdin: "lab-sudo-secret\n" })).stdout).toBe("root\n");
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    expect((await machine.exec("wc -c", { stdin: bytes })).stdout.trim()).toBe("256");
  }, minute);

  test("is reached over the serial port when its network is cut, and over ssh when it is back", async () => {
    await machine.link(false);
    expect((await machine.exec("true", { timeoutMs: 3000 })).code).toBe(124);
    expect(await machine.rescue("cat /sys/class/net/eth0/carrier")).toBe("0\n");
    await machine.link(true);
    expect(await machine.must("echo back")).toBe("back\n");
  }, minute);
});

test("a machine that is reset keeps its name and disks, and comes up as bare as before", async () => {
  const lab = await openLab({ log: () => undefined });
  try {
    const machine = await lab.machine("other");
    await machine.must("echo kept >/root/kept; sync");
    await machine.reset();
    expect(await machine.must("hostname; cat /root/kept")).toBe("other\nkept\n");
    expect(await machine.must("lsblk -nro TYPE")).not.toContain("lvm");
    expect(Math.abs(Number(await machine.must("date +%s")) - Date.now() / 1000)).toBeLessThan(10);
  } finally {
    await lab.close();
  }
}, 4 * minute);

test("a pair has two names, one LAN and one shared disk", async () => {
  const lab = await openLab({ log: () => undefined });
  try {
    const { first, second } = await lab.pair();
    expect([await first.must("hostname"), await second.must("hostname")]).toEqual(["deb1\n", "deb2\n"]);
    expect(await first.must("arping -c 2 -I eth1 192.168.77.12")).toContain("from 192.168.77.12 [52:54:00:77:00:12]");
    expect(await second.must("arping -c 2 -I eth1 192.168.77.11")).toContain("from 192.168.77.11 [52:54:00:77:00:11]");

    const disk = "/dev/vgshared/lvshared";
    await first.must(`vgchange -q --addtag deb1 vgshared; vgchange -q -a y vgshared; mount ${disk} /mnt; echo kept >/mnt/file; umount /mnt; vgchange -q -a n vgshared`);
    expect(await second.must("vgs --noheadings -o vg_tags vgshared")).toMatch(/deb1/);
    expect(await second.must(`vgchange -q -a y vgshared >&2; mount ${disk} /mnt; cat /mnt/file`)).toBe("kept\n");
  } finally {
    await lab.close();
  }
}, 3 * minute);

test("closing twice is once, and leaves no process and no directory", async () => {
  const lab = await openLab({ log: () => undefined });
  const { ssh } = await lab.machine();
  const dir = dirname(ssh.knownHostsFile);
  expect(processesOf(dir)).not.toEqual([]);
  await Promise.all([lab.close(), lab.close()]);
  await lab.close();
  expect(processesOf(dir)).toEqual([]);
  expect(existsSync(dir)).toBe(false);
}, minute);

test("a process that is killed takes its machines with it, and the next lab sweeps its directory", async () => {
  const script = `
    const { openLab } = await import(${JSON.stringify(join(import.meta.dirname, "lab.ts"))});
    const machine = await (await openLab()).machine();
    await machine.must("true");
    console.log(machine.ssh.knownHostsFile);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const printed = await new Promise<string>((resolve) => child.stdout.once("data", (data: Buffer) => resolve(data.toString().trim())));
  const dir = dirname(printed);
  expect(processesOf(dir).length).toBeGreaterThan(1);
  child.kill("SIGKILL");
  await eventually("the machine to end", 5000, () => Promise.resolve(processesOf(dir).length === 0 ? true : undefined));
  await (await openLab({ log: () => undefined })).close();
  expect(existsSync(dir)).toBe(false);
}, minute);

function processesOf(dir: string): string[] {
  return execFileSync("ps", ["-eo", "pid,args"]).toString().split("\n").filter((line) => line.includes(dir));
}
