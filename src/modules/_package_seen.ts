import { BowlineError } from "../core/errors.ts";
import { joinScripts, sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { managerNames, managers, type ManagerName } from "./_package_managers.ts";

export interface PackagesSeen {
  readonly manager: ManagerName | "none";
  readonly isRoot: boolean;
  /** What is installed of what the task names, with its version where the manager tells it. */
  readonly have: ReadonlyMap<string, string>;
  /** What is there only because others provide it: it is satisfied, but cannot be removed by this name. */
  readonly provided: readonly string[];
  /** What `latest` would bring up to date; looked for only then. */
  readonly newer: readonly string[];
  /** Seconds since what the repositories have was read; absent when nobody can tell. */
  readonly age?: number;
  /** What was printed beside, by the first words of its lines. */
  readonly more: ReadonlyMap<string, string>;
}

/** How to look: which names, with what manager, and whether what is newer matters. */
export interface PackagesLook {
  readonly names: readonly string[];
  readonly use?: ManagerName | undefined;
  readonly isNewerWanted: boolean;
  /** The age of the lists is told only where it matters: it is another one at each look. */
  readonly isAgeWanted: boolean;
}

/** A host of one manager is asked by it alone; the others' looks are not in the script when the task says which. */
export function observePackages({ names, use, ...wanted }: PackagesLook, more: Script = sh`:`): Script {
  const asked = use === undefined ? managerNames : [use];
  const found = asked.map((name) => sh`{ command -v ${managers[name].program} >/dev/null && m=${name}; }`);
  return sh`
    export LC_ALL=C
    while read -r key uid rest; do [ "$key" != Uid: ] || break; done </proc/self/status
    [ "\${rest%%[!0-9]*}" != 0 ] || echo "root yes"
    m=none
    ${found.reduce((before, each) => sh`${before} || ${each}`)}
    echo "manager $m"
    set -- ${names}
    case $m in
    ${joinScripts(asked.map((name) => lookBy(name, names.length > 0, wanted)))}
    esac
    ${more}
    exit 0
  `;
}

function lookBy(name: ManagerName, hasNames: boolean, { isNewerWanted, isAgeWanted }: Omit<PackagesLook, "names" | "use">): Script {
  const { have, newer, lists } = managers[name];
  return sh`
    ${name})
      ${hasNames ? have : sh`:`}
      ${hasNames && isNewerWanted ? newer : sh`:`}
      ${isAgeWanted ? sh`[ ! -e ${lists} ] || echo "age $(($(date +%s) - $(stat -c %Y -- ${lists})))"` : sh`:`}
      ;;
  `;
}

export function parsePackages({ code, stdout, stderr }: Answer, names: readonly string[]): PackagesSeen {
  if (code !== 0) throw new BowlineError({ code: "E_FAILED", message: `looking at the packages failed: ${stderr.trim().split("\n").at(-1) || `exit code ${code}`}` });
  const lines = stdout.split("\n").filter(Boolean);
  const values = new Map(lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]));
  const manager = (values.get("manager") as ManagerName | undefined) ?? "none";
  const fields = (word: string) => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.split(" ").slice(1));
  const age = values.get("age");
  const told = manager === "apt" ? dpkgSays(lines, names) : { have: new Map(fields("have").map(([name = "", version = ""]) => [name, version])), provided: [] };
  return { manager, isRoot: values.has("root"), ...told, newer: newerOf(fields("newer"), names), ...(age === undefined ? {} : { age: Number(age) }), more: values };
}

function newerOf(lines: readonly string[][], names: readonly string[]): string[] {
  const newer = lines.map(([name]) => name);
  return names.filter((name) => newer.includes(name));
}

/** `nginx=1.2` asks for a version, `libc6:i386` for an architecture; the second letter of the state says what is so (dpkg-query(1)). */
function dpkgSays(lines: readonly string[], names: readonly string[]): Pick<PackagesSeen, "have" | "provided"> {
  const packages = lines.flatMap((line) => {
    const [state = "", name = "", architecture = "", version = "", provides = ""] = line.split("|");
    return state[1] === "i" && line.includes("|") ? [{ name, architecture, version, provides: provides.split(",").map((each) => each.trim().split(" ")[0]!.split(":")[0]!) }] : [];
  });
  const have = new Map<string, string>();
  const provided: string[] = [];
  for (const wanted of names) {
    const { name } = nameAndVersion(wanted);
    const found = packages.find((each) => each.name === name || `${each.name}:${each.architecture}` === name);
    if (found) have.set(wanted, found.version);
    else if (packages.some((each) => each.provides.includes(name))) provided.push(wanted);
  }
  return { have, provided };
}

/** `nginx=1.2*`: a version may end with a star. */
export function nameAndVersion(wanted: string): { name: string; version?: string } {
  const [name = "", version] = wanted.split("=");
  return { name, ...(version === undefined ? {} : { version }) };
}
