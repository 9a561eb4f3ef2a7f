/** The rules of the fs module, for its page. */
export const notes = `
**Mounted.** The device must exist; one that does not gets \`wait\` seconds to appear, while the change is made: looking
at it never waits longer than udev needs to finish what it is doing. \`/dev/VG/LV\`, \`/dev/mapper/VG-LV\`, \`/dev/dm-N\`,
\`LABEL=\` and \`UUID=\` are the same device when the kernel's numbers are. Then, in this order: \`e2fsck -p\` for ext2,
ext3 and ext4, the mountpoint (with its parents, mode 0755), \`mount\`. No fstab is written. xfs and btrfs mount without
a check: xfs replays its log, btrfs has checksums, and neither is to be mended unasked.

| exit code of e2fsck | what happens |
|---|---|
| 0, 32 | mounted |
| 1, 33 | mounted, and the report says what was corrected; this is not undone by \`undo\` |
| 4 and its sums | not mounted, failed with e2fsck's words: mend it by hand with \`e2fsck -f\` |
| any other | not mounted, failed with e2fsck's words, and who holds the device if somebody does |

A device that is mounted is never checked; one that is mounted elsewhere too, or is write-protected, is mounted
unchecked, with a remark. Directories that were made for a mount that failed are removed again.

**Refused**, and nothing changed: another filesystem on the mountpoint (nothing is stacked), mounts below it that
would be hidden (in a loop, write the upper path first; \`down\` goes the other way by itself), a device that holds
another type than \`type\`, a write-protected device without the option \`ro\`, a mountpoint that is no directory, a
mounted filesystem that does not answer or that the kernel switched to read-only after an error. Files below the
mountpoint are hidden by the mount, which is a remark.

**Options** that are asked for are compared with what the kernel shows, and the filesystem is remounted when they
differ, or with \`on_options_drift: report\` the difference is shown by \`status\` and in the result. Options that are
not asked for are left as they are. What the kernel does not show (\`defaults\`, \`nofail\`, \`_netdev\`, \`x-…\`,
\`acl\`) cannot be compared.

**Unmounted.** \`umount\`, tried for some seconds; never lazy, never forced. What is mounted below is named and stays.
A filesystem that stays busy is a failure that names the processes which hold it, those in containers too.
\`kill: true\` sends them SIGTERM, then SIGKILL; it is not taken for the host's own paths (\`/\`, \`/var\`, \`/home\` …), and
spares the processes through which Bowline works. Another device on the mountpoint is left alone. When the device is
gone and something is mounted there, it is a failure: it may be the device's own filesystem.

e2fsck, and mount and umount of a disk, have no time limit and are not stopped when the controller goes away: a large
disk takes long, and half of it would be worse. \`timeout\` on the task is for those who know better.

**Status** is \`warn\` for a filesystem that is read-only without being asked, has recorded errors (ext4), does not
answer within five seconds, or has other options. Nothing is written to find this out. Some kernels (Linux 6.1 of late,
6.12) do not show that ext4 stopped writing after an error; there the recorded errors tell.

From OpenSVC: the order, e2fsck's good exit codes, the missing mountpoint. Otherwise than it: options are compared,
nothing is mounted over another device, nobody is killed unasked, and looking writes nothing.
`;
