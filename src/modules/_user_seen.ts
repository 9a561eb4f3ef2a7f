import type { Secret } from "../core/secret.ts";
import { joinScripts, sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { observeAccounts, parseAccounts, type AccountSeen } from "./_account.ts";

/** What `user` is told, as far as looking needs it. */
export interface UserLook {
  readonly name: string;
  readonly uid?: number | undefined;
  readonly group?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly home?: string | undefined;
  readonly password?: Secret | undefined;
}

export interface UserSeen extends AccountSeen {
  /** The line of passwd(5); absent when there is no such user. */
  readonly entry?: { readonly uid: number; readonly gid: number; readonly comment: string; readonly home: string; readonly shell: string };
  /** The groups beside the user's own. */
  readonly groups: readonly { readonly gid: number; readonly name: string }[];
  /** The numbers of the groups that the task names; null for one that is not there. */
  readonly wanted: ReadonlyMap<string, number | null>;
  /** Whether something is where the home is to be. */
  readonly homeThere: boolean;
  /** The number of the group of the user's name. */
  readonly namesake?: number;
  /** The hash is the wanted one, but for the mark that locks it. */
  readonly samePassword: boolean;
  /** The hash has the mark that locks it, !. */
  readonly locked: boolean;
  /** But for that mark there is no hash. */
  readonly passwordless: boolean;
  /** Who has the wanted number already. */
  readonly taken?: string;
}

/** The hash never leaves the host: it is compared there. */
export function observeUser({ name, uid, group, groups = [], home, password }: UserLook): Script {
  const named = [...new Set([...(group === undefined ? [] : [group]), ...groups])];
  return sh`
    ${observeAccounts}
    n=${name} home=${home ?? ""} want=${password?.reveal().replace(/^!+/, "") ?? ""}
    if e=$(entry passwd "$n"); then
      printf 'entry %s\n' "$e"
      echo "gids $(id -G -- "$n")"
      echo "names $(id -Gn -- "$n")"
      [ -n "$home" ] || { home=\${e%:*}; home=\${home##*:}; }
      if [ -r /etc/shadow ]; then
        while IFS=: read -r who hash rest; do
          [ "$who" = "$n" ] || continue
          case $hash in "!"*) echo "locked yes" ;; esac
          while [ "\${hash#!}" != "$hash" ]; do hash=\${hash#!}; done
          case $hash in ""|"*") echo "passwordless yes" ;; esac
          [ "$hash" != "$want" ] || echo "same yes"
        done </etc/shadow
      fi
    fi
    [ -n "$home" ] || home=/home/$n
    [ ! -e "$home" ] || echo "home yes"
    if g=$(entry group "$n"); then g=\${g#*:*:}; echo "namesake \${g%%:*}"; fi
    ${joinScripts(named.map((each) => sh`if g=$(entry group ${each}); then g=\${g#*:*:}; echo ${`group:${each}`} "\${g%%:*}"; else echo ${`group:${each}`} none; fi`))}
    ${uid === undefined ? sh`:` : sh`if t=$(getent passwd ${uid} 2>/dev/null || grep -- ${`^[^:]*:[^:]*:${uid}:`} /etc/passwd); then printf 'taken %s\n' "\${t%%:*}"; fi`}
    exit 0
  `;
}

export function parseUser(answer: Answer): UserSeen {
  const { seen, values } = parseAccounts(answer);
  const fields = values.get("entry")?.split(":");
  const [, , uid, gid, comment = "", home = "", shell = ""] = fields ?? [];
  const words = (key: string) => (values.get(key) ?? "").split(" ").filter(Boolean);
  const names = words("names");
  // A name with blanks in it makes more words than there are numbers: then the numbers are all that is sure.
  const gids = words("gids").map(Number);
  const groups = gids.map((each, index) => ({ gid: each, name: names.length === gids.length ? names[index]! : String(each) }));
  const [namesake, taken] = [values.get("namesake"), values.get("taken")];
  return {
    ...seen,
    ...(fields ? { entry: { uid: Number(uid), gid: Number(gid), comment, home, shell } } : {}),
    groups: groups.filter((each) => each.gid !== Number(gid)),
    wanted: new Map([...values].filter(([key]) => key.startsWith("group:")).map(([key, number]) => [key.slice("group:".length), number === "none" ? null : Number(number)])),
    homeThere: values.has("home"),
    ...(namesake === undefined ? {} : { namesake: Number(namesake) }),
    samePassword: values.has("same"),
    locked: values.has("locked"),
    passwordless: values.has("passwordless"),
    ...(taken === undefined ? {} : { taken }),
  };
}
