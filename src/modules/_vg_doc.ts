/** The rules of the vg module, for its page. */
export const notes = `
**Ownership** is a tag with the host's name on the volume group, as OpenSVC writes it. The name is read on the host, not
taken from the inventory. With \`hosttags\` and a \`volume_list\` in lvm.conf, LVM itself refuses to activate a group
without it, at boot too; without them the tag only tells other hosts (and people) whose group it is.

**Active.** A group that carries the tag of another host is refused and the owner named: its volumes may be mounted
there, and two hosts that mount one filesystem destroy it. \`takeover: true\` removes the other tag, for when the owner
is dead. Every tag counts as a host's unless \`other_tags\` names it. Then the own tag is added and the volumes are
activated; a group that is active but not tagged gets its tag. Right before and right after tagging, the tags are read
again: of two hosts that want one group at the same moment, none keeps it that sees the other. A group with missing
disks is not activated.

**Inactive.** The volumes are deactivated first, in up to four tries with \`udevadm settle\` between them. Only when
none is active the own tag is removed; other tags stay. When volumes stay busy, the task fails, the tag stays, and the
message says who holds them: mounts (those of containers too), swap, devices stacked on them, processes. A group that
LVM does not know needs nothing; one whose disks went away while volumes of it are still mapped is a failure.

No call of LVM has a time limit of its own, nor is one stopped when the controller goes away; \`timeout\` on the task is
for those who know better.

A volume with LVM's activation-skip flag (thin snapshots) is not counted. Observing needs one call of \`vgs\`; where
lvmetad runs (LVM before 2.03) a group that it does not know is looked for with \`pvscan --cache\`.

From OpenSVC: the tag, tag before activation, retries. Otherwise than it: a foreign tag is not removed unasked, the tag
is checked on an active group too, it is removed after deactivation, and a busy group is a failure.
`;
