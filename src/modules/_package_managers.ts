import { sh, type Script } from "../core/sh.ts";

export const managerNames = ["apt", "apk", "pacman", "zypper", "dnf"] as const;
export type ManagerName = (typeof managerNames)[number];

/** What the caller wants beside the names. */
export interface PackageOptions {
  /** Further words for the command that installs, before the names. */
  readonly install?: readonly string[];
  /** Configuration files go too, where the manager tells them from the rest. */
  readonly purge?: boolean;
  /** What nothing needs any more goes too. */
  readonly autoremove?: boolean;
}

/**
 * How one package manager is asked and told. Looks find the names in "$@" and print lines: `have NAME VERSION` (dpkg's
 * are its own, see {@link dpkgFormat}), and `newer NAME` for what `latest` would change. What is told asks no questions.
 */
export interface Manager {
  /** The command that a host with this manager has. */
  readonly program: string;
  readonly have: Script;
  readonly newer: Script;
  /** What a refresh touches, to tell its age. */
  readonly lists: string;
  readonly refresh: Script;
  install(names: readonly string[], options: PackageOptions): Script;
  upgrade(names: readonly string[], options: PackageOptions): Script;
  remove(names: readonly string[], options: PackageOptions): Script;
}

/** dpkg keeps a configuration file that somebody changed, and waits for whoever else installs something. */
export const aptGet = sh`DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold`;

/** One line for each package that dpkg knows. */
const dpkgFormat = "${db:Status-Abbrev}|${Package}|${Architecture}|${Version}|${Provides}\\n";

const aptInstall: Manager["install"] = (names, { install = [] }) => sh`${aptGet} install ${install} -- ${names}`;

const aptManager: Manager = {
  program: "apt-get",
  // What is not installed by its name may be what others provide.
  have: sh`
    f=${dpkgFormat} a= c=0
    for n in "$@"; do a="$a \${n%%=*}"; done
    set -f
    s=$(dpkg-query -W -f "$f" -- $a 2>/dev/null) || c=1
    set +f
    printf '%s\n' "$s"
    if [ "$c" = 1 ] || printf '%s\n' "$s" | grep -q '^.[^i]'; then
      dpkg-query -W -f "$f" | grep '^.i[^|]*|[^|]*|[^|]*|[^|]*|.'
    fi
  `,
  newer: sh`
    a=
    for n in "$@"; do a="$a \${n%%=*}"; done
    set -f
    apt-cache policy -- $a 2>/dev/null | while read -r key value rest; do
      case $key in
        Installed:) have=$value ;;
        Candidate:) [ "$have" = "$value" ] || [ "$have" = "(none)" ] || [ "$value" = "(none)" ] || printf 'newer %s\n' "$name" ;;
        *:) [ -n "$value" ] || name=\${key%:} ;;
      esac
    done
    set +f
  `,
  lists: "/var/lib/apt/lists",
  refresh: sh`${aptGet} update && touch -- /var/lib/apt/lists`,
  install: aptInstall,
  upgrade: aptInstall,
  remove: (names, { purge = false, autoremove = false }) => sh`${aptGet} ${purge ? "purge" : "remove"} ${autoremove ? ["--auto-remove"] : []} -- ${names}`,
};

/** A path is a package on the host; what it is called stands in it. */
const rpmHave = sh`
  for n in "$@"; do
    case $n in
      */*) q=$(rpm -qp --qf '%{NAME}-%{VERSION}-%{RELEASE}' -- "$n" 2>/dev/null) || continue ;;
      *) q=$n ;;
    esac
    v=$(rpm -q --whatprovides --qf '%{VERSION}-%{RELEASE} ' -- "$q" 2>/dev/null) && printf 'have %s %s\n' "$n" "\${v%% *}"
  done
`;

/** dnf, yum and microdnf take the same words. */
const dnf = sh`"$(command -v dnf || command -v dnf5 || command -v yum || command -v microdnf || echo dnf)"`;

export const managers: Readonly<Record<ManagerName, Manager>> = {
  apt: aptManager,
  apk: {
    program: "apk",
    have: sh`for n in "$@"; do if apk info -e "$n" >/dev/null 2>&1; then printf 'have %s\n' "$n"; fi; done`,
    newer: sh`for n in "$@"; do [ -z "$(apk version -q -l '<' "$n" 2>/dev/null)" ] || printf 'newer %s\n' "$n"; done`,
    lists: "/var/cache/apk",
    refresh: sh`apk update -q`,
    install: (names, { install = [] }) => sh`apk add -q ${install} ${names}`,
    upgrade: (names) => sh`apk add -q -u ${names}`,
    remove: (names) => sh`apk del -q ${names}`,
  },
  pacman: {
    program: "pacman",
    have: sh`for n in "$@"; do if v=$(pacman -Q -- "$n" 2>/dev/null); then printf 'have %s %s\n' "$n" "\${v#* }"; fi; done`,
    newer: sh`for n in "$@"; do if pacman -Qu -- "$n" >/dev/null 2>&1; then printf 'newer %s\n' "$n"; fi; done`,
    lists: "/var/lib/pacman/sync",
    refresh: sh`pacman -Sy --noconfirm`,
    install: (names, { install = [] }) => sh`pacman -S --noconfirm --needed ${install} -- ${names}`,
    upgrade: (names) => sh`pacman -S --noconfirm -- ${names}`,
    remove: (names, { autoremove = false }) => sh`pacman ${autoremove ? "-Rs" : "-R"} --noconfirm -- ${names}`,
  },
  zypper: {
    program: "zypper",
    have: rpmHave,
    newer: sh`
      u=$(zypper -n -q --no-refresh list-updates 2>/dev/null | cut -d '|' -f 3 | tr -d ' ')
      for n in "$@"; do if printf '%s\n' "$u" | grep -qxF -- "$n"; then printf 'newer %s\n' "$n"; fi; done
    `,
    lists: "/var/cache/zypp/raw",
    refresh: sh`zypper -n -q refresh && touch -- /var/cache/zypp/raw`,
    install: (names, { install = [] }) => sh`zypper -n -q install ${install} -- ${names}`,
    upgrade: (names) => sh`zypper -n -q update -- ${names}`,
    remove: (names, { autoremove = false }) => sh`zypper -n -q remove ${autoremove ? ["--clean-deps"] : []} -- ${names}`,
  },
  dnf: {
    program: "rpm",
    have: rpmHave,
    // 100 says that there is something newer; neither 0 nor 100, that nobody can tell without the network.
    newer: sh`for n in "$@"; do c=0; ${dnf} -q -C check-update "$n" >/dev/null 2>&1 || c=$?; [ "$c" = 0 ] || printf 'newer %s\n' "$n"; done`,
    lists: "/var/cache/dnf",
    refresh: sh`${dnf} -q makecache && touch -- /var/cache/dnf`,
    install: (names, { install = [] }) => sh`${dnf} -y -q ${install} install ${names}`,
    upgrade: (names, { install = [] }) => sh`${dnf} -y -q ${install} upgrade ${names}`,
    remove: (names) => sh`${dnf} -y -q remove ${names}`,
  },
};
