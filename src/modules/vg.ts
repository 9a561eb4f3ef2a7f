import { z } from "zod";
import { sh, type Script } from "../core/sh.ts";
import { run, type Answer, type RunStep } from "../core/step.ts";
import { boolean, listOf, oneOf, optional, text, withDefault } from "./args.ts";
import { defineResource, type Bound, type Change } from "./contract.ts";
import { notes } from "./_vg_doc.ts";
import { holderFunctions } from "./_holders.ts";
import { observeSections, section, sectionsOf } from "./_observe.ts";
import { refuse } from "./refuse.ts";

const args = {
  name: lvmName("The volume group."),
  state: withDefault(oneOf(["active", "inactive"], "Whether this host owns the group and has its volumes active."), "active"),
  tag: optional(lvmTag("The tag that says which host owns the group. Default: the host's own name as `uname -n` gives it there, in lower case.")),
  takeover: withDefault(boolean("Take the group although it is tagged by another host."), false),
  other_tags: withDefault(listOf(lvmTag("A tag."), "Tags that name no host: they are left alone."), []),
};

type Args = Bound<typeof args>;

interface VgSeen {
  readonly root: boolean;
  /** The host's own name, in lower case. */
  readonly host: string;
  /** Absent when the host has no such group. */
  readonly group?: { readonly tags: readonly string[]; readonly exported: boolean; readonly missingDisks: number; readonly volumes: readonly Volume[] };
  /** What LVM said when it could not show the group. */
  readonly complaint: string;
  /** The groups that there are, when this one is not among them. */
  readonly others: readonly string[];
}

interface Volume {
  readonly name: string;
  readonly active: boolean;
  /** `vgchange -a y` passes over it (lvmthin(7), activation skip). */
  readonly skipped: boolean;
}

/** The ownership and activation of an LVM volume group, as OpenSVC's vg resource has it. */
export const vg = defineResource<typeof args, VgSeen>({
  name: "vg",
  summary: "Own an LVM volume group by a host tag and activate its volumes, or deactivate them and give it up.",
  notes,
  args,
  otherNames: { vg: "name", vgname: "name", vg_name: "name", force: "takeover", hosttag: "tag" },
  examples: [
    { title: "Own and activate a group", yaml: "vg:\n  name: vgregistry" },
    { title: "Take a group from a host that is dead", yaml: "vg:\n  name: vgregistry\n  takeover: true" },
  ],
  observe: ({ name, state }) => observe(name, state === "active"),
  parse,
  plan: (args, seen) => (args.state === "active" ? planActive(args, seen) : planInactive(args, seen)),
  down: (args) => ({ ...args, state: "inactive" }),
  state: (args, seen) => {
    const remarks = remarksOf(args, seen);
    const volumes = counted(seen);
    const active = volumes.filter((volume) => volume.active).length;
    const up = volumes.length === 0 ? ownTagged(args, seen) : active > 0;
    const state = !up ? "down" : remarks.length === 0 ? "up" : "warn";
    return { state, label: args.name, remarks };
  },
  result: (args, seen) => ({ name: args.name, tags: seen.group?.tags ?? [], active: counted(seen).flatMap(({ name, active }) => (active ? [name] : [])) }),
});

/** One row for each volume; a group without volumes has one row without one. */
function observe(name: string, rescan: boolean): Script {
  const look = sh`rows=$(vgs --noheadings --separator '|' -o vg_name,vg_tags,vg_attr,vg_missing_pv_count,lv_name,lv_attr ${name} 2>&1); code=$?`;
  return observeSections(
    ["vgs"],
    [
      section("host", sh`id -u; uname -n | tr '[:upper:]' '[:lower:]'`),
      look,
      rescan ? sh`if [ "$code" != 0 ] && [ -S /run/lvm/lvmetad.socket ]; then pvscan --cache >/dev/null 2>&1; ${look}; fi` : sh`:`,
      section("group", sh`printf '%s\n' "$rows"`),
      sh`if [ "$code" != 0 ]; then`,
      section("others", sh`vgs --noheadings -o vg_name 2>/dev/null`),
      sh`fi`,
    ],
  );
}

function parse(answer: Answer): VgSeen {
  const sections = sectionsOf(answer);
  const lines = (name: string) => (sections.get(name) ?? "").split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const [uid, host = ""] = lines("host");
  const rows = lines("group").map((line) => line.split("|")).filter((row) => row.length === 6);
  const [, tags = "", attributes = "", missing] = rows[0] ?? [];
  const volumes = rows.flatMap(([, , , , name = "", attr = ""]) => (name === "" ? [] : [{ name, active: attr[4] === "a", skipped: attr[9] === "k" }]));
  const group = { tags: tags.split(",").filter((tag) => tag !== ""), exported: attributes[2] === "x", missingDisks: Number(missing), volumes };
  const complaint = lines("group").filter((line) => !line.includes("|")).join("; ");
  return { root: uid === "0", host, ...(rows.length === 0 ? {} : { group }), complaint, others: lines("others") };
}

function planActive(args: Args, seen: VgSeen): Change[] {
  needRoot(seen);
  const group = seen.group ?? refuseMissing(args, seen);
  if (group.exported) refuse(`volume group ${args.name} is exported`, { hint: `when its disks have arrived here for good: vgimport ${args.name}` });
  const tag = ownTag(args, seen);
  const foreign = foreignTags(args, seen);
  if (foreign.length > 0 && !args.takeover) {
    refuse(`volume group ${args.name} is owned by ${foreign.join(", ")}`, {
      expected: `the tag ${tag}, or none`,
      seen: `tags: ${group.tags.join(", ")}`,
      hint: "bring it down there; when that host is dead, takeover: true takes it; a tag that is no host's name goes into other_tags",
    });
  }
  const idle = counted(seen).filter((volume) => !volume.active).map((volume) => volume.name);
  if (idle.length > 0 && group.missingDisks > 0) {
    refuse(missingDiskWords(args, group.missingDisks), { hint: `pvs shows which; bring them back, or activate what is left by hand: vgchange -a y --activationmode partial ${args.name}` });
  }
  return [
    ...foreign.map((other) => tagChange(args, "--deltag", other, `take volume group ${args.name} from ${other}`)),
    ...(group.tags.includes(tag) ? [] : [tagChange(args, "--addtag", tag, `tag volume group ${args.name} with ${tag}`)]),
    ...(idle.length === 0 ? [] : [activation(args, idle)]),
  ];
}

function planInactive(args: Args, seen: VgSeen): Change[] {
  const active = (seen.group?.volumes ?? []).filter((volume) => volume.active).map((volume) => volume.name);
  const tagged = ownTagged(args, seen);
  if (active.length > 0 || tagged || !seen.root) needRoot(seen);
  return [
    ...(active.length === 0 ? [] : [deactivation(args, active)]),
    ...(tagged ? [tagChange(args, "--deltag", ownTag(args, seen), `remove the tag ${ownTag(args, seen)} from volume group ${args.name}`)] : []),
  ];
}

function tagChange({ name }: Args, option: "--addtag" | "--deltag", tag: string, title: string): Change {
  const step = (which: string) => run(sh`vgchange ${which} ${tag} ${name}`, { title: `vgchange ${which} ${tag} ${name}`, onDisconnect: "finish" });
  const [before, after] = option === "--addtag" ? [null, tag] : [tag, null];
  return { title, before, after, steps: [step(option)], undo: [step(option === "--addtag" ? "--deltag" : "--addtag")] };
}

function activation({ name }: Args, idle: readonly string[]): Change {
  const step = run(sh`vgchange -a y ${name}`, { title: `vgchange -a y ${name}`, onDisconnect: "finish" });
  return { title: `activate volume group ${name}`, before: { inactive: idle }, after: { inactive: [] }, steps: [step], undo: [deactivationStep(idle.map((volume) => `${name}/${volume}`))] };
}

function deactivation({ name }: Args, active: readonly string[]): Change {
  const volumes = active.map((volume) => `${name}/${volume}`);
  const back = run(sh`lvchange -a y -K ${volumes}`, { title: `lvchange -a y ${volumes.join(" ")}`, onDisconnect: "finish" });
  return { title: `deactivate volume group ${name}`, before: { active }, after: { active: [] }, steps: [deactivationStep([name])], undo: [back] };
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

function refuseMissing({ name }: Args, { complaint, others }: VgSeen): never {
  const seen = [complaint, `volume groups of this host: ${others.join(", ") || "none"}`].filter((words) => words !== "").join("; ");
  return refuse(`there is no volume group ${name} on this host`, { seen, hint: "are its disks connected? pvs shows those that LVM sees" });
}

function needRoot({ root }: VgSeen): void {
  if (!root) refuse("only root can see and change volume groups", { hint: "run the task with become: true" });
}

function remarksOf(args: Args, seen: VgSeen): string[] {
  if (!seen.root) return ["only root can see volume groups"];
  if (!seen.group) return [`there is no volume group ${args.name} on this host`];
  const volumes = counted(seen);
  const idle = volumes.filter((volume) => !volume.active).length;
  const foreign = foreignTags(args, seen);
  const tagged = ownTagged(args, seen);
  return [
    ...(foreign.length === 0 ? [] : [`owned by ${foreign.join(", ")}`]),
    ...(tagged || idle === volumes.length ? [] : [`active, but not tagged with ${ownTag(args, seen)}`]),
    ...(idle === 0 || (idle === volumes.length && !tagged) ? [] : [`${idle} of ${volumes.length} volumes are not active`]),
    ...(seen.group.missingDisks === 0 ? [] : [missingDiskWords(args, seen.group.missingDisks)]),
  ];
}

function missingDiskWords({ name }: Args, missing: number): string {
  return `${missing} ${missing === 1 ? "disk" : "disks"} of volume group ${name} ${missing === 1 ? "is" : "are"} missing`;
}

function counted({ group }: VgSeen): readonly Volume[] {
  return (group?.volumes ?? []).filter((volume) => !volume.skipped);
}

function ownTag(args: Args, { host }: VgSeen): string {
  return args.tag ?? host;
}

function ownTagged(args: Args, seen: VgSeen): boolean {
  return seen.group?.tags.includes(ownTag(args, seen)) ?? false;
}

function foreignTags(args: Args, seen: VgSeen): string[] {
  return (seen.group?.tags ?? []).filter((tag) => tag !== ownTag(args, seen) && !args.other_tags.includes(tag));
}

/** lvm(8), VALID NAMES. */
function lvmName(words: string) {
  return text(words).regex(/^[A-Za-z0-9_.+][A-Za-z0-9_.+-]*$/, "must be the name of a volume group, without a path");
}

/** lvm(8), TAGS: stored without the @ that the command line may have. */
function lvmTag(words: string) {
  return z.preprocess((value) => (typeof value === "string" ? value.replace(/^@/, "") : value), z.string("must be text").regex(/^[A-Za-z0-9_+.\-/=!:#&]+$/, "must be a tag as LVM takes it")).describe(words);
}
