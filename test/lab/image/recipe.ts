/**
 * Everything that determines the lab's machines, as plain data: its hash names the cache directories, so a change here
 * makes a new image and leaves the old one alone.
 */
export interface TreeRecipe {
  readonly suite: string;
  readonly packages: readonly string[];
  /** Path to text; a path that ends in `*` is executable. */
  readonly files: Readonly<Record<string, string>>;
  /** Runs inside the new root tree, with {@link files} in place. */
  readonly setup: string;
  readonly rootSize: string;
}

/** What is done to the tree's first boot before it is frozen as the snapshot that every machine starts from. */
export interface ReadyRecipe {
  readonly disks: Readonly<Record<"data" | "scratch" | "shared", string>>;
  /** Runs as root on the machine, while the disk "shared" is plugged in. */
  readonly seed: string;
}

export const serviceName = "registry.example.com";
export const serviceAddress = "10.0.2.71";
export const users = { root: "root", sudo: "ops", sudoWithPassword: "opspw", password: "lab-sudo-secret" } as const;

const hosts = `127.0.0.1 localhost
127.0.1.1 deb1
${serviceAddress} ${serviceName}
::1 localhost ip6-localhost ip6-loopback
`;

const interfaces = `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
    address 10.0.2.15/24
    gateway 10.0.2.2

source /etc/network/interfaces.d/*
`;

/** Base64 in, "CODE BASE64" out: works before the network does, and when a test has broken the network or sshd. */
const agent = `#!/bin/sh
stty -F /dev/ttyS1 raw -echo
exec 3<>/dev/ttyS1
echo hello >&3
while IFS= read -r line <&3; do
    printf '%s' "$line" | base64 -d >/run/lab-agent.sh || continue
    sh /run/lab-agent.sh </dev/null >/run/lab-agent.out 2>&1 3>&-
    printf '%s %s\\n' "$?" "$(base64 -w0 /run/lab-agent.out)" >&3
done
`;

const agentUnit = `[Unit]
Description=Bowline lab agent
After=multi-user.target

[Service]
ExecStart=/usr/local/lib/lab-agent
Restart=always

[Install]
WantedBy=multi-user.target
`;

const registryConfig = `version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /var/lib/registry
http:
  addr: :5000
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
`;

/** What the first dockerd and the first container would load, which takes emulated machines many seconds: in the snapshot it is there. */
const modulesOfDocker = ["overlay", "br_netfilter", "veth", "nf_conntrack_netlink", "nft_chain_nat", "nft_compat", "xfrm_user", "xt_MASQUERADE", "xt_addrtype", "xt_conntrack", "xt_nat", "xt_tcpudp"];

/** What the images' busybox is called as; each further file costs every load, push, pull and start some time. */
const applets = "cat chmod cp cut date dd echo env false grep head hostname id ls mkdir mv nc ping printf ps pwd rm sed sh sleep sort stat tail test touch tr true uname wc wget".split(" ");

/** The image layers are made here because only here are Debian's binaries at hand; the archives are put together outside. */
const setup = `set -eu
useradd -m -s /bin/bash ${users.sudo}
useradd -m -s /bin/bash -G sudo ${users.sudoWithPassword}
echo '${users.sudoWithPassword}:${users.password}' | chpasswd
for home in /root /home/${users.sudo} /home/${users.sudoWithPassword}; do
    install -d -m 700 "$home/.ssh"
    install -m 600 /tmp/lab/authorized_keys "$home/.ssh/authorized_keys"
done
chown -R ${users.sudo}: /home/${users.sudo}
chown -R ${users.sudoWithPassword}: /home/${users.sudoWithPassword}
chmod 440 /etc/sudoers.d/lab
rm -f /etc/ssh/ssh_host_*
install -m 600 /tmp/lab/ssh_host_ed25519_key /etc/ssh/ssh_host_ed25519_key
install -m 644 /tmp/lab/ssh_host_ed25519_key.pub /etc/ssh/ssh_host_ed25519_key.pub
: >/etc/resolv.conf
: >/etc/machine-id

# Only now: the initrd takes /etc/lvm/lvmlocal.conf in, or else it activates every volume group at boot.
printf '%s\\n' virtio_pci virtio_blk ext4 >>/etc/initramfs-tools/modules
update-initramfs -c -k "$(ls /lib/modules)"

systemctl enable lab-agent.service
systemctl mask docker.service docker.socket containerd.service docker-registry.service \\
    apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer dpkg-db-backup.timer logrotate.timer \\
    systemd-tmpfiles-clean.timer getty@tty1.service serial-getty@ttyS0.service e2scrub_reap.service

layer() { tar -C "/tmp/lab/$1" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "/tmp/lab/$1.layer.tar" .; }

mkdir -p /tmp/lab/busybox/bin /tmp/lab/busybox/etc /tmp/lab/busybox/root
install -d -m 1777 /tmp/lab/busybox/tmp
cp /bin/busybox /tmp/lab/busybox/bin/busybox
for applet in ${applets.join(" ")}; do ln -s busybox "/tmp/lab/busybox/bin/$applet"; done
echo 'root:x:0:0:root:/root:/bin/sh' >/tmp/lab/busybox/etc/passwd
echo 'root:x:0:' >/tmp/lab/busybox/etc/group
layer busybox

cp -a /tmp/lab/busybox /tmp/lab/registry
install -D /usr/bin/docker-registry /tmp/lab/registry/bin/registry
ldd /usr/bin/docker-registry | grep -o '/[^ ]*' | while read -r lib; do install -D "$lib" "/tmp/lab/registry$lib"; done
install -D -m 644 /etc/ssl/certs/ca-certificates.crt /tmp/lab/registry/etc/ssl/certs/ca-certificates.crt
install -D -m 644 /tmp/lab/config.yml /tmp/lab/registry/etc/docker/registry/config.yml
mkdir -p /tmp/lab/registry/var/lib/registry
layer registry

cp /boot/vmlinuz-* /tmp/lab/vmlinuz
cp /boot/initrd.img-* /tmp/lab/initrd
rm -rf /boot/vmlinuz-* /boot/initrd.img-*
`;

export const treeRecipe: TreeRecipe = {
  suite: "bookworm",
  packages: [
    ["linux-image-cloud-amd64", "initramfs-tools", "systemd-sysv", "udev", "kmod", "ifupdown"],
    ["openssh-server", "sudo", "ca-certificates", "curl", "procps", "psmisc", "less", "vim-tiny"],
    ["iproute2", "iputils-ping", "iputils-arping", "iptables", "netcat-openbsd"],
    ["lvm2", "e2fsprogs", "xfsprogs", "btrfs-progs", "lsof"],
    ["docker.io", "docker-registry", "busybox-static", "python3-minimal"],
  ].flat(),
  files: {
    "/etc/hostname": "deb1\n",
    "/etc/hosts": hosts,
    "/etc/fstab": "LABEL=root / ext4 errors=remount-ro 0 1\n",
    "/etc/network/interfaces": interfaces,
    "/etc/default/locale": "LANG=C.UTF-8\n",
    "/etc/lvm/lvmlocal.conf": "activation {\n    auto_activation_volume_list = []\n}\nglobal {\n    event_activation = 0\n}\n",
    "/etc/initramfs-tools/conf.d/lab": "MODULES=list\n",
    "/etc/modules-load.d/lab.conf": `${modulesOfDocker.join("\n")}\n`,
    "/etc/systemd/journald.conf.d/lab.conf": "[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n",
    "/etc/ssh/sshd_config.d/lab.conf": "PasswordAuthentication yes\nPermitRootLogin prohibit-password\nMaxStartups 100:30:200\nUseDNS no\n",
    "/etc/sudoers.d/lab": `${users.sudo} ALL=(ALL:ALL) NOPASSWD: ALL\n`,
    "/etc/systemd/system/lab-agent.service": agentUnit,
    "/usr/local/lib/lab-agent*": agent,
    "/tmp/lab/config.yml": registryConfig,
  },
  setup,
  rootSize: "3G",
};

/** The disks as the tutorial has them before its service first starts: made, formatted, inactive, not tagged. */
export const readyRecipe: ReadyRecipe = {
  disks: { data: "2G", scratch: "1G", shared: "512M" },
  seed: `set -eu
pvcreate -q /dev/disk/by-id/virtio-data
vgcreate -q vgregistry /dev/disk/by-id/virtio-data
lvcreate -q -y -L 128M -n lvregistryroot vgregistry
lvcreate -q -y -L 1G -n lvdockerdata vgregistry
lvcreate -q -y -L 512M -n lvregistrydata vgregistry
pvcreate -q /dev/disk/by-id/virtio-shared
vgcreate -q vgshared /dev/disk/by-id/virtio-shared
lvcreate -q -y -L 256M -n lvshared vgshared
for device in /dev/vgregistry/* /dev/vgshared/*; do mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 "$device"; done
vgchange -q -a n vgregistry vgshared
rm -rf /etc/lvm/archive/* /etc/lvm/backup/*
systemctl is-system-running --wait || systemctl --failed --no-legend
sync
# Programs that are in memory already start seconds earlier.
find /usr/bin /usr/sbin /usr/lib/x86_64-linux-gnu -type f -exec cat {} + >/dev/null
`,
};
