import { sh } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { absolutePath, boolean, fileMode, oneOf, optional, withDefault } from "./args.ts";
import { defineResource, type Change } from "./contract.ts";
import { refuse } from "./refuse.ts";
import { account, observePath, parsePath, planAccess, refuseUnknownAccounts, refuseUnwritable, type PathSeen } from "./_path.ts";

interface Seen extends PathSeen {
  /** Some of what is inside. */
  readonly inside: readonly string[];
}

export const directory = defineResource({
  name: "directory",
  summary: "Make a directory exist with an owner and a mode, or make it absent.",
  notes: "Missing parents are made too, with the mode that the umask gives. A directory with something in it is removed only with `recurse: true`.",
  args: {
    path: absolutePath("The directory."),
    state: withDefault(oneOf(["present", "absent"], "Whether it is to be there."), "present"),
    mode: optional(fileMode("Its mode.")),
    owner: optional(account("Its owner.")),
    group: optional(account("Its group.")),
    recurse: withDefault(boolean("With state absent: remove what is inside too."), false),
  },
  examples: [
    { title: "A directory for a service", yaml: 'directory:\n  path: /srv/service\n  mode: "0750"\n  owner: root' },
    { title: "Gone", yaml: "directory:\n  path: /srv/service\n  state: absent" },
  ],
  observe: (args) => sh`
    ${observePath(args.path, args)}
    [ "$kind" != directory ] || { echo; ls -A -- "$p" | head -n 4; }
  `,
  parse(answer): Seen {
    const { seen, rest } = parsePath(answer.stdout);
    return { ...seen, inside: rest.split("\n").filter(Boolean) };
  },
  plan(args, seen) {
    if (args.state === "absent") return removed(args.path, args.recurse, seen);
    if (seen.kind === "directory") return planAccess(args.path, args, seen);
    if (seen.kind !== "missing") refuse(`${args.path} is there and is no directory`, { hint: "move it away by hand" });
    return [made(args, seen)];
  },
  down: (args) => ({ ...args, state: "absent" as const }),
});

function made(args: { path: string; mode?: string | undefined; owner?: string | undefined; group?: string | undefined }, seen: Seen): Change {
  refuseUnknownAccounts(args, seen);
  refuseUnwritable(args.path, seen);
  const { path, mode, owner, group } = args;
  const who = owner === undefined && group === undefined ? sh`:` : sh`chown -- ${`${owner ?? ""}${group === undefined ? "" : `:${group}`}`} ${path}`;
  const bits = mode === undefined ? sh`:` : sh`chmod -- ${mode} ${path}`;
  const script = sh`mkdir -p -- ${path} && ${who} && ${bits}`;
  return { title: `make the directory ${path}`, before: null, after: mode ?? "present", steps: [run(script, { title: `mkdir ${path}` })], undo: [run(sh`rmdir -- ${path}`, { title: `rmdir ${path}` })] };
}

function removed(path: string, recurse: boolean, seen: Seen): Change[] {
  if (seen.kind === "missing") return [];
  if (seen.kind !== "directory") refuse(`${path} is there and is no directory`, { hint: "remove it by hand" });
  if (seen.inside.length > 0 && !recurse) refuse(`${path} is not empty`, { seen: seen.inside.join(", "), hint: "recurse: true removes what is inside too" });
  const script = recurse ? sh`rm -r -- ${path}` : sh`rmdir -- ${path}`;
  const undo = seen.inside.length > 0 ? { impossible: "what was inside is gone" } : [run(sh`mkdir -- ${path} && chmod -- ${seen.stat?.mode ?? "0755"} ${path}`, { title: `mkdir ${path}` })];
  return [{ title: `remove the directory ${path}`, before: seen.stat?.mode ?? null, after: null, steps: [run(script, { title: `remove ${path}` })], undo }];
}
