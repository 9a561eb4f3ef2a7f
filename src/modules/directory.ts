import { absolutePath, boolean, fileMode, oneOf, optional, withDefault } from "./args.ts";
import { defineResource, type Bound, type Change } from "./contract.ts";
import { pathState, planAccess } from "./_access.ts";
import { directoryMade, directoryRemoved, moreInside, parseInside, type Inside } from "./_directory.ts";
import { lazily } from "./_lazy.ts";
import { account, parsePath, refuseClosed, refuseUnwritable, type PathSeen } from "./_path.ts";
import { paths } from "./_path_family.ts";
import { observeAt, type PathLook } from "./_path_look.ts";
import { refuse } from "./refuse.ts";

const directoryArgs = lazily(() => ({
  path: absolutePath("The directory."),
  state: withDefault(oneOf(["present", "absent"], "Whether it is to be there."), "present"),
  mode: optional(fileMode('Its mode, octal digits in quotes: `"0750"`.')),
  owner: optional(account("Its owner, by name or number.")),
  group: optional(account("Its group, by name or number.")),
  recurse: withDefault(boolean("With `state: absent`: remove what is inside too."), false),
  not_empty: withDefault(oneOf(["refuse", "keep"], "With `state: absent`, when something is inside or mounted there: say so and fail, or leave it all as it is."), "refuse"),
}));

type DirectoryArgs = Bound<typeof directoryArgs>;

/** What is inside is seen only with `state: absent`. */
type Seen = PathSeen & Inside;

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
  observe: (args) => observeAt(lookAt(args)),
  together: { family: paths, subject: lookAt },
  parse(answer) {
    const { seen, values, rest } = parsePath(answer);
    return { ...seen, ...parseInside(values, rest) };
  },
  plan,
  down: (args) => ({ ...args, state: "absent" as const, recurse: false, not_empty: "keep" as const }),
  state: (args, seen) => pathState(args.path, seen, () => plan(args, seen)),
  result: ({ path }) => ({ path }),
});

function lookAt(args: DirectoryArgs): PathLook {
  return { path: args.path, access: args, ...(args.state === "absent" ? { more: moreInside } : {}) };
}

function plan(args: DirectoryArgs, seen: Seen): Change[] {
  if (args.state === "absent") return planAbsent(args, seen);
  if (seen.kind === "directory") return planAccess(args.path, args, seen);
  if (seen.kind !== "missing") refuse(`${args.path} is there and is no directory`, { hint: "move it away by hand" });
  return [directoryMade(args.path, args, seen, "plain")];
}

function planAbsent(args: DirectoryArgs, seen: Seen): Change[] {
  const { path } = args;
  if (seen.target !== undefined || seen.broken !== undefined) refuse(`${path} is a symbolic link`, { seen: `it leads to ${seen.target ?? seen.broken}`, hint: "remove it by hand" });
  refuseClosed(seen);
  if (seen.kind === "missing") return [];
  if (seen.kind !== "directory") refuse(`${path} is there and is no directory`, { hint: "remove it by hand" });
  const used = seen.inside.length > 0 || seen.mounted.length > 0;
  if (used && args.not_empty === "keep" && !args.recurse) return [];
  if (seen.mounted.length === 0 && used && !args.recurse) refuse(`${path} is not empty`, { seen: seen.inside.join(", "), hint: "recurse: true removes what is inside too" });
  refuseUnwritable(path, seen);
  return [directoryRemoved(path, seen)];
}
