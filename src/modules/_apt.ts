import { sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import type { Change } from "./contract.ts";
import { isAgeWanted, stateOf } from "./_package_args.ts";
import { aptGet, managers } from "./_package_managers.ts";
import { isStale, planPackages, refuseOthers, step } from "./_package_plan.ts";
import { observePackages, parsePackages, type PackagesSeen } from "./_package_seen.ts";
import { refuse } from "./refuse.ts";

interface AptArgs {
  readonly name: readonly string[];
  readonly state: Parameters<typeof stateOf>[0];
  readonly update_cache: boolean;
  readonly cache_valid_time: number;
  readonly deb?: string | undefined;
  readonly upgrade: "no" | "yes" | "safe" | "full" | "dist";
  readonly install_recommends?: boolean | undefined;
  readonly purge: boolean;
  readonly autoremove: boolean;
  readonly default_release?: string | undefined;
  readonly allow_downgrade: boolean;
}

export interface AptSeen extends PackagesSeen {
  /** What the file holds, and the version of it that is installed. */
  readonly deb?: { readonly name: string; readonly version: string; readonly installed?: string };
  /** How many packages an upgrade would change. */
  readonly pending: number;
  /** How many nothing needs any more. */
  readonly idle: number;
  /** Packages that are removed, but whose configuration files are still there. */
  readonly left: readonly string[];
}

export function observeApt(args: AptArgs): Script {
  return observePackages(
    { names: args.name, use: "apt", isAgeWanted: isAgeWanted(args), isNewerWanted: stateOf(args.state) === "latest" },
    sh`
      ${args.deb === undefined ? sh`:` : observeDeb(args.deb)}
      ${args.upgrade === "no" ? sh`:` : sh`echo "pending $(apt-get -s -q ${verbOf(args)} 2>/dev/null | grep -c '^Inst ')"`}
      ${args.autoremove ? sh`echo "idle $(apt-get -s -q autoremove 2>/dev/null | grep -c '^Remv ')"` : sh`:`}
    `,
  );
}

function verbOf({ upgrade }: AptArgs): "upgrade" | "dist-upgrade" {
  return upgrade === "full" || upgrade === "dist" ? "dist-upgrade" : "upgrade";
}

function observeDeb(path: string): Script {
  return sh`
    if d=$(dpkg-deb -W --showformat='\${Package} \${Version}' -- ${path} 2>/dev/null); then
      printf 'deb %s\n' "$d"
      printf 'debstate %s\n' "$(dpkg-query -W -f '\${db:Status-Abbrev}|\${Version}' -- "\${d%% *}" 2>/dev/null)"
    fi
  `;
}

export function parseApt(answer: Answer, { name }: AptArgs): AptSeen {
  const seen = parsePackages(answer, name);
  const [debName = "", version = ""] = (seen.more.get("deb") ?? "").split(" ");
  const [state = "", installed = ""] = (seen.more.get("debstate") ?? "").split("|");
  const left = answer.stdout.split("\n").flatMap((line) => (/^.c.\|/.test(line) ? [line.split("|")[1]!] : []));
  return {
    ...seen,
    ...(debName === "" ? {} : { deb: { name: debName, version, ...(state[1] === "i" ? { installed } : {}) } }),
    pending: Number(seen.more.get("pending") ?? 0),
    idle: Number(seen.more.get("idle") ?? 0),
    left,
  };
}

export function planApt(args: AptArgs, seen: AptSeen): readonly Change[] {
  if (args.deb !== undefined) return debChange(args.deb, args, seen);
  if (args.upgrade !== "no") return upgradeChange(args, seen);
  const wanted = { names: args.name, state: stateOf(args.state), update_cache: args.update_cache, cache_valid_time: args.cache_valid_time, options: { install: flagsOf(args), purge: args.purge, autoremove: args.autoremove } };
  const changes = [...planPackages(wanted, seen), ...purged(args, seen)];
  const takesAlong = stateOf(args.state) === "absent" && changes.length > 0;
  return [...changes, ...(takesAlong ? [] : idleChange(seen))];
}

function flagsOf({ install_recommends: recommends, default_release: release, allow_downgrade: downgrade }: AptArgs): string[] {
  return [
    ...(recommends === undefined ? [] : [recommends ? "--install-recommends" : "--no-install-recommends"]),
    ...(release === undefined ? [] : ["-t", release]),
    ...(downgrade ? ["--allow-downgrades"] : []),
  ];
}

function purged({ name, state, purge }: AptArgs, { left }: AptSeen): Change[] {
  const names = stateOf(state) === "absent" && purge ? name.filter((each) => left.includes(each)) : [];
  if (names.length === 0) return [];
  const title = `remove the configuration files of ${names.join(", ")}`;
  return [{ title, steps: [step(managers.apt.remove(names, { purge: true }), title)], undo: { impossible: "the configuration files are gone" } }];
}

function idleChange({ idle }: AptSeen): Change[] {
  if (idle === 0) return [];
  const title = `remove ${idle} packages that nothing needs any more`;
  return [{ title, steps: [step(sh`${aptGet} autoremove`, title)], undo: { impossible: "their names are not kept" } }];
}

/** apt-get would take a name for a package of the repositories; a path with a slash is a file. */
function debChange(path: string, args: AptArgs, seen: AptSeen): Change[] {
  const { deb } = seen;
  if (!deb) refuse(`${path} is no package file on this host`, { expected: "a file that dpkg-deb can read", hint: "bring it with copy: or get_url:" });
  if (deb.installed === deb.version) return [];
  refuseOthers(seen);
  const title = `install ${deb.name} ${deb.version} from ${path}`;
  const undo: Change["undo"] = deb.installed === undefined ? [step(managers.apt.remove([deb.name], { purge: true }), `remove ${deb.name}`)] : { impossible: `the file of ${deb.name} ${deb.installed} may not be there` };
  return [{ title, before: deb.installed ?? null, after: deb.version, steps: [step(managers.apt.install([path], { install: flagsOf(args) }), title)], undo }];
}

function upgradeChange(args: AptArgs, seen: AptSeen): Change[] {
  const stale = isStale(args, seen);
  if (!stale && seen.pending === 0) return idleChange(seen);
  refuseOthers(seen);
  const title = stale ? "read what the repositories have, and upgrade what is newer" : `upgrade ${seen.pending} packages`;
  const upgrade = step(sh`${aptGet} ${args.autoremove ? ["--auto-remove"] : []} ${verbOf(args)}`, title);
  return [{ title, steps: [...(stale ? [step(managers.apt.refresh, "apt-get update")] : []), upgrade], undo: { impossible: "repositories often have only the newest version" } }];
}
