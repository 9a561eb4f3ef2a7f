import { sh } from "../core/sh.ts";
import { boolean, counted, linesOf, list, mapping, number, text, type FactFamily } from "./_facts_family.ts";

export interface PartitionFacts extends Readonly<Record<string, number | null>> {
  readonly size: number | null;
  readonly start: number | null;
}

export interface DiskFacts extends Readonly<Record<string, number | boolean | string | null | Readonly<Record<string, PartitionFacts>>>> {
  readonly size: number | null;
  readonly removable: boolean;
  readonly rotational: boolean;
  readonly model: string | null;
  readonly vendor: string | null;
  readonly mapper_name: string | null;
  readonly partitions: Readonly<Record<string, PartitionFacts>>;
}

export const disks: FactFamily<Readonly<Record<string, DiskFacts>>> = {
  summary: "The block devices by name, without RAM disks and loop devices that nobody uses.",
  script: sh`
    read1() { value=; [ ! -r "$1" ] || IFS= read -r value <"$1"; }
    for d in /sys/block/*; do
      name=\${d##*/}
      [ -r "$d/size" ] || continue
      read1 "$d/size"; size=$value
      case $name in ram*) continue ;; loop*|zram*) [ "$size" != 0 ] || continue ;; esac
      read1 "$d/removable"; removable=$value
      read1 "$d/queue/rotational"; rotational=$value
      printf 'disk %s %s %s %s\n' "$name" "\${size:--}" "\${removable:--}" "\${rotational:--}"
      read1 "$d/device/model"; [ -z "$value" ] || printf 'model %s %s\n' "$name" "$value"
      read1 "$d/device/vendor"; [ -z "$value" ] || printf 'vendor %s %s\n' "$name" "$value"
      read1 "$d/dm/name"; [ -z "$value" ] || printf 'mapper %s %s\n' "$name" "$value"
      for p in "$d/$name"*; do
        [ -r "$p/partition" ] || continue
        read1 "$p/size"; size=$value
        read1 "$p/start"
        printf 'part %s %s %s %s\n' "$name" "\${p##*/}" "\${size:--}" "\${value:--}"
      done
    done
  `,
  parse: parseDisks,
  fields: {},
  open: true,
  each: {
    size: number("Bytes."),
    removable: boolean("Whether it can be taken out."),
    rotational: boolean("Whether it turns."),
    model: text("What the maker calls it."),
    vendor: text("The maker."),
    mapper_name: text("The name in /dev/mapper, of what device mapper made."),
    partitions: mapping("Name to `size` and `start`, in bytes."),
  },
};

/** The kernel counts in sectors of 512 bytes, whatever the device has. */
const sector = 512;

function parseDisks(output: string): Readonly<Record<string, DiskFacts>> {
  const lines = linesOf(output).map((line) => line.split(" "));
  const words = (kind: string, name: string) => lines.find(([key, disk]) => key === kind && disk === name)?.slice(2).join(" ").trim() || null;
  const bytes = (count: string | undefined) => (counted(count) === null ? null : Number(count) * sector);
  const all = lines.filter(([kind]) => kind === "disk").map(([, name = "", size, removable, rotational]) => {
    const parts = lines.filter(([kind, disk]) => kind === "part" && disk === name).map(([, , part = "", length, start]) => [part, { size: bytes(length), start: bytes(start) }] as const);
    const facts = { size: bytes(size), removable: removable === "1", rotational: rotational === "1", model: words("model", name), vendor: words("vendor", name), mapper_name: words("mapper", name), partitions: Object.fromEntries(parts) };
    return [name.replaceAll("!", "/"), facts] as const;
  });
  return Object.fromEntries(all);
}

export interface MountFacts extends Readonly<Record<string, string | number | null | readonly string[]>> {
  readonly device: string;
  readonly path: string;
  readonly type: string;
  readonly options: readonly string[];
  readonly size: number | null;
  readonly free: number | null;
  readonly available: number | null;
  readonly block_size: number | null;
  readonly inodes: number | null;
  readonly inodes_free: number | null;
}

/** Only filesystems of this host are asked for their sizes: a network one whose server is gone would hang whoever asks. */
export const mounts: FactFamily<readonly MountFacts[]> = {
  summary: "What is mounted, in the order of mounting; sizes are those of local filesystems.",
  script: sh`
    plain() {
      path=$1
      case $path in *\\*) path=$(printf "$(printf '%s\n' "$path" | sed 's/%/%%/g').") && path=\${path%.} ;; esac
    }
    set --
    while read -r device path type rest; do
      printf 'mount %s %s %s %s\n' "$device" "$path" "$type" "$rest"
      case $type in
        ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|bcachefs|vfat|exfat|ntfs*|overlay|tmpfs|squashfs|erofs|iso9660) ;;
        *) continue ;;
      esac
      printf 'sized %s\n' "$path"
      plain "$path"
      set -- "$@" "$path"
    done </proc/self/mounts
    [ $# != 0 ] || exit 0
    each='size %S %b %f %a %c %d'
    if sizes=$(timeout 5 stat -f -c "$each" -- "$@" 2>/dev/null); then printf '%s\n' "$sizes"; exit 0; fi
    for path do timeout 2 stat -f -c "$each" -- "$path" 2>/dev/null || echo "size"; done | head -n 100
  `,
  parse: parseMounts,
  fields: {},
  open: true,
  each: {
    device: text("What is mounted."),
    path: text("Where."),
    type: text("The type of the filesystem."),
    options: list("The options."),
    size: number("Bytes; null where it was not asked."),
    free: number("Bytes that nobody uses."),
    available: number("Bytes that a user who is not root can have."),
    block_size: number("Bytes of a block."),
    inodes: number("Files that it can hold."),
    inodes_free: number("Files that it can still take."),
  },
};

type Sizes = Pick<MountFacts, "size" | "free" | "available" | "block_size" | "inodes" | "inodes_free">;

const unknown: Sizes = { size: null, free: null, available: null, block_size: null, inodes: null, inodes_free: null };

/** The sizes come in the order of the lines that say that they will. */
function parseMounts(output: string): MountFacts[] {
  const lines = linesOf(output);
  const sizes = lines.filter((line) => /^size( |$)/.test(line)).map(sizesOf);
  const mounted: MountFacts[] = [];
  for (const line of lines) {
    const [kind, device = "", path = "", type = "", options = ""] = line.split(" ");
    if (kind === "mount") mounted.push({ device: plain(device), path: plain(path), type, options: options.split(",").map(plain), ...unknown });
    if (kind === "sized") mounted.push({ ...mounted.pop()!, ...(sizes.shift() ?? unknown) });
  }
  return mounted;
}

function sizesOf(line: string): Sizes {
  const [block, total, free, available, inodes, inodesFree] = line.split(" ").slice(1).map(Number);
  if (block === undefined || total === undefined || free === undefined || available === undefined) return unknown;
  return { size: block * total, free: block * free, available: block * available, block_size: block, inodes: inodes ?? null, inodes_free: inodesFree ?? null };
}

/** The kernel writes blanks, newlines and backslashes of a path as three octal digits. */
function plain(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
