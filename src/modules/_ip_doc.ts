/** The rules of the ip module, for its page. */
export const notes = `
The address lasts until it is taken down or the host restarts: no configuration file is written, so that two hosts can
never both bring it up at boot.

**Up.** The name is resolved on the host. The device must exist, be up and have a carrier; it is never brought up.
An address that is on the device already is left alone. For one that is not, the others are asked: \`arping -D\` on the
link (IPv4) and \`ping\`. An answer refuses the task and nothing is changed, unless \`takeover: true\`; so does an arping
that cannot tell. They are asked again right before the address is added. After adding, IPv6's duplicate address
detection is waited for, the host must reach its own address (with \`ping: true\`), or the address is removed again and
the task fails. Then a gratuitous ARP is sent, so that neighbours which remember another MAC learn the new one; a host
without arping gets a remark.

**Down.** The address is removed, and the network is asked until nobody answers for it; when somebody still does, the
task fails and says who. The address over which Bowline itself came is not removed, nor is one that would take others
with it: removing a primary IPv4 address removes the secondary ones of its subnet, unless the host's
\`promote_secondaries\` is on. A name that the host cannot resolve is a failure here too, for its address may be up.

**What differs.** The address on another device: refused. Another netmask than the one asked for: changed; without
\`netmask\` any is right. Another label: a remark of \`status\`.

From OpenSVC: the conflict check, the default netmask, the self-ping, the announcement and the check after stopping.
Otherwise than it: ARP is asked beside ping, an address that turns out unusable is removed again, duplicate address
detection is waited for, an address on another device is not taken for the service's own, and on \`lo\` the netmask is
not that of 127.0.0.1.
`;
