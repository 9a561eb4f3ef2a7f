import { sh } from "../core/sh.ts";
import { run, type RunStep } from "../core/step.ts";
import { holderFunctions } from "./_holders.ts";

/** None of these has a time limit, and none is stopped with the controller: LVM ends by itself, and half of it would be worse. */
const unhurried = { onDisconnect: "finish" } as const;

export function tagStep(name: string, option: "--addtag" | "--deltag", tag: string): RunStep {
  return run(sh`vgchange ${option} ${tag} ${name}`, { title: `vgchange ${option} ${tag} ${name}`, ...unhurried });
}

/**
 * Tag a group that nobody owns. No lock spans two hosts, so the tags are read again right before and right after: of
 * two hosts that want the group at the same moment, none that saw the other keeps it.
 */
export function ownStep(name: string, tag: string, otherTags: readonly string[]): RunStep {
  const known = [tag, ...otherTags].flatMap((one) => ["-e", one]);
  const script = sh`
    owners() { vgs --noheadings -o vg_tags ${name} | tr -d ' ' | tr ',' '\n' | grep -vxF ${known}; }
    found=$(owners)
    [ -z "$found" ] || { echo ${`volume group ${name} was taken a moment ago by`} $found >&2; exit 1; }
    vgchange --addtag ${tag} ${name} || exit
    found=$(owners)
    [ -n "$found" ] || exit 0
    vgchange --deltag ${tag} ${name}
    echo ${`volume group ${name} was taken at the same time by`} $found >&2
    exit 1
  `;
  return run(script, { title: `vgchange --addtag ${tag} ${name}`, ...unhurried });
}

/** A group, or single volumes of it; these also when LVM's activation-skip flag passes over them. */
export function activationStep(names: readonly string[]): RunStep {
  const command = commandFor(names);
  const option = command === "lvchange" ? ["-K"] : [];
  return run(sh`${command} -a y ${option} ${names}`, { title: `${command} -a y ${names.join(" ")}`, ...unhurried });
}

/** udev may still look at a volume that was unmounted a moment ago, which is why the first try can fail without anybody holding it. */
export function deactivationStep(names: readonly string[]): RunStep {
  const command = commandFor(names);
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
    left=$(lvs --noheadings --separator ' ' -o lv_full_name,lv_kernel_major,lv_kernel_minor -S 'lv_active!=""' ${names}) || exit
    [ -n "$left" ] || exit 0
    held=$(printf '%s\n' "$left" | while read -r volume major minor; do
      users=$(users_of_device "$major" "$minor" | in_a_row)
      [ -z "$users" ] || printf '%s is held: %s\n' "$volume" "$users"
    done)
    printf '%s\n' "\${held:-nobody was found who holds it; dmsetup info -c shows what is open}" | sed ${`s|^|${names.join(" ")} is still active: |`} >&2
    exit 1
  `;
  return run(script, { title: `${command} -a n ${names.join(" ")}`, ...unhurried });
}

function commandFor(names: readonly string[]): "lvchange" | "vgchange" {
  return names.some((name) => name.includes("/")) ? "lvchange" : "vgchange";
}
