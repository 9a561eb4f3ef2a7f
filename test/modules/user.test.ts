import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../src/core/secret.ts";
import { verbatim } from "../../src/core/sh.ts";
import type { RunStep } from "../../src/core/step.ts";
import { user } from "../../src/modules/user.ts";
import { planner, syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

type Seen = ReturnType<typeof user.parse>;

const { bind, titles, refusal, badArguments, scripts } = planner(user, { name: "ada" });

const missing: Seen = { tools: "shadow", isRoot: true, groups: [], wanted: new Map(), homeThere: false, samePassword: false, locked: false, passwordless: false };
const entry = { uid: 1000, gid: 1000, comment: "Ada", home: "/home/ada", shell: "/bin/sh" };
const there: Seen = { ...missing, entry, groups: [{ gid: 27, name: "sudo" }, { gid: 4, name: "adm" }], homeThere: true, namesake: 1000 };
const wanting = (...groups: [string, number | null][]) => new Map(groups);
const hash = "$6$salt$hash";

test.each<[string, Record<string, unknown>, Seen, string[]]>([
  ["missing", {}, missing, ["make the user ada"]],
  ["missing, with a password", { password: hash, password_lock: true }, missing, ["make the user ada", "change the password of ada"]],
  ["missing, to be locked", { password_lock: true }, missing, ["make the user ada", "lock the password of ada"]],
  ["there", { shell: "/bin/sh", comment: "Ada", uid: 1000, home: "/home/ada" }, { ...there, taken: "ada" }, []],
  ["another shell and number", { uid: 1001, shell: "/bin/bash" }, there, ["change the number of ada from 1000 to 1001", "change the shell of ada from /bin/sh to /bin/bash"]],
  ["no comment any more", { comment: "" }, there, ["change the comment of ada from Ada to "]],
  ["another group of its own", { group: "staff" }, { ...there, wanted: wanting(["staff", 50]) }, ["change the group of ada from 1000 to 50"]],
  ["its own group, by number", { group: 1000 }, { ...there, wanted: wanting(["1000", 1000]) }, []],
  ["all its groups", { groups: ["adm", "sudo"] }, { ...there, wanted: wanting(["adm", 4], ["sudo", 27]) }, []],
  ["another group", { groups: "adm, docker" }, { ...there, wanted: wanting(["adm", 4], ["docker", 99]) }, ["put ada into docker and take ada out of sudo"]],
  ["another group beside the others", { groups: ["docker"], append: true }, { ...there, wanted: wanting(["docker", 99]) }, ["put ada into docker"]],
  ["a group that it has, beside the others", { groups: ["sudo"], append: true }, { ...there, wanted: wanting(["sudo", 27]) }, []],
  ["its own group among them", { groups: ["ada"], append: true }, { ...there, wanted: wanting(["ada", 1000]) }, []],
  ["no other groups", { groups: "" }, there, ["take ada out of sudo, adm"]],
  ["the password", { password: hash }, { ...there, samePassword: true }, []],
  ["another password", { password: hash }, there, ["change the password of ada"]],
  ["another password, only for new users", { password: hash, update_password: "on_create" }, there, []],
  ["to be locked", { password_lock: true }, there, ["lock the password of ada"]],
  ["to be unlocked", { password_lock: false }, { ...there, locked: true }, ["unlock the password of ada"]],
  ["to be unlocked, and there is nothing to unlock", { password_lock: false }, { ...there, locked: true, passwordless: true }, []],
  ["its home is gone", {}, { ...there, homeThere: false }, ["make the home /home/ada of ada"]],
  ["its home is gone, and need not be", { create_home: false }, { ...there, homeThere: false }, []],
  ["a home that is not to be", {}, { ...there, homeThere: false, entry: { ...entry, home: "/nonexistent" } }, []],
  ["another home", { home: "/srv/ada" }, { ...there, homeThere: false }, ["change the home of ada from /home/ada to /srv/ada", "make the home /srv/ada of ada"]],
  ["another home, with all that is in it", { home: "/srv/ada", move_home: true }, { ...there, homeThere: false }, ["change the home of ada from /home/ada to /srv/ada"]],
  ["absent: there", { state: "absent" }, there, ["remove the user ada"]],
  ["absent: there, and its home", { state: "absent", remove: true }, there, ["remove the user ada and its home"]],
  ["absent: missing", { state: "absent" }, missing, []],
  ["as it should be, for anybody", {}, { ...there, isRoot: false, tools: "none" }, []],
  ["groups, with busybox", { groups: ["docker"] }, { ...there, tools: "busybox", wanted: wanting(["docker", 99]) }, ["put ada into docker and take ada out of sudo, adm"]],
])("%s", (_, raw, seen, expected) => {
  expect(titles(raw, seen)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, Seen, string]>([
  ["not root", {}, { ...missing, isRoot: false }, "only root may change users and groups"],
  ["no tools", {}, { ...missing, tools: "none" }, "nothing on this host makes users and groups"],
  ["no such group", { group: "staff" }, { ...missing, wanted: wanting(["staff", null]) }, 'there is no group "staff" on this host'],
  ["none of the other groups", { groups: ["docker"] }, { ...there, wanted: wanting(["docker", null]) }, 'there is no group "docker" on this host'],
  ["another's number", { uid: 1001 }, { ...there, taken: "grace" }, "the number 1001 is that of the user grace"],
  ["what busybox cannot change", { shell: "/bin/bash" }, { ...there, tools: "busybox" }, "busybox can make and remove users and groups, but not change them"],
])("refused: %s", (_, raw, seen, message) => {
  expect(refusal(raw, seen)).toMatchObject({ code: "E_REFUSED", message });
});

test.each<[Record<string, unknown>, string]>([
  [{ name: "12" }, 'user: "name" must be a name of letters, digits, _, - and .'],
  [{ remove: true }, 'user: "remove" and "force" are for state: absent'],
  [{ name: "root", state: "absent" }, "user: root cannot be removed"],
  [{ password: "a:b" }, 'user: "password" must be a hash, which has no : and is one line'],
  [{ comment: "a\nb" }, 'user: "comment" must be one line without :'],
  [{ groups: ["a b"] }, 'user: "groups[0]" must be a name of letters, digits, _, - and .'],
  [{ shell: "bash" }, 'user: "shell" must be an absolute path'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

const lines = (steps: unknown) => (steps as RunStep[]).map(({ script }) => script.text.replace(/ +/g, " ").trim());

test.each<[string, Record<string, unknown>, Seen, string, string]>([
  ["made", { uid: 7, groups: ["adm", "sudo"], comment: "it's", shell: "/bin/bash" }, { ...missing, wanted: wanting(["adm", 4], ["sudo", 27]) }, "useradd -u 7 -G adm,sudo -c 'it'\\''s' -s /bin/bash -m ada", "userdel -r ada"],
  ["made for the system, where a group has its name", { system: true, create_home: false }, { ...missing, namesake: 990 }, "useradd -r -g ada -M ada", "userdel ada && { getent group ada >/dev/null || groupadd -g 990 ada; }"],
  ["made in a home that is there", { home: "/srv/app" }, { ...missing, homeThere: true }, "mkdir -p -- /srv && useradd -d /srv/app -m ada", "userdel ada"],
  ["made by busybox", { groups: ["adm"], shell: "/bin/ash" }, { ...missing, tools: "busybox", wanted: wanting(["adm", 4]) }, "adduser -D -s /bin/ash ada && addgroup ada adm", "deluser --remove-home ada"],
  ["put into a group", { groups: ["docker"], append: true }, { ...there, wanted: wanting(["docker", 99]) }, "usermod -G sudo,adm,docker ada", "usermod -G sudo,adm ada"],
  ["moved", { home: "/srv/ada", move_home: true }, there, "usermod -d /srv/ada -m ada", "usermod -d /home/ada -m ada"],
  ["removed, without a password", { state: "absent" }, { ...there, locked: true, passwordless: true }, "userdel ada", "getent group ada >/dev/null || groupadd -g 1000 ada && useradd -M -u 1000 -o -g 1000 -G sudo,adm -c Ada -d /home/ada -s /bin/sh ada"],
])("%s, and taken back", (_, raw, seen, done, undone) => {
  const [change] = user.plan(bind(raw), seen);
  expect([lines(change!.steps), lines(change!.undo)]).toEqual([[done], [undone]]);
});

test("a password goes by stdin, and keeps its lock", () => {
  const [change] = user.plan(bind({ password: new Secret(hash) }), { ...there, locked: true });
  expect(change!.steps).toEqual([expect.objectContaining({ script: verbatim("chpasswd -e"), stdin: `ada:!${hash}\n` })]);
  expect(change!.undo).toEqual({ impossible: "the hash before is not kept" });
});

test("who had a password does not come back", () => {
  expect(user.plan(bind({ state: "absent" }), there)[0]!.undo).toEqual({ impossible: "the hash of the password is not kept" });
});

describe.each(shells)("on this machine, under %s", (_, shell) => {
  const look = (raw: Record<string, unknown>) => user.parse(answerOf(shell, user.observe(bind(raw))), bind(raw));

  test.each<[Record<string, unknown>, object]>([
    [{ name: "root", group: "daemon", groups: ["no-such-group"] }, { entry: { uid: 0, gid: 0, home: "/root" }, homeThere: true, namesake: 0, wanted: wanting(["daemon", 1], ["no-such-group", null]) }],
    [{ name: "no-such-user", uid: 0, home: "/no/such" }, { taken: "root", homeThere: false, groups: [] }],
  ])("%j", (raw, expected) => {
    expect(look(raw)).toMatchObject(expected);
    expect("entry" in look(raw)).toBe("entry" in expected);
  });

  test.each<[string, string, object]>([
    [`!${hash}`, hash, { locked: true, samePassword: true, passwordless: false }],
    [hash, `!${hash}`, { locked: false, samePassword: true, passwordless: false }],
    ["!", "*", { locked: true, samePassword: false, passwordless: true }],
    ["*", "*", { locked: false, samePassword: true, passwordless: true }],
    ["!!", "", { locked: true, samePassword: true, passwordless: true }],
  ])("where shadow says %s and %s is wanted", (stored, password, expected) => {
    const home = mkdtempSync(join(tmpdir(), "bowline-user-"));
    writeFileSync(join(home, "shadow"), `daemon:x:1::::::\nroot:${stored}:1:0:99999:7:::\n`);
    const script = verbatim(user.observe(bind({ name: "root", password })).text.replaceAll("/etc/shadow", join(home, "shadow")));
    const seen = user.parse(answerOf(shell, script), bind({}));
    rmSync(home, { recursive: true });
    expect(seen).toMatchObject(expected);
  });
});

test("every shell can read the scripts", () => {
  const wanted = wanting(["docker", 99], ["staff", 50]);
  const odd = { comment: "it's $(x)", home: "/srv/it's", groups: ["docker"], group: "staff", shell: "/bin/a b" };
  const all = [scripts(odd, { ...missing, wanted }), scripts(odd, { ...missing, wanted, tools: "busybox" }), scripts(odd, { ...there, wanted, homeThere: false }), scripts({ groups: ["docker"] }, { ...there, wanted, tools: "busybox" })];
  expect(syntaxErrors([...all.flat(), ...scripts({ state: "absent" }, { ...there, passwordless: true })])).toEqual([]);
});
