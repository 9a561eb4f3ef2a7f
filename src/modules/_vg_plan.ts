import type { Change } from "./contract.ts";
import type { VgArgs } from "./_vg_args.ts";
import type { VgSeen, Volume } from "./_vg_seen.ts";
import { activationStep, deactivationStep, ownStep, tagStep } from "./_vg_steps.ts";
import { refuse } from "./refuse.ts";

export function planActive(args: VgArgs, seen: VgSeen): Change[] {
  needRoot(seen);
  const group = seen.group ?? refuseMissing(args, seen);
  if (group.exported)
    refuse(`volume group ${args.name} is exported`, { hint: `when its disks have arrived here for good: vgimport ${args.name}` });
  const tag = ownTag(args, seen);
  const foreign = foreignTags(args, seen);
  if (foreign.length > 0 && !args.takeover) {
    refuse(`volume group ${args.name} is owned by ${foreign.join(", ")}`, {
      expected: `the tag ${tag}, or none`,
      seen: `tags: ${group.tags.join(", ")}`,
      hint: "bring it down there; when that host is dead, takeover: true takes it; a tag that is no host's name goes into other_tags",
    });
  }
  const idle = counted(seen)
    .filter((volume) => !volume.active)
    .map((volume) => volume.name);
  if (idle.length > 0 && group.missingDisks > 0) {
    refuse(missingDiskWords(args, group.missingDisks), {
      hint: `pvs shows which; bring them back, or activate what is left by hand: vgchange -a y --activationmode partial ${args.name}`,
    });
  }
  return [
    ...foreign.map((other) => tagRemoval(args, other, `take volume group ${args.name} from ${other}`)),
    ...(group.tags.includes(tag) ? [] : [ownership(args, tag)]),
    ...(idle.length === 0 ? [] : [activation(args, idle)]),
  ];
}

export function planInactive(args: VgArgs, seen: VgSeen): Change[] {
  needRoot(seen);
  if (!seen.group) refuseUnclear(args, seen);
  const active = (seen.group?.volumes ?? []).filter((volume) => volume.active).map((volume) => volume.name);
  const tag = ownTag(args, seen);
  return [
    ...(active.length === 0 ? [] : [deactivation(args, active)]),
    ...(ownTagged(args, seen) ? [tagRemoval(args, tag, `remove the tag ${tag} from volume group ${args.name}`)] : []),
  ];
}

function tagRemoval({ name }: VgArgs, tag: string, title: string): Change {
  return { title, before: tag, after: null, steps: [tagStep(name, "--deltag", tag)], undo: [tagStep(name, "--addtag", tag)] };
}

function ownership({ name, other_tags }: VgArgs, tag: string): Change {
  const title = `tag volume group ${name} with ${tag}`;
  return { title, before: null, after: tag, steps: [ownStep(name, tag, other_tags)], undo: [tagStep(name, "--deltag", tag)] };
}

function activation({ name }: VgArgs, idle: readonly string[]): Change {
  return {
    title: `activate volume group ${name}`,
    before: { inactive: idle },
    after: { inactive: [] },
    steps: [activationStep([name])],
    undo: [deactivationStep(idle.map((volume) => `${name}/${volume}`))],
  };
}

function deactivation({ name }: VgArgs, active: readonly string[]): Change {
  return {
    title: `deactivate volume group ${name}`,
    before: { active },
    after: { active: [] },
    steps: [deactivationStep([name])],
    undo: [activationStep(active.map((volume) => `${name}/${volume}`))],
  };
}

function refuseMissing(args: VgArgs, seen: VgSeen): never {
  refuseUnclear(args, seen);
  return refuse(`there is no volume group ${args.name} on this host`, {
    seen: [seen.complaint, `volume groups of this host: ${seen.others.join(", ") || "none"}`].join("; "),
    hint: "are its disks connected? pvs shows those that LVM sees",
  });
}

/** A group that LVM cannot show is not therefore absent, nor are the volumes of one whose disks went away. */
function refuseUnclear({ name }: VgArgs, { complaint, mapped }: VgSeen): void {
  if (mapped.length > 0) {
    refuse(lostWords(name, mapped), {
      seen: complaint,
      hint: `bring the disks back; or give the volumes up: unmount them, then dmsetup remove ${mapped.join(" ")}`,
    });
  }
  if (!complaint.includes("not found")) refuse(`volume group ${name} cannot be looked at`, { seen: complaint || "vgs said nothing" });
}

export function lostWords(name: string, mapped: readonly string[]): string {
  return `volume group ${name} is gone, but ${mapped.join(", ")} ${mapped.length === 1 ? "is" : "are"} still mapped`;
}

function needRoot({ root }: VgSeen): void {
  if (!root) refuse("only root can see and change volume groups", { hint: "run the task with become: true" });
}

export function missingDiskWords({ name }: VgArgs, missing: number): string {
  return `${missing} ${missing === 1 ? "disk" : "disks"} of volume group ${name} ${missing === 1 ? "is" : "are"} missing`;
}

export function counted({ group }: VgSeen): readonly Volume[] {
  return (group?.volumes ?? []).filter((volume) => !volume.skipped);
}

export function ownTag(args: VgArgs, { host }: VgSeen): string {
  return args.tag ?? host;
}

export function ownTagged(args: VgArgs, seen: VgSeen): boolean {
  return seen.group?.tags.includes(ownTag(args, seen)) ?? false;
}

export function foreignTags(args: VgArgs, seen: VgSeen): string[] {
  return (seen.group?.tags ?? []).filter((tag) => tag !== ownTag(args, seen) && !args.other_tags.includes(tag));
}
