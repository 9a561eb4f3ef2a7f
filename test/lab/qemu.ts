import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must, run } from "./process.ts";

export type Accelerator = "kvm" | "tcg";

export const qemu = "qemu-system-x86_64";
export const defaultMemory = 1024;

/** A processor without what is slow to emulate (AVX, five levels of page tables), with AES for ssh, whose clock Linux trusts on two of them. */
const emulatedCpu = "Westmere";

/**
 * QEMU 7 finds the code that it has translated by its virtual address too, so a program that lies somewhere else at
 * every start is translated anew at every start: to start /bin/true took 45 ms, and takes 8 without randomised addresses.
 */
const forTranslation = "norandmaps";

/** One start of QEMU. The hardware that these make must be the same when a snapshot is taken and when it is used. */
export interface Hardware {
  readonly name: string;
  readonly accelerator: Accelerator;
  readonly memory: number;
  /** The file behind the machine's memory, and whether what the machine writes goes into it. */
  readonly memoryFile?: { readonly path: string; readonly keep: boolean };
  readonly kernel: string;
  readonly initrd: string;
  /** Serial to image, in the order of the device names; all qcow2. */
  readonly disks: Readonly<Record<string, string>>;
  /** Write to the images themselves; else what is written is forgotten when the machine goes. */
  readonly keepDisks: boolean;
  /** For the sockets and the console's log. */
  readonly dir: string;
}

export function arguments_(hardware: Hardware): string[] {
  const { name, accelerator, memory, memoryFile, dir } = hardware;
  const at = (kind: string) => join(dir, `${name}.${kind}`);
  const backend = memoryFile
    ? `memory-backend-file,id=ram,size=${memory}M,mem-path=${memoryFile.path},share=${memoryFile.keep ? "on" : "off"}`
    : `memory-backend-ram,id=ram,size=${memory}M`;
  return [
    ...["-name", `bowline-lab-${name}`, "-nodefaults", "-no-user-config", "-display", "none"],
    ...["-accel", accelerator === "tcg" ? "tcg,thread=multi" : "kvm", "-cpu", accelerator === "tcg" ? emulatedCpu : "host"],
    ...["-M", "pc,usb=off,memory-backend=ram", "-smp", "2", "-m", `${memory}`, "-object", backend],
    ...["-rtc", "base=utc", "-kernel", hardware.kernel, "-initrd", hardware.initrd],
    ...["-append", `root=LABEL=root rw console=ttyS0 net.ifnames=0 quiet apparmor=0 mitigations=off ${forTranslation}`],
    ...Object.entries(hardware.disks).flatMap(([serial, image]) => [
      ...["-drive", `if=none,id=${serial},file=${image},format=qcow2,cache=unsafe,snapshot=${hardware.keepDisks ? "off" : "on"}`],
      ...["-device", `virtio-blk-pci,drive=${serial},serial=${serial}`],
    ]),
    // Restricted: a lab behaves the same with and without the internet.
    ...["-netdev", "user,id=n0,ipv6=off,restrict=on", "-device", "virtio-net-pci,id=eth0,netdev=n0,romfile="],
    ...["-device", "virtio-rng-pci"],
    ...["-chardev", `file,id=console,path=${at("console")}`, "-serial", "chardev:console"],
    ...["-chardev", `socket,id=agent,path=${at("agent")},server=on,wait=off`, "-serial", "chardev:agent"],
    ...["-qmp", `unix:${at("qmp")},server=on,wait=off`],
  ];
}

/** The version that `qemu-system-x86_64` says it has: a snapshot belongs to one version. */
export async function version(): Promise<string> {
  return (await must(qemu, ["--version"])).split("\n")[0] ?? "";
}

/** KVM if it truly runs code here: on some machines /dev/kvm is there and opens, and yet no guest ever runs. */
export async function accelerator(): Promise<Accelerator> {
  const wanted = process.env["BOWLINE_LAB_ACCEL"];
  if (wanted === "kvm" || wanted === "tcg") return wanted;
  if (!existsSync("/dev/kvm")) return "tcg";
  const dir = await mkdtemp(join(tmpdir(), "bowline-kvm-"));
  try {
    const disk = join(dir, "boot");
    await writeFile(disk, bootSectorThatExits());
    const args = ["-accel", "kvm", "-cpu", "host", "-M", "pc", "-m", "64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"];
    const probe = [...args, "-device", "isa-debug-exit", "-drive", `file=${disk},format=raw`];
    const { code } = await run(qemu, probe, { timeoutMs: 5000 });
    return code === 0x21 ? "kvm" : "tcg";
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** mov dx, 0x501; mov al, 0x10; out dx, al; hlt: QEMU then exits with code 0x10 * 2 + 1. */
function bootSectorThatExits(): Buffer {
  const sector = Buffer.alloc(512);
  Buffer.from([0xba, 0x01, 0x05, 0xb0, 0x10, 0xee, 0xf4]).copy(sector);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}
