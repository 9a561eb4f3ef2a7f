import { sh, type Script } from "../core/sh.ts";
import { boolean, integer, oneOf, optional, withDefault } from "./args.ts";
import { accountChange, accountName, observeAccounts, parseAccounts, refuseTools, type AccountSeen } from "./_account.ts";
import { lastingState } from "./_access.ts";
import { defineResource, type Bound, type Change } from "./contract.ts";
import { refuse } from "./refuse.ts";
import { lazily } from "./_lazy.ts";

const groupArgs = lazily(() => ({
  name: accountName("The group."),
  state: withDefault(oneOf(["present", "absent"], "Whether it is to be there."), "present"),
  gid: optional(integer("Its number.", { min: 0, max: 4294967294 })),
  system: withDefault(boolean("A new one gets a number of those for the system."), false),
  non_unique: withDefault(boolean("Its number may be another group's too."), false),
}));

type GroupArgs = Bound<typeof groupArgs>;

interface Seen extends AccountSeen {
  readonly gid?: number;
  readonly members: readonly string[];
  /** Who has the wanted number already. */
  readonly taken?: string;
}

export const group = defineResource<typeof groupArgs, Seen>({
  name: "group",
  summary: "Make a group of users exist with a number, or make it absent.",
  notes: `
* The shadow tools make it, or busybox's own, which cannot change a number.
* A number that another group has is refused. Files that had the old number keep it.
* A group that is some user's own cannot be removed. What was a member is one again when a removal is taken back.
* \`down\` leaves groups alone: files belong to them.
`,
  args: groupArgs,
  otherNames: { group: "name", id: "gid" },
  examples: [
    { title: "A group for a service", yaml: "group:\n  name: app\n  system: true" },
    { title: "Gone", yaml: "group:\n  name: app\n  state: absent" },
  ],
  observe: ({ name, gid }) => sh`
    ${observeAccounts}
    g=$(entry group ${name}) && printf 'group %s\n' "$g"
    ${gid === undefined ? sh`:` : sh`t=$(getent group ${gid} 2>/dev/null || grep -- ${`^[^:]*:[^:]*:${gid}:`} /etc/group) && printf 'taken %s\n' "\${t%%:*}"`}
    exit 0
  `,
  parse(answer) {
    const { seen, values } = parseAccounts(answer);
    const [, , gid, members = ""] = values.get("group")?.split(":") ?? [];
    const taken = values.get("taken");
    return { ...seen, ...(gid === undefined ? {} : { gid: Number(gid) }), members: members.split(",").filter(Boolean), ...(taken === undefined ? {} : { taken }) };
  },
  plan,
  state: (args, seen) => lastingState(args.name, seen.gid === undefined, () => plan(args, seen)),
  result: ({ name, state, system }, { gid }) => ({ name, state, system, gid: gid ?? null }),
});

function plan(args: GroupArgs, seen: Seen): Change[] {
  const { name, state, gid, non_unique: shared } = args;
  if (state === "absent") return seen.gid === undefined ? [] : [removed(name, seen.gid, seen)];
  if (seen.gid !== undefined && (gid === undefined || gid === seen.gid)) return [];
  refuseTools(seen, seen.gid === undefined ? "any" : "shadow");
  if (seen.taken !== undefined && seen.taken !== name && !shared) refuse(`the number ${gid} is that of the group ${seen.taken}`, { hint: "non_unique: true lets both have it" });
  if (seen.gid === undefined) return [accountChange(`make the group ${name}`, making(args, seen), deleting(name, seen), { before: null, after: gid ?? "present" })];
  const renumber = (to: number) => sh`groupmod -g ${to} ${shared ? ["-o"] : []} ${name}`;
  return [accountChange(`change the number of the group ${name} from ${seen.gid} to ${gid}`, renumber(gid!), renumber(seen.gid), { before: seen.gid, after: gid! })];
}

function making({ name, gid, system, non_unique: shared }: Pick<GroupArgs, "name" | "gid" | "system" | "non_unique">, { tools }: AccountSeen): Script {
  const [small, number] = [tools === "shadow" ? "-r" : "-S", gid === undefined ? [] : ["-g", gid]];
  const flags = [...(system ? [small] : []), ...number];
  return tools === "shadow" ? sh`groupadd ${[...flags, ...(shared && gid !== undefined ? ["-o"] : [])]} ${name}` : sh`addgroup ${flags} ${name}`;
}

function removed(name: string, gid: number, seen: Seen): Change {
  refuseTools(seen, "any");
  const members = seen.members.map((member) => (seen.tools === "shadow" ? sh`&& gpasswd -a ${member} ${name}` : sh`&& addgroup ${member} ${name}`));
  const again = members.reduce((script, each) => sh`${script} ${each}`, making({ name, gid, system: false, non_unique: true }, seen));
  return accountChange(`remove the group ${name}`, deleting(name, seen), again, { before: gid, after: null });
}

function deleting(name: string, { tools }: AccountSeen): Script {
  return tools === "shadow" ? sh`groupdel ${name}` : sh`delgroup ${name}`;
}
