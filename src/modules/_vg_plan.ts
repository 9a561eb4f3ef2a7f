import { sh } from "../core/sh.ts";
import { run, type RunStep } from "../core/step.ts";
import type { Change } from "./contract.ts";
import { holderFunctions } from "./_holders.ts";
import type { VgArgs } from "./_vg_args.ts";
import type { VgSeen, Volume } from "./_vg_seen.ts";
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
    ...foreign.map((other) => tagChange(args, "--deltag", other, `take volume group ${args.name} from ${other}`)),
    ...(group.tags.includes(tag) ? [] : [tagChange(args, "--addtag", tag, `tag volume group ${args.name} with ${tag}`)]),
    ...(idle.length === 0 ? [] : [activation(args, idle)]),
  ];
}

export function planInactive(args: VgArgs, seen: VgSeen): Change[] {
  const active = (seen.group?.volumes ?? []).filter((volume) => volume.active).map((volume) => volume.name);
  const tagged = ownTagged(args, seen);
  if (active.length > 0 || tagged || !seen.root) needRoot(seen);
  return [
    ...(active.length === 0 ? [] : [deactivation(args, active)]),
    ...(tagged
      ? [tagChange(args, "--deltag", ownTag(args, seen), `remove the tag ${ownTag(args, seen)} from volume group ${args.name}`)]
      : []),
  ];
}

function tagChange({ name }: VgArgs, option: "--addtag" | "--deltag", tag: string, title: string): Change {
  const step = (which: string) =>
    run(sh`vgchange ${which} ${tag} ${name}`, { title: `vgchange ${which} ${tag} ${name}`, onDisconnect: "finish" });
  const [before, after] = option === "--addtag" ? [null, tag] : [tag, null];
  return { title, before, after, steps: [step(option)], undo: [step(option === "--addtag" ? "--deltag" : "--addtag")] };
}

function activation({ name }: VgArgs, idle: readonly string[]): Change {
  const step = run(sh`vgchange -a y ${name}`, { title: `vgchange -a y ${name}`, onDisconnect: "finish" });
  return {
    title: `activate volume group ${name}`,
    before: { inactive: idle },
    after: { inactive: [] },
    steps: [step],
    undo: [deactivationStep(idle.map((volume) => `${name}/${volume}`))],
  };
}

function deactivation({ name }: VgArgs, active: readonly string[]): Change {
  const volumes = active.map((volume) => `${name}/${volume}`);
  const back = run(sh`lvchange -a y -K ${volumes}`, { title: `lvchange -a y ${volumes.join(" ")}`, onDisconnect: "finish" });
  return {
    title: `deactivate volume group ${name}`,
    before: { active },
    after: { active: [] },
    steps: [deactivationStep([name])],
    undo: [back],
  };
}

/** udev may still look at a volume that was unmounted a moment ago, which is why the first try can fail without anybody holding it. */
function deactivationStep(names: readonly string[]): RunStep {
  const command = names.some((name) => name.includes("/")) ? "lvchange" : "vgchange";
  const script = sh`
    ${holderFunctions}
    tries=0
    until out=$(${command} -a n ${names} 2>&1); do
      tries=$((tries + 1))
      [ "$tries" -lt 4 ] || break
      udevadm settle --timeout=5 2>/dev/null
      sleep 1
    done
    printf '%s\n' "$out"
    open=$(lvs --noheadings --separator ' ' -o lv_full_name,lv_kernel_major,lv_kernel_minor -S 'lv_active!=""' ${names}) || exit
    [ -n "$open" ] || exit 0
    printf '%s\n' "$open" | while read -r volume major minor; do
      users=$(users_of_device "$major" "$minor")
      [ -z "$users" ] || printf '%s is held:\n%s\n' "$volume" "$users"
    done >&2
    exit 1
  `;
  return run(script, { title: `${command} -a n ${names.join(" ")}`, timeout: 120, onDisconnect: "finish" });
}

function refuseMissing({ name }: VgArgs, { complaint, others }: VgSeen): never {
  const seen = [complaint, `volume groups of this host: ${others.join(", ") || "none"}`].filter((words) => words !== "").join("; ");
  return refuse(`there is no volume group ${name} on this host`, { seen, hint: "are its disks connected? pvs shows those that LVM sees" });
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
