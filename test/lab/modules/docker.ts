import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { LocalFile } from "../../../src/core/step.ts";
import { dockerd } from "../../../src/modules/dockerd.ts";
import type { Machine } from "../machine.ts";
import { drive } from "./harness.ts";

export const socket = "/run/dockerd-svc.sock";
export const client = `docker -H unix://${socket}`;

/** A private daemon on a filesystem of its own, as the tutorial has it; most of a start's time goes into iptables, which nobody needs here. */
export async function startDaemon(machine: Machine): Promise<void> {
  await machine.must("mkdir -p /srv/docker; vgchange -q -a y vgregistry; mountpoint -q /srv/docker || mount /dev/vgregistry/lvdockerdata /srv/docker");
  await drive(machine, dockerd).converge({ name: "svc", data_root: "/srv/docker", args: "--iptables=false", start_timeout: 240 });
}

export async function stopDaemon(machine: Machine): Promise<void> {
  await drive(machine, dockerd).converge({ name: "svc", data_root: "/srv/docker", state: "down", force: true });
}

/** What the engine makes of the path of a file on the controller. */
export async function localFile(path: string): Promise<LocalFile> {
  const content = await readFile(path);
  return { path, size: content.length, sha256: createHash("sha256").update(content).digest("hex") };
}
