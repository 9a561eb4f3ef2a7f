import { sh, type Script } from "../core/sh.ts";
import { run, type Step } from "../core/step.ts";
import type { Change } from "./contract.ts";
import { managers, type Manager, type PackageOptions } from "./_package_managers.ts";
import { nameAndVersion, type PackagesSeen } from "./_package_seen.ts";
import { refuse } from "./refuse.ts";

/** What is wanted of packages, whatever module asks for it. */
export interface PackagesWanted {
  readonly names: readonly string[];
  readonly state: "present" | "absent" | "latest";
  readonly update_cache: boolean;
  /** Seconds. */
  readonly cache_valid_time: number;
  readonly options: PackageOptions;
}

export function planPackages(wanted: PackagesWanted, seen: PackagesSeen): Change[] {
  if (seen.manager === "none") refuse("no package manager that is known is on this host", { expected: Object.values(managers).map(({ program }) => program).join(", ") });
  const manager = managers[seen.manager];
  const changes = wanted.names.length === 0 ? refreshed(wanted, seen, manager) : wanted.state === "absent" ? removed(wanted, seen, manager) : installed(wanted, seen, manager);
  if (changes.length > 0) refuseOthers(seen);
  return changes;
}

export function refuseOthers({ isRoot }: PackagesSeen): void {
  if (!isRoot) refuse("only root may install and remove packages", { hint: "run the task with become: true" });
}

/** Whether the lists are to be read anew before something is installed. */
export function isStale({ update_cache: update, cache_valid_time: valid }: Pick<PackagesWanted, "update_cache" | "cache_valid_time">, { age }: PackagesSeen): boolean {
  return (update || valid > 0) && (age === undefined || age >= valid);
}

const read = "read what the repositories have";

function refreshed(wanted: PackagesWanted, seen: PackagesSeen, { refresh }: Manager): Change[] {
  return isStale(wanted, seen) ? [{ title: read, steps: [step(refresh, read)], undo: { impossible: "the lists before are not kept" } }] : [];
}

function installed(wanted: PackagesWanted, seen: PackagesSeen, manager: Manager): Change[] {
  const { names, state, options } = wanted;
  const stale = isStale(wanted, seen);
  const missing = names.filter((name) => !isThere(name, seen));
  const old = state === "latest" ? names.filter((name) => seen.newer.includes(name)) : [];
  // What will be newer is known only when the lists were read.
  if (stale && state === "latest") return [unforeseen(wanted, manager, missing)];
  const first = stale && missing.length + old.length > 0 ? [step(manager.refresh, read)] : [];
  return [
    ...(missing.length > 0 ? [added(missing, seen, { manager, options, first })] : []),
    ...(old.length > 0 ? [upgraded(old, seen, { manager, options, first: missing.length > 0 ? [] : first })] : []),
  ];
}

function isThere(wanted: string, { have, provided, manager }: PackagesSeen): boolean {
  const version = manager === "apt" ? nameAndVersion(wanted).version : undefined;
  const found = have.get(wanted);
  if (found === undefined) return provided.includes(wanted);
  return version === undefined || (version.endsWith("*") ? found.startsWith(version.slice(0, -1)) : found === version);
}

interface Way {
  readonly manager: Manager;
  readonly options: PackageOptions;
  /** What is done before. */
  readonly first: readonly Step[];
}

/** What came along because these need it stays when they go again: by then others may need it. */
function added(names: readonly string[], seen: PackagesSeen, { manager, options, first }: Way): Change {
  const title = `install ${names.join(", ")}`;
  const fresh = names.filter((name) => !seen.have.has(name) && !name.includes("/")).map((name) => nameAndVersion(name).name);
  const again: Change["undo"] = fresh.length < names.length ? { impossible: "another version, or a file, was installed" } : [step(manager.remove(fresh, { purge: true }), `remove ${fresh.join(", ")}`)];
  return { title, before: null, after: names.join(", "), steps: [...first, step(manager.install(names, options), title)], undo: again };
}

function upgraded(names: readonly string[], { have }: PackagesSeen, { manager, options, first }: Way): Change {
  const title = `bring ${names.join(", ")} up to date`;
  const before = names.map((name) => `${name} ${have.get(name) ?? ""}`.trim()).join(", ");
  return { title, before, after: "the newest", steps: [...first, step(manager.upgrade(names, options), title)], undo: { impossible: "repositories often have only the newest version" } };
}

function unforeseen({ names, options }: PackagesWanted, manager: Manager, missing: readonly string[]): Change {
  const title = `${read}, and bring ${names.join(", ")} up to date`;
  const rest = names.filter((name) => !missing.includes(name));
  const steps = [step(manager.refresh, read), ...(missing.length > 0 ? [step(manager.install(missing, options), `install ${missing.join(", ")}`)] : []), ...(rest.length > 0 ? [step(manager.upgrade(rest, options), `bring ${rest.join(", ")} up to date`)] : [])];
  return { title, steps, undo: { impossible: "repositories often have only the newest version" } };
}

function removed({ names, options }: PackagesWanted, seen: PackagesSeen, manager: Manager): Change[] {
  const gone = names.filter((name) => seen.have.has(name));
  if (gone.length === 0) return [];
  const title = `remove ${gone.join(", ")}`;
  const before = gone.map((name) => `${nameAndVersion(name).name} ${seen.have.get(name) ?? ""}`.trim()).join(", ");
  const again = manager === managers.apt ? gone.map((name) => `${nameAndVersion(name).name}=${seen.have.get(name)}`) : gone;
  const undo = options.purge ? { impossible: "the configuration files are gone" } : [step(manager.install(again, {}), `install ${again.join(", ")}`)];
  return [{ title, before, after: null, steps: [step(manager.remove(gone.map((name) => nameAndVersion(name).name), options), title)], undo }];
}

/** Half an installation does harm: it is finished whatever becomes of the session. */
export function step(script: Script, title: string): Step {
  return run(sh`export LC_ALL=C; ${script}`, { title, onDisconnect: "finish" });
}
