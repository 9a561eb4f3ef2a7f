import { absolutePath, boolean, oneOf, optional, text, withDefault } from "./args.ts";
import { defineResource } from "./contract.ts";
import { pathState } from "./_access.ts";
import { planFileState } from "./_file_plan.ts";
import { lookAtFileState, parseFileState, type FileSeen } from "./_file_seen.ts";
import { lazily } from "./_lazy.ts";
import { anyMode } from "./_mode.ts";
import { account } from "./_path.ts";
import { paths } from "./_path_family.ts";
import { observeAt } from "./_path_look.ts";

const times = ["now", "preserve"] as const;

const fileArgs = lazily(() => ({
  path: absolutePath("The path."),
  state: optional(oneOf(["file", "directory", "link", "hard", "touch", "absent"], "What is to be there; without it, what is there keeps being what it is.")),
  mode: optional(anyMode('Its mode: octal digits in quotes, `"0750"`, or symbols, `u=rw,g=r,o=`.')),
  owner: optional(account("Its owner, by name or number.")),
  group: optional(account("Its group, by name or number.")),
  src: optional(text("What a link leads to; for a symbolic link it may be relative to the link.")),
  recurse: withDefault(boolean("With `state: directory`: owner, group and mode are for all that is inside too."), false),
  force: withDefault(boolean("Make a link to what does not exist, and in the place of a file or an empty directory."), false),
  follow: withDefault(boolean("Owner and mode are for what a link leads to, not for the link."), true),
  modification_time: withDefault(oneOf(times, "What `touch` does to it."), "now"),
  access_time: withDefault(oneOf(times, "What `touch` does to it."), "now"),
}));

export const file = defineResource<typeof fileArgs, FileSeen>({
  name: "file",
  summary: "Make a path be a directory, a link, an empty file or nothing, with an owner and a mode.",
  notes: `
* As Ansible's module of this name; \`directory\` does the same for directories, and takes back more.
* Without \`state\`, or with \`file\`, nothing is made: a path where nothing is is an error.
* \`directory\` makes missing parents too, with the same owner and mode.
* \`absent\` removes a directory with all that is in it, unless something is mounted there or below. Of a link it removes the link.
* A directory that is not empty never gives way to a link.
* Symbols without a name of somebody, as \`+x\`, are for all, but leave the write bits of group and others alone.
* \`recurse\` leaves links alone, and cannot be taken back.
* \`touch\` sets the times at each run, unless both are to be preserved.
* A short text that is removed is shown by \`--diff\` and can be brought back.
`,
  args: fileArgs,
  otherNames: { dest: "path", name: "path", source: "src" },
  examples: [
    { title: "A directory", yaml: 'file:\n  path: /srv/app/conf\n  state: directory\n  owner: app\n  mode: "0750"' },
    { title: "A link", yaml: "file:\n  path: /etc/nginx/sites-enabled/app\n  src: ../sites-available/app\n  state: link" },
    { title: "Gone", yaml: "file:\n  path: /etc/nginx/sites-enabled/default\n  state: absent" },
    { title: "All that is inside", yaml: "file:\n  path: /srv/www\n  state: directory\n  recurse: true\n  group: www-data\n  mode: u=rwX,g=rX,o=" },
    { title: "Only its mode", yaml: "file:\n  path: /usr/local/bin/backup\n  mode: a+x" },
  ],
  rules: ({ path, state, src, recurse, follow, mode }) => [
    ...(path === "/" && state === "absent" ? ["/ cannot be removed"] : []),
    ...((state === "link" || state === "hard") && src === undefined ? [`"src" is missing: what the ${state === "hard" ? "hard link" : "link"} leads to`] : []),
    ...(src !== undefined && state !== "link" && state !== "hard" ? ['"src" is for state: link and state: hard'] : []),
    ...(state === "hard" && src !== undefined && !src.startsWith("/") ? ['"src" of a hard link must be an absolute path'] : []),
    ...(recurse && state !== undefined && state !== "directory" ? ['"recurse" is for state: directory'] : []),
    ...(!follow && state === "link" && mode !== undefined ? ["a link has no mode of its own"] : []),
  ],
  observe: (args) => observeAt(lookAtFileState(args)),
  together: { family: paths, subject: (args) => (args.recurse ? undefined : lookAtFileState(args)) },
  parse: parseFileState,
  plan: planFileState,
  state: (args, seen) => pathState(args.path, seen, () => planFileState({ ...args, modification_time: "preserve", access_time: "preserve" }, seen)),
  result: ({ path, state }, seen) => ({ path, dest: path, state: state ?? (seen.kind === "missing" ? "absent" : seen.kind === "directory" ? "directory" : "file") }),
  once: (args) => args.state === "touch" && (args.modification_time === "now" || args.access_time === "now"),
});
