import type { Booted } from "./boot.ts";

/** Two ends of a cable between machines: a unix datagram socket each, so either machine may come, go and come back. */
export interface Cable {
  readonly mine: string;
  readonly theirs: string;
}

/** Put a raw image into a running machine as /dev/disk/by-id/virtio-SERIAL. Several machines may have the same one. */
export async function plugDisk({ monitor, agent }: Booted, serial: string, image: string): Promise<void> {
  const file = { driver: "file", filename: image, locking: "off" };
  await monitor.execute("blockdev-add", { driver: "raw", "node-name": serial, file });
  await monitor.execute("device_add", { driver: "virtio-blk-pci", id: serial, drive: serial, serial, "share-rw": true });
  await agent.must(waitFor(`[ -e /dev/disk/by-id/virtio-${serial} ]`));
}

/** Pull out what was plugged in, and wait until the machine has let go of it. */
export async function unplug({ monitor }: Booted, id: string): Promise<void> {
  const gone = monitor.event("DEVICE_DELETED", (data) => (data as { device?: string }).device === id);
  await monitor.execute("device_del", { id });
  await gone;
  await monitor.execute("blockdev-del", { "node-name": id });
}

/** Put a network card with this address into a running machine; it comes up as eth1. */
export async function plugNetwork({ monitor, agent }: Booted, cable: Cable, address: string, mac: string): Promise<void> {
  const local = { type: "unix", path: cable.mine };
  const remote = { type: "unix", path: cable.theirs };
  await monitor.execute("netdev_add", { type: "dgram", id: "n1", local, remote });
  await monitor.execute("device_add", { driver: "virtio-net-pci", id: "eth1", netdev: "n1", mac, romfile: "" });
  await agent.must(`${waitFor("[ -e /sys/class/net/eth1 ]")}
printf 'auto eth1\\niface eth1 inet static\\n    address ${address}\\n' >/etc/network/interfaces.d/eth1
ifup eth1`);
}

function waitFor(condition: string): string {
  return `n=0; until ${condition}; do n=$((n + 1)); [ "$n" -lt 300 ] || exit 1; sleep 0.1; done`;
}
