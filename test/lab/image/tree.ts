import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cached, hash } from "../cache.ts";
import { during, must, type Log } from "../process.ts";
import { writeArchive } from "./archive.ts";
import { treeRecipe } from "./recipe.ts";

/** A Debian that boots: made of packages only, never started yet. */
export interface Tree {
  readonly dir: string;
  readonly rootDisk: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly identityFile: string;
  /** The type and key of every lab machine's host key, as known_hosts wants it. */
  readonly hostKey: string;
  readonly images: { readonly registry: string; readonly busybox: string };
}

export const treeName = `tree-${hash([treeRecipe, mirror()])}`;

/** The tree of the current recipe, from the cache or built with mmdebstrap. */
export async function ensureTree(log: Log): Promise<Tree> {
  const dir = await cached(treeName, log, (building) => build(building, log));
  return {
    dir,
    rootDisk: join(dir, "root.qcow2"),
    kernel: join(dir, "vmlinuz"),
    initrd: join(dir, "initrd"),
    identityFile: join(dir, "id_ed25519"),
    hostKey: (await readFile(join(dir, "ssh_host_ed25519_key.pub"), "utf8")).split(" ").slice(0, 2).join(" "),
    images: { registry: join(dir, "images/registry.tar"), busybox: join(dir, "images/busybox.tar") },
  };
}

async function build(dir: string, log: Log): Promise<void> {
  const at = (name: string) => join(dir, name);
  await makeKey(at("id_ed25519"), "bowline-lab");
  await makeKey(at("ssh_host_ed25519_key"), "bowline-lab-host");
  await stage(dir);
  await during(log, "lab image: installing Debian packages (two minutes or more)", debootstrap(dir));
  await during(log, "lab image: making the root disk", makeDisk(dir));
  await mkdir(at("images"));
  await writeArchive(at("images/busybox.tar"), "busybox:latest", at("busybox.layer.tar"), { Cmd: ["sh"], Env: [path] });
  await writeArchive(at("images/registry.tar"), "registry:2", at("registry.layer.tar"), {
    Entrypoint: ["/bin/registry"],
    Cmd: ["serve", "/etc/docker/registry/config.yml"],
    Env: [path],
    ExposedPorts: { "5000/tcp": {} },
    Volumes: { "/var/lib/registry": {} },
  });
  await Promise.all(["busybox.layer.tar", "registry.layer.tar", "root.tar", "files.tar", "files"].map((name) => rm(at(name), { recursive: true })));
}

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function mirror(): string {
  return process.env["BOWLINE_LAB_MIRROR"] ?? "http://deb.debian.org/debian";
}

async function makeKey(file: string, comment: string): Promise<void> {
  await must("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file]);
}

/** Lay the recipe's files and the keys out as a tree, and pack it so that it belongs to root on the machine. */
async function stage(dir: string): Promise<void> {
  const files = { ...treeRecipe.files, "/tmp/lab/setup.sh": treeRecipe.setup };
  for (const name of ["ssh_host_ed25519_key", "ssh_host_ed25519_key.pub"]) {
    Object.assign(files, { [`/tmp/lab/${name}`]: await readFile(join(dir, name), "utf8") });
  }
  Object.assign(files, { "/tmp/lab/authorized_keys": await readFile(join(dir, "id_ed25519.pub"), "utf8") });
  for (const [name, text] of Object.entries(files)) {
    const file = join(dir, "files", name.replace(/\*$/, ""));
    await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    await writeFile(file, text);
    await chmod(file, name.endsWith("*") ? 0o755 : 0o644);
  }
  // Only the files, not their directories: /tmp must keep its sticky bit.
  const names = Object.keys(files).map((name) => name.slice(1).replace(/\*$/, ""));
  await must("tar", ["-C", join(dir, "files"), "--owner=0", "--group=0", "-cf", join(dir, "files.tar"), ...names]);
}

async function debootstrap(dir: string): Promise<void> {
  const outputs = ["vmlinuz", "initrd", "busybox.layer.tar", "registry.layer.tar"];
  // The kernel's package would make an initrd that setup makes again.
  await must("env", [
    "INITRD=No",
    "mmdebstrap",
    "--quiet",
    "--variant=minbase",
    `--include=${treeRecipe.packages.join(",")}`,
    ...["man", "doc", "locale", "info", "bash-completion", "lintian"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    `--customize-hook=tar-in ${join(dir, "files.tar")} /`,
    '--customize-hook=chroot "$1" sh /tmp/lab/setup.sh',
    ...outputs.map((name) => `--customize-hook=download /tmp/lab/${name} ${join(dir, name)}`),
    '--customize-hook=rm -rf "$1/tmp/lab"',
    treeRecipe.suite,
    join(dir, "root.tar"),
    mirror(),
  ]);
}

/** mke2fs must see the tree as root would; without root, mmdebstrap's own helper gives a user namespace for that. */
async function makeDisk(dir: string): Promise<void> {
  const script = `set -eu
PATH=$PATH:/usr/sbin:/sbin
cd "$1"
mkdir root
tar -C root -xpf root.tar --numeric-owner
mke2fs -q -t ext4 -d root -L root -E lazy_itable_init=0,lazy_journal_init=0 root.img ${treeRecipe.rootSize}
rm -rf root`;
  const [command, ...args] = process.getuid?.() === 0 ? ["sh"] : ["mmdebstrap", "--unshare-helper", "sh"];
  await must(command, [...args, "-c", script, "sh", dir]);
  await must("qemu-img", ["convert", "-O", "qcow2", join(dir, "root.img"), join(dir, "root.qcow2")]);
  await rm(join(dir, "root.img"));
}
