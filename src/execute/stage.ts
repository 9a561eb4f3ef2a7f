import type PQueue from "p-queue";
import type { Play } from "../compile/program.ts";
import type { HostState } from "./host.ts";
import type { Engine } from "./ports.ts";

/** What the plays of one run share. */
export interface Stage {
  readonly engine: Engine;
  readonly hosts: ReadonlyMap<string, HostState>;
  /** Bounds how many hosts are at work at the same time. */
  readonly queue: PQueue;
}

/** The hosts of a play that still take part, in its order. */
export function activeHosts(play: Play, stage: Pick<Stage, "hosts">): HostState[] {
  return play.hosts.flatMap((name) => stage.hosts.get(name) ?? []).filter((host) => host.standing === "active");
}
