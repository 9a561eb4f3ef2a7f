import { sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { observeSections, section, sectionsOf } from "./_observe.ts";

/** What there is of a volume group on a host. */
export interface VgSeen {
  readonly root: boolean;
  /** The host's own name, in lower case. */
  readonly host: string;
  /** Absent when the host has no such group. */
  readonly group?: {
    readonly tags: readonly string[];
    readonly exported: boolean;
    readonly missingDisks: number;
    readonly volumes: readonly Volume[];
  };
  /** What LVM said when it could not show the group. */
  readonly complaint: string;
  /** The groups that there are, when this one is not among them. */
  readonly others: readonly string[];
  /** Volumes of the group that the device mapper still has although LVM does not find the group: its disks went away. */
  readonly mapped: readonly string[];
}

export interface Volume {
  readonly name: string;
  readonly active: boolean;
  /** `vgchange -a y` passes over it (lvmthin(7), activation skip). */
  readonly skipped: boolean;
}

/** One row for each volume; a group without volumes has one row without one. */
export function observeVg(name: string, rescan: boolean): Script {
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
      section("mapped", sh`grep -l '^LVM-' /sys/block/dm-*/dm/uuid 2>/dev/null | sed 's/uuid$/name/' | xargs -r cat`),
      sh`fi`,
    ],
  );
}

export function parseVg(answer: Answer, { name }: { readonly name: string }): VgSeen {
  const sections = sectionsOf(answer);
  const lines = (name: string) =>
    (sections.get(name) ?? "")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  const [uid, host = ""] = lines("host");
  const rows = lines("group")
    .map((line) => line.split("|"))
    .filter((row) => row.length === 6);
  const [, tags = "", attributes = "", missing] = rows[0] ?? [];
  const volumes = rows.flatMap(([, , , , name = "", attr = ""]) =>
    name === "" ? [] : [{ name, active: attr[4] === "a", skipped: attr[9] === "k" }],
  );
  const group = {
    tags: tags.split(",").filter((tag) => tag !== ""),
    exported: attributes[2] === "x",
    missingDisks: Number(missing),
    volumes,
  };
  const complaint = lines("group")
    .filter((line) => !line.includes("|"))
    .join("; ");
  const mapped = lines("mapped").filter((mapping) => isVolumeOf(name, mapping));
  return { root: uid === "0", host, ...(rows.length === 0 ? {} : { group }), complaint, others: lines("others"), mapped };
}

/** The device mapper's name of a volume: group and volume with a hyphen between them, and their own hyphens doubled. */
function isVolumeOf(group: string, mapping: string): boolean {
  const start = `${group.replaceAll("-", "--")}-`;
  return mapping.startsWith(start) && mapping[start.length] !== "-";
}
