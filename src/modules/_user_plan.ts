import type { Secret } from "../core/secret.ts";
import { sh, type Script } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { accountChange, refuseTools } from "./_account.ts";
import type { Change } from "./contract.ts";
import { refuse } from "./refuse.ts";
import type { UserLook, UserSeen } from "./_user_seen.ts";

export interface UserArgs extends UserLook {
  readonly state: "present" | "absent";
  readonly non_unique: boolean;
  readonly append: boolean;
  readonly comment?: string | undefined;
  readonly create_home: boolean;
  readonly move_home: boolean;
  readonly shell?: string | undefined;
  readonly update_password: "always" | "on_create";
  readonly password_lock?: boolean | undefined;
  readonly system: boolean;
  readonly remove: boolean;
  readonly force: boolean;
}

type Entry = NonNullable<UserSeen["entry"]>;

export function planUser(args: UserArgs, seen: UserSeen): readonly Change[] {
  if (args.state === "absent") return seen.entry ? [removed(args, seen, seen.entry)] : [];
  const changes = seen.entry ? changed(args, seen, seen.entry) : made(args, seen);
  if (changes.length === 0) return [];
  refuseTools(seen, "any");
  const missing = [...seen.wanted].find(([, gid]) => gid === null);
  if (missing) refuse(`there is no group "${missing[0]}" on this host`, { hint: `make it first: group: { name: ${missing[0]} }` });
  if (args.uid !== seen.entry?.uid && seen.taken !== undefined && !args.non_unique) refuse(`the number ${args.uid} is that of the user ${seen.taken}`, { hint: "non_unique: true lets both have it" });
  return changes;
}

function made(args: UserArgs, seen: UserSeen): Change[] {
  const { name, password, password_lock: lock } = args;
  const isShadow = seen.tools === "shadow";
  const make = isShadow ? useradd(args, seen) : adduser(args);
  const homeIsNew = args.create_home && !seen.homeThere;
  const gone = isShadow ? sh`userdel ${homeIsNew ? ["-r"] : []} ${name}` : sh`deluser ${homeIsNew ? ["--remove-home"] : []} ${name}`;
  // userdel takes the group of the user's name along, which was there before.
  const namesake = seen.namesake === undefined || !isShadow ? sh`` : sh`&& { getent group ${name} >/dev/null || groupadd -g ${seen.namesake} ${name}; }`;
  return [
    accountChange(`make the user ${name}`, make, sh`${gone} ${namesake}`, { before: null, after: args.uid ?? "present" }),
    ...(password === undefined ? [] : [passwordChange(name, password, isShadow && lock === true, [])]),
    ...(lock === true && password === undefined && isShadow ? [lockChange(name, true, [])] : []),
  ];
}

function useradd({ name, uid, group, groups = [], home, shell, comment, system, create_home: withHome, non_unique: shared }: UserArgs, { namesake }: UserSeen): Script {
  const own = group ?? (namesake === undefined ? undefined : name);
  const flags = [
    ...(system ? ["-r"] : []),
    ...(uid === undefined ? [] : ["-u", uid, ...(shared ? ["-o"] : [])]),
    ...(own === undefined ? [] : ["-g", own]),
    ...(groups.length === 0 ? [] : ["-G", groups.join(",")]),
    ...(comment === undefined ? [] : ["-c", comment]),
    ...(home === undefined ? [] : ["-d", home]),
    ...(shell === undefined ? [] : ["-s", shell]),
    withHome ? "-m" : "-M",
  ];
  // A home below directories that are not there yet: useradd would make only the last one.
  return home === undefined || !withHome ? sh`useradd ${flags} ${name}` : sh`mkdir -p -- ${home.replace(/\/[^/]*$/, "") || "/"} && useradd ${flags} ${name}`;
}

function adduser({ name, uid, group, groups = [], home, shell, comment, system, create_home: withHome }: UserArgs): Script {
  const flags = [
    "-D",
    ...(system ? ["-S"] : []),
    ...(withHome ? [] : ["-H"]),
    ...(uid === undefined ? [] : ["-u", uid]),
    ...(group === undefined ? [] : ["-G", group]),
    ...(comment === undefined ? [] : ["-g", comment]),
    ...(home === undefined ? [] : ["-h", home]),
    ...(shell === undefined ? [] : ["-s", shell]),
  ];
  return groups.reduce((script, each) => sh`${script} && addgroup ${name} ${each}`, sh`adduser ${flags} ${name}`);
}

function changed(args: UserArgs, seen: UserSeen, entry: Entry): Change[] {
  const { name, password, password_lock: lock } = args;
  const fields = changedFields(args, seen, entry);
  if (fields.length > 0) refuseTools(seen, "shadow");
  const wantsPassword = password !== undefined && args.update_password === "always" && !seen.samePassword;
  const locks = lock !== undefined && lock !== seen.locked && !wantsPassword && !seen.passwordless;
  if (locks) refuseTools(seen, "shadow");
  return [
    ...fields,
    ...groupsChange(args, seen),
    ...(wantsPassword ? [passwordChange(name, password, lock ?? seen.locked, "the hash before is not kept")] : []),
    ...(locks ? [lockChange(name, lock, sh`usermod ${lock ? "-U" : "-L"} ${name}`)] : []),
    ...homeMade(args, seen, entry),
  ];
}

function changedFields(args: UserArgs, { wanted }: UserSeen, entry: Entry): Change[] {
  const { name, uid, group, comment, home, shell, move_home: moves, non_unique: shared } = args;
  const gid = group === undefined ? undefined : (wanted.get(group) ?? undefined);
  const rows: readonly (readonly [string, string | number | undefined, string | number, readonly string[]])[] = [
    ["number", uid, entry.uid, ["-u"]],
    ["group", gid, entry.gid, ["-g"]],
    ["comment", comment, entry.comment, ["-c"]],
    ["home", home, entry.home, ["-d"]],
    ["shell", shell, entry.shell, ["-s"]],
  ];
  const more: Readonly<Record<string, readonly string[]>> = { number: shared ? ["-o"] : [], home: moves ? ["-m"] : [] };
  return rows.flatMap(([what, after, before, flag]) => {
    if (after === undefined || after === before) return [];
    const steps = (to: string | number) => sh`usermod ${[...flag, to, ...(more[what] ?? [])]} ${name}`;
    return [accountChange(`change the ${what} of ${name} from ${before === "" ? "nothing" : before} to ${after}`, steps(after), steps(before), { before, after })];
  });
}

function groupsChange({ name, groups, append }: UserArgs, seen: UserSeen): Change[] {
  if (groups === undefined) return [];
  const gids = groups.map((each) => seen.wanted.get(each));
  const joined = groups.filter((each) => ![...seen.groups.map(({ gid }) => gid), seen.entry?.gid].includes(seen.wanted.get(each) ?? NaN));
  const left = append ? [] : seen.groups.filter(({ gid }) => !gids.includes(gid)).map((each) => each.name);
  if (joined.length + left.length === 0) return [];
  const title = [...(joined.length > 0 ? [`put ${name} into ${joined.join(", ")}`] : []), ...(left.length > 0 ? [`take ${name} out of ${left.join(", ")}`] : [])].join(" and ");
  const [before, after] = [seen.groups.map((each) => each.name), append ? [...seen.groups.map((each) => each.name), ...joined] : groups];
  if (seen.tools === "shadow") return [accountChange(title, sh`usermod -G ${after.join(",")} ${name}`, sh`usermod -G ${before.join(",")} ${name}`, { before: [...before], after: [...after] })];
  const busybox = (to: readonly string[], from: readonly string[]) => [...to.map((each) => sh`addgroup ${name} ${each} &&`), ...from.map((each) => sh`delgroup ${name} ${each} &&`)].reduceRight((rest, each) => sh`${each} ${rest}`, sh`:`);
  return [accountChange(title, busybox(joined, left), busybox(left, joined), { before: [...before], after: [...after] })];
}

/** On stdin, since a hash in an argument list is there for everybody to see. */
function passwordChange(name: string, password: Secret, locked: boolean, undo: string | readonly []): Change {
  const hash = password.reveal().replace(/^!+/, "");
  const title = `change the password of ${name}`;
  return { title, steps: [run(sh`chpasswd -e`, { stdin: `${name}:${locked ? "!" : ""}${hash}\n`, title })], undo: typeof undo === "string" ? { impossible: undo } : undo };
}

function lockChange(name: string, lock: boolean, undo: Script | readonly []): Change {
  const title = `${lock ? "lock" : "unlock"} the password of ${name}`;
  return { title, steps: [run(sh`usermod ${lock ? "-L" : "-U"} ${name}`, { title })], undo: "kind" in undo ? [run(undo, { title: `take back: ${title}` })] : [] };
}

/** /nonexistent is Debian's word for a home that is not to be (Debian policy, 9.2.3). */
function homeMade({ name, create_home: withHome, home: wanted, move_home: moves }: UserArgs, { homeThere }: UserSeen, entry: Entry): Change[] {
  const home = wanted ?? entry.home;
  if (!withHome || homeThere || home === "" || home === "/nonexistent" || (moves && home !== entry.home)) return [];
  const make = sh`
    mode=$(sed -n 's/^HOME_MODE[[:blank:]]*//p' /etc/login.defs 2>/dev/null)
    mkdir -p -- ${home} && { [ ! -d /etc/skel ] || cp -R /etc/skel/. ${home}; } && chown -R ${name}: ${home} && chmod -- "\${mode:-0755}" ${home}
  `;
  return [accountChange(`make the home ${home} of ${name}`, make, sh`rm -r -- ${home}`)];
}

/** The hash of a password is not kept, so only a user without one can come back. */
function removed({ name, remove, force }: UserArgs, seen: UserSeen, entry: Entry): Change {
  refuseTools(seen, "any");
  const flags = [...(remove ? ["-r"] : []), ...(force ? ["-f"] : [])];
  const script = seen.tools === "shadow" ? sh`userdel ${flags} ${name}` : sh`deluser ${remove ? ["--remove-home"] : []} ${name}`;
  const title = remove ? `remove the user ${name} and its home` : `remove the user ${name}`;
  if (remove || !seen.passwordless || seen.tools !== "shadow") return accountChange(title, script, remove ? "the home is gone" : "the hash of the password is not kept");
  const own = seen.namesake === entry.gid ? sh`getent group ${name} >/dev/null || groupadd -g ${entry.gid} ${name} &&` : sh``;
  const groups = seen.groups.length === 0 ? [] : ["-G", seen.groups.map((each) => each.name).join(",")];
  const again = sh`${own} useradd -M -u ${entry.uid} -o -g ${entry.gid} ${groups} -c ${entry.comment} -d ${entry.home} -s ${entry.shell} ${name}`;
  return accountChange(title, script, again);
}
