import { sh } from "../core/sh.ts";
import { counted, linesOf, number, pairsOf, splitAt, text, told, type FactFamily } from "./_facts_family.ts";

/** The marks that sd_booted(3) and openrc-init leave, and then the name of the first process. */
export const service_manager: FactFamily<string> = {
  summary: "What starts services: `systemd`, `openrc`, `runit`, `s6`, `upstart`, `sysvinit` or `none`.",
  script: sh`
    if [ -d /run/systemd/system ]; then echo systemd; exit; fi
    if [ -d /run/openrc ]; then echo openrc; exit; fi
    IFS= read -r first </proc/1/comm
    case $first in
      runit*) echo runit ;;
      s6-svscan) echo s6 ;;
      init)
        if [ -d /etc/init ] && command -v initctl >/dev/null; then echo upstart
        elif [ -d /etc/init.d ] && [ -e /etc/inittab ]; then echo sysvinit
        else echo none; fi
        ;;
      *) echo none ;;
    esac
  `,
  parse: (output) => output.trim() || "none",
  fields: {},
};

/** Systems that also carry another's tools are asked for their own first. */
export const package_manager: FactFamily<string> = {
  summary: "What installs packages: `apt`, `dnf`, `yum`, `zypper`, `apk`, `pacman`, `portage`, `xbps`, `opkg` or `none`.",
  script: sh`
    if [ -d /var/lib/dpkg ] && command -v apt-get >/dev/null; then echo apt; exit; fi
    for pair in apk:apk zypper:zypper pacman:pacman dnf5:dnf dnf:dnf microdnf:dnf yum:yum emerge:portage xbps-install:xbps opkg:opkg; do
      if command -v "\${pair%:*}" >/dev/null; then echo "\${pair#*:}"; exit; fi
    done
  `,
  parse: (output) => output.trim() || "none",
  fields: {},
};

export type EnvFacts = Readonly<Record<string, string>>;

/** cat is asked, since only a program that was started sees what the shell hands on. */
export const env: FactFamily<EnvFacts> = {
  summary: "The environment variables of what runs on the host, by name.",
  script: sh`cat /proc/self/environ | tr '\n\0' '\1\n'`,
  parse: (output) => Object.fromEntries(linesOf(output).filter((line) => line.includes("=")).map((line) => splitAt(line.replaceAll("\u0001", "\n"), "="))),
  fields: {},
  open: true,
};

export interface DateFacts extends Readonly<Record<string, string | number | null>> {
  readonly iso: string | null;
  readonly epoch: number | null;
  readonly year: number | null;
  readonly month: number | null;
  readonly day: number | null;
  readonly hour: number | null;
  readonly minute: number | null;
  readonly second: number | null;
  readonly weekday: string | null;
  readonly weekday_number: number | null;
  readonly tz: string | null;
  readonly tz_offset: string | null;
}

const dateWords = ["epoch", "year", "month", "day", "hour", "minute", "second", "weekday", "weekday_number", "tz_offset", "tz"] as const;

export const date: FactFamily<DateFacts> = {
  summary: "What the host's clock says, in its time zone, at the time when it is asked: once a play.",
  script: sh`LC_ALL=C date '+%s %Y %m %d %H %M %S %A %w %z %Z'`,
  parse(output) {
    const words = output.trim().split(" ");
    const at = (name: (typeof dateWords)[number]) => words[dateWords.indexOf(name)];
    const [year, month, day, hour, minute, second] = [at("year"), at("month"), at("day"), at("hour"), at("minute"), at("second")];
    const tz_offset = told(at("tz_offset"));
    const iso = tz_offset === null ? null : `${year}-${month}-${day}T${hour}:${minute}:${second}${tz_offset.slice(0, 3)}:${tz_offset.slice(3)}`;
    return {
      iso,
      epoch: counted(at("epoch")),
      year: counted(year),
      month: counted(month),
      day: counted(day),
      hour: counted(hour),
      minute: counted(minute),
      second: counted(second),
      weekday: told(at("weekday")),
      weekday_number: counted(at("weekday_number")),
      tz: told(at("tz")),
      tz_offset,
    };
  },
  fields: {
    iso: text("`2026-03-01T09:05:00+01:00`."),
    epoch: number("Seconds since 1970 began, in UTC."),
    year: number("`2026`."),
    month: number("1 to 12."),
    day: number("1 to 31."),
    hour: number("0 to 23."),
    minute: number("0 to 59."),
    second: number("0 to 60."),
    weekday: text("In English: `Sunday`."),
    weekday_number: number("0, which is Sunday, to 6."),
    tz: text("The time zone: `CET`."),
    tz_offset: text("How far it is from UTC: `+0100`."),
  },
};

export interface UserFacts extends Readonly<Record<string, string | number | null>> {
  readonly name: string | null;
  readonly uid: number | null;
  readonly gid: number | null;
  readonly gecos: string | null;
  readonly home: string | null;
  readonly shell: string | null;
}

export const user: FactFamily<UserFacts> = {
  summary: "The user as whom the tasks run: with `become`, the one that is become.",
  script: sh`
    while read -r key a b rest; do
      case $key in Uid:) uid=$b ;; Gid:) gid=$b; break ;; esac
    done </proc/self/status
    printf 'uid %s\ngid %s\n' "$uid" "$gid"
    entry=$(getent passwd "$uid" 2>/dev/null || grep -m 1 "^[^:]*:[^:]*:$uid:" /etc/passwd) && printf 'entry %s\n' "$entry"
  `,
  parse(output) {
    const values = pairsOf(output);
    const [name, , , , gecos, home, shell] = (values.get("entry") ?? "").split(":");
    return { name: told(name), uid: counted(values.get("uid")), gid: counted(values.get("gid")), gecos: told(gecos), home: told(home), shell: told(shell) };
  },
  fields: {
    name: text("The login name."),
    uid: number("The number of the user."),
    gid: number("The number of the group."),
    gecos: text("The full name, as far as it is known."),
    home: text("The home directory."),
    shell: text("The login shell."),
  },
};
