import { sh } from "../core/sh.ts";
import { counted, linesOf, list, number, pairsOf, splitAt, text, told, type FactFamily } from "./_facts_family.ts";

type Text = string | null;

export interface OsFacts extends Readonly<Record<string, Text | readonly string[]>> {
  readonly id: Text;
  readonly id_like: readonly string[];
  readonly name: Text;
  readonly pretty_name: Text;
  readonly version: Text;
  readonly version_id: Text;
  readonly full_version: Text;
  readonly codename: Text;
  readonly family: Text;
}

/** os-release(5), and the files that know the point release, which os-release of Debian and CentOS does not. */
export const os: FactFamily<OsFacts> = {
  summary: "The operating system, as /etc/os-release tells it.",
  script: sh`
    for f in /etc/os-release /usr/lib/os-release; do
      [ ! -r "$f" ] || { cat "$f"; break; }
    done
    for f in /etc/debian_version /etc/centos-release /etc/redhat-release; do
      [ ! -r "$f" ] || { IFS= read -r line <"$f"; printf '%s=%s\n' "$f" "$line"; }
    done
  `,
  parse: parseOs,
  fields: {
    id: text("Its short name: `debian`, `ubuntu`, `rhel`, `alpine`."),
    id_like: list("The systems that it comes from, the nearest first."),
    name: text("Its name: `Debian GNU/Linux`."),
    pretty_name: text("Name and version in one."),
    version: text("The version in words: `12 (bookworm)`."),
    version_id: text("The version: `12`, `22.04`, `3.19.1`."),
    full_version: text("The version with its point release, where the host knows it: `12.5`."),
    codename: text("The name of the version: `bookworm`."),
    family: text("`debian`, `redhat`, `suse`, `arch`, `alpine`, `gentoo` and the like; an unknown system is its own family."),
  },
};

function parseOs(output: string): OsFacts {
  const values = new Map(linesOf(output).filter((line) => !line.startsWith("#")).map((line) => splitAt(line, "=")));
  const of = (key: string) => told(unquoted(values.get(key) ?? ""));
  const release = values.get("/etc/centos-release") ?? values.get("/etc/redhat-release") ?? "";
  const id = of("ID") ?? idOfRelease(release);
  const id_like = (of("ID_LIKE") ?? "").split(/\s+/).filter(Boolean);
  const version = of("VERSION");
  const version_id = of("VERSION_ID") ?? told(/\d[\d.]*/.exec(release)?.[0]);
  return {
    id,
    id_like,
    name: of("NAME") ?? told(/^(.*?) (?:Linux )?release /.exec(release)?.[1]),
    pretty_name: of("PRETTY_NAME") ?? told(release),
    version,
    version_id,
    full_version: pointRelease(id, values) ?? version_id,
    codename: of("VERSION_CODENAME") ?? of("UBUNTU_CODENAME") ?? told(/\(([^)]+)\)/.exec(version ?? release)?.[1]),
    family: familyOf(id, id_like),
  };
}

/** Quotes and backslashes of os-release(5), which are those of a shell without expansion. */
function unquoted(value: string): string {
  const quoted = /^'([^']*)'\s*$/.exec(value) ?? /^"((?:[^"\\]|\\.)*)"\s*$/.exec(value);
  return (quoted?.[1] ?? value.trim()).replace(/\\([\\"$`'])/g, "$1");
}

function idOfRelease(release: string): Text {
  const [, id] = [["Red Hat", "rhel"], ["CentOS", "centos"], ["Fedora", "fedora"], ["Oracle", "ol"]].find(([begin]) => release.startsWith(begin!)) ?? [];
  return id ?? null;
}

/** Derivatives of Debian keep Debian's own /etc/debian_version, which says nothing of them. */
function pointRelease(id: Text, values: ReadonlyMap<string, string>): Text {
  if (id === "debian") return told(/^\d+(\.\d+)+/.exec(values.get("/etc/debian_version") ?? "")?.[0]);
  if (id === "centos") return told(/\d+(\.\d+)*/.exec(values.get("/etc/centos-release") ?? "")?.[0]);
  return null;
}

/** The heads of families by what id and id_like may say. */
const families: Readonly<Record<string, string>> = {
  debian: "debian",
  ubuntu: "debian",
  rhel: "redhat",
  fedora: "redhat",
  centos: "redhat",
  ol: "redhat",
  amzn: "redhat",
  suse: "suse",
  opensuse: "suse",
  sles: "suse",
  arch: "arch",
  alpine: "alpine",
  gentoo: "gentoo",
};

function familyOf(id: Text, idLike: readonly string[]): Text {
  const known = [id ?? "", ...idLike].map((name) => families[name] ?? (name.startsWith("opensuse") ? "suse" : undefined)).find((name) => name !== undefined);
  return known ?? id;
}

export interface KernelFacts extends Readonly<Record<string, Text>> {
  readonly name: Text;
  readonly release: Text;
  readonly version: Text;
}

export const kernel: FactFamily<KernelFacts> = {
  summary: "The kernel that runs.",
  script: sh`
    for f in ostype osrelease version; do
      IFS= read -r value <"/proc/sys/kernel/$f" && printf '%s %s\n' "$f" "$value"
    done
  `,
  parse(output) {
    const values = pairsOf(output);
    return { name: told(values.get("ostype")), release: told(values.get("osrelease")), version: told(values.get("version")) };
  },
  fields: {
    name: text("`Linux`."),
    release: text("What `uname -r` says."),
    version: text("What `uname -v` says."),
  },
};

export const arch: FactFamily<Text> = {
  summary: "The architecture, as `uname -m` says it: `x86_64`, `aarch64`.",
  script: sh`uname -m`,
  parse: (output) => told(output.trim()),
  fields: {},
};

export const hostname: FactFamily<Text> = {
  summary: "The name that the kernel has for the host, as `uname -n` says it.",
  script: sh`IFS= read -r name </proc/sys/kernel/hostname && printf '%s\n' "$name"`,
  parse: (output) => told(output.trim()),
  fields: {},
};

export interface HostFacts extends Readonly<Record<string, Text | number>> {
  readonly name: Text;
  readonly fqdn: Text;
  readonly domain: Text;
  readonly machine_id: Text;
  readonly boot_id: Text;
  readonly uptime_seconds: number | null;
}

/** A resolver that does not answer holds `hostname -f` up; the name alone is told then. */
export const host: FactFamily<HostFacts> = {
  summary: "Who the host is, and since when it runs.",
  script: sh`
    say() { [ ! -r "$2" ] || { IFS= read -r value <"$2"; [ -z "$value" ] || printf '%s %s\n' "$1" "$value"; }; }
    say name /proc/sys/kernel/hostname
    say machine_id /var/lib/dbus/machine-id
    say machine_id /etc/machine-id
    say boot_id /proc/sys/kernel/random/boot_id
    say uptime /proc/uptime
    if fqdn=$(timeout 5 hostname -f 2>/dev/null); then printf 'fqdn %s\n' "$fqdn" | head -n 1; fi
  `,
  parse(output) {
    const values = pairsOf(output);
    const name = told(values.get("name"));
    const fqdn = told(values.get("fqdn")) ?? name;
    const uptime = counted(values.get("uptime")?.split(" ")[0]);
    return {
      name,
      fqdn,
      domain: told(splitAt(fqdn ?? "", ".")[1]),
      machine_id: told(values.get("machine_id")),
      boot_id: told(values.get("boot_id")),
      uptime_seconds: uptime === null ? null : Math.floor(uptime),
    };
  },
  fields: {
    name: text("The same as `facts.hostname`."),
    fqdn: text("The name with its domain, as the host's resolver completes it within 5 seconds; else the name."),
    domain: text("What stands behind the first dot of `fqdn`."),
    machine_id: text("What /etc/machine-id says."),
    boot_id: text("Another one after each restart."),
    uptime_seconds: number("Seconds since the host started."),
  },
};
