import { dirname } from "node:path/posix";
import { sh } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { absolutePath, boolean, fileMode, oneOf, optional, withDefault } from "./args.ts";
import { defineResource, type Bound, type Change } from "./contract.ts";
import { exactMode, pathState, planAccess } from "./_access.ts";
import { isWithin, mountpointsOf } from "./_mountpoint.ts";
import { account, observePath, parsePath, pathOf, refuseBroken, refuseClosed, refuseForeign, refuseUnknownAccounts, refuseUnwritable, type PathSeen } from "./_path.ts";
import { refuse } from "./refuse.ts";

const directoryArgs = {
  path: absolutePath("The directory."),
  state: withDefault(oneOf(["present", "absent"], "Whether it is to be there."), "present"),
  mode: optional(fileMode('Its mode, octal digits in quotes: `"0750"`.')),
  owner: optional(account("Its owner, by name or number.")),
  group: optional(account("Its group, by name or number.")),
  recurse: withDefault(boolean("With `state: absent`: remove what is inside too."), false),
  not_empty: withDefault(oneOf(["refuse", "keep"], "With `state: absent`, when something is inside or mounted there: say so and fail, or leave it all as it is."), "refuse"),
};

type DirectoryArgs = Bound<typeof directoryArgs>;

interface Seen extends PathSeen {
  /** With `state: absent`: some of what is inside. */
  readonly inside: readonly string[];
  /** With `state: absent`: what is mounted at the directory or below it. */
  readonly mounted: readonly string[];
}

const notes = `
* Missing parents are made too, with the mode that the umask gives.
* What mode, owner and group do not name stays as it is; what is inside never changes.
* A directory with something in it is removed only with \`recurse: true\`, and never when something is mounted there or below.
* \`down\` removes the directory when it is empty, and leaves it alone when it is not.
* A symbolic link to a directory is a directory, but it is not removed.
* \`status\` shows n/a for a directory that is as it should be, since it is neither up nor down, and says what is not so.
`;

export const directory = defineResource<typeof directoryArgs, Seen>({
  name: "directory",
  summary: "Make a directory exist with an owner and a mode, or make it absent.",
  notes,
  args: directoryArgs,
  otherNames: { name: "path", dest: "path", force: "recurse" },
  examples: [
    { title: "A directory for a service", yaml: 'directory:\n  path: /srv/service\n  mode: "0750"\n  owner: root' },
    { title: "Gone, with all that is in it", yaml: "directory:\n  path: /srv/service\n  state: absent\n  recurse: true" },
  ],
  rules: ({ path, state, recurse }) => [
    ...(path === "/" && state === "absent" ? ["/ cannot be removed"] : []),
    ...(recurse && state === "present" ? ["recurse removes what is inside, with state: absent; owner and mode of what is inside are never changed"] : []),
  ],
  observe: (args) => sh`
    ${observePath(args.path, args)}
    ${args.state === "absent" ? inside : sh`:`}
  `,
  parse(answer) {
    const { seen, values, rest } = parsePath(answer);
    const cut = rest.indexOf("\n\n");
    // POSIX lets `pwd -P` begin with two slashes, and bash does.
    const real = pathOf(values.get("real") ?? "").replace(/^\/+/, "/");
    const mounted = real === "" ? [] : mountpointsOf(rest.slice(0, cut)).filter((mountpoint) => isWithin(mountpoint, real));
    return { ...seen, inside: real === "" ? [] : rest.slice(cut + 2).split("\n").slice(0, -1), mounted };
  },
  plan,
  down: (args) => ({ ...args, state: "absent" as const, recurse: false, not_empty: "keep" as const }),
  state: (args, seen) => pathState(args.path, seen, () => plan(args, seen)),
  result: ({ path }) => ({ path }),
});

/** Ends with what is mounted anywhere, an empty line, and the first names in the directory. */
const inside = sh`
  [ "$kind" = directory ] || exit 0
  real=$(cd -P -- "$p" && pwd -P) || exit
  [ -r "$p" ] || { echo "the directory may not be read" >&2; exit 1; }
  line real "$real"
  echo
  cat /proc/self/mountinfo
  echo
  ls -A -- "$p" | head -n 4
`;

function plan(args: DirectoryArgs, seen: Seen): Change[] {
  if (args.state === "absent") return planAbsent(args, seen);
  if (seen.kind === "directory") return planAccess(args.path, args, seen);
  if (seen.kind !== "missing") refuse(`${args.path} is there and is no directory`, { hint: "move it away by hand" });
  return [made(args, seen)];
}

function made(args: DirectoryArgs, seen: Seen): Change {
  const { path, mode, owner, group } = args;
  refuseUnknownAccounts(args, seen);
  refuseBroken(path, seen);
  if (seen.target !== undefined) refuse(`${path} is a symbolic link, and nothing is where it leads`, { seen: seen.target, hint: "make what it leads to, or remove the link" });
  refuseUnwritable(path, seen);
  refuseForeign(path, args, seen, seen.wanted.gid ?? undefined);
  const make = mode === undefined ? sh`mkdir -p -- ${path}` : sh`mkdir -p -m ${mode} -- ${path}`;
  const own = owner === undefined && group === undefined ? sh`:` : sh`chown -- ${`${owner ?? ""}${group === undefined ? "" : `:${group}`}`} ${path}`;
  const bits = mode === undefined ? sh`:` : sh`chmod -- ${exactMode(mode)} ${path}`;
  const parents = missingParents(path, seen.ancestor.path);
  return {
    title: `make the directory ${path}`,
    before: null,
    after: mode ?? "present",
    steps: [run(sh`${make} && ${own} && ${bits}`, { title: `mkdir ${path}` })],
    undo: [run(sh`rmdir -- ${path} && { rmdir -- ${parents} 2>/dev/null || :; }`, { title: `rmdir ${path}` })],
  };
}

/** The directories that are made on the way to the path, the innermost first. */
function missingParents(path: string, ancestor: string): string[] {
  const parent = dirname(path);
  return parent === ancestor || parent === "/" ? [] : [parent, ...missingParents(parent, ancestor)];
}

function planAbsent(args: DirectoryArgs, seen: Seen): Change[] {
  const { path } = args;
  if (seen.target !== undefined || seen.broken !== undefined) refuse(`${path} is a symbolic link`, { seen: `it leads to ${seen.target ?? seen.broken}`, hint: "remove it by hand" });
  refuseClosed(seen);
  if (seen.kind === "missing") return [];
  if (seen.kind !== "directory") refuse(`${path} is there and is no directory`, { hint: "remove it by hand" });
  const used = seen.inside.length > 0 || seen.mounted.length > 0;
  if (used && args.not_empty === "keep" && !args.recurse) return [];
  if (seen.mounted.length > 0) refuse(`something is mounted at ${seen.mounted[0]}`, { expected: `nothing at or below ${path}`, hint: "unmount it first: removing the directory would empty it" });
  if (used && !args.recurse) refuse(`${path} is not empty`, { seen: seen.inside.join(", "), hint: "recurse: true removes what is inside too" });
  refuseUnwritable(path, seen);
  return [removed(args, seen, used)];
}

function removed({ path }: DirectoryArgs, { stat }: Seen, used: boolean): Change {
  const mode = stat?.mode ?? "0755";
  const again = sh`mkdir -- ${path} && chown -- ${`${stat?.uid}:${stat?.gid}`} ${path} && chmod -- ${exactMode(mode)} ${path}`;
  return {
    title: used ? `remove the directory ${path} and all that is in it` : `remove the directory ${path}`,
    before: mode,
    after: null,
    steps: [run(used ? sh`rm -r -- ${path}` : sh`rmdir -- ${path}`, { title: `remove ${path}` })],
    undo: used ? { impossible: "what was inside is gone" } : [run(again, { title: `mkdir ${path}` })],
  };
}
