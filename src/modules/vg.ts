import { defineResource } from "./contract.ts";
import { vgArgs, type VgArgs } from "./_vg_args.ts";
import { notes } from "./_vg_doc.ts";
import { counted, foreignTags, lostWords, missingDiskWords, ownTag, ownTagged, planActive, planInactive } from "./_vg_plan.ts";
import { observeVg, parseVg, type VgSeen } from "./_vg_seen.ts";

/** The ownership and activation of an LVM volume group, as OpenSVC's vg resource has it. */
export const vg = defineResource<typeof vgArgs, VgSeen>({
  name: "vg",
  summary: "Own an LVM volume group by a host tag and activate its volumes, or deactivate them and give it up.",
  notes,
  args: vgArgs,
  otherNames: { vg: "name", vgname: "name", vg_name: "name", force: "takeover", hosttag: "tag" },
  examples: [
    { title: "Own and activate a group", yaml: "vg:\n  name: vgregistry" },
    { title: "Take a group from a host that is dead", yaml: "vg:\n  name: vgregistry\n  takeover: true" },
  ],
  observe: ({ name, state }) => observeVg(name, state === "active"),
  parse: parseVg,
  plan: (args, seen) => (args.state === "active" ? planActive(args, seen) : planInactive(args, seen)),
  down: (args) => ({ ...args, state: "inactive" }),
  state: (args, seen) => {
    const remarks = remarksOf(args, seen);
    const volumes = counted(seen);
    const active = volumes.filter((volume) => volume.active).length;
    const up = volumes.length === 0 ? ownTagged(args, seen) : active > 0;
    const state = seen.mapped.length > 0 ? "warn" : !up ? "down" : remarks.length === 0 ? "up" : "warn";
    return { state, label: args.name, remarks };
  },
  result: (args, seen) => ({
    name: args.name,
    tags: seen.group?.tags ?? [],
    active: counted(seen).flatMap(({ name, active }) => (active ? [name] : [])),
  }),
});

function remarksOf(args: VgArgs, seen: VgSeen): string[] {
  if (!seen.root) return ["only root can see volume groups"];
  if (seen.mapped.length > 0) return [lostWords(args.name, seen.mapped)];
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
