import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bindArgs } from "../../src/modules/bind.ts";
import { directory } from "../../src/modules/directory.ts";
import { planner, syntaxErrors } from "./_planner.ts";
import { answerOf, performed, shells } from "./_shells.ts";

type Seen = ReturnType<typeof directory.parse>;

const { bind, titles, refusal, badArguments, state, scripts } = planner(directory, { path: "/srv/data" });

const there = { mode: "0755", uid: 0, gid: 0, owner: "root", group: "root", size: 4096 };
const missing: Seen = {
  kind: "missing",
  fixed: false,
  ancestor: { path: "/srv", kind: "directory", writable: true },
  user: { name: "root", uid: 0, gids: [0] },
  wanted: {},
  inside: [],
  mounted: [],
};
const seen = (more: Partial<Seen> = {}): Seen => ({ ...missing, kind: "directory", stat: there, ...more });
const ops: Seen["user"] = { name: "ops", uid: 1000, gids: [1000, 27] };
const absent = { state: "absent" };

test.each<[string, Record<string, unknown>, Seen, string[]]>([
  ["missing", {}, missing, ["make the directory /srv/data"]],
  ["there", {}, seen(), []],
  ["there, with the mode", { mode: "755" }, seen(), []],
  ["another mode", { mode: "0700" }, seen(), ["change the mode of /srv/data from 0755 to 0700"]],
  ["a set-group-ID bit that is not wanted", { mode: "0755" }, seen({ stat: { ...there, mode: "2755" } }), ["change the mode of /srv/data from 2755 to 0755"]],
  ["another owner", { owner: "ops" }, seen({ wanted: { uid: 1000 } }), ["change the owner of /srv/data from root:root to ops:root"]],
  ["another group, by number", { group: 27 }, seen({ wanted: { gid: 27 } }), ["change the owner of /srv/data from root:root to root:27"]],
  ["the same owner under a number", { owner: 0 }, seen({ wanted: { uid: 0 } }), []],
  ["owner and mode", { owner: "ops", mode: "0700" }, seen({ wanted: { uid: 1000 } }), ["change the owner of /srv/data from root:root to ops:root", "change the mode of /srv/data from 0755 to 0700"]],
  ["a link to a directory", { mode: "0755" }, seen({ target: "/mnt/data" }), []],
  ["what is inside does not matter", {}, seen({ inside: ["a"] }), []],
  ["its owner changes the mode", { mode: "0700" }, seen({ user: ops, stat: { ...there, uid: 1000 } }), ["change the mode of /srv/data from 0755 to 0700"]],
  ["its owner gives it to a group of his", { group: "sudo" }, seen({ user: ops, stat: { ...there, uid: 1000 }, wanted: { gid: 27 } }), ["change the owner of /srv/data from root:root to root:sudo"]],
  ["absent: missing", absent, missing, []],
  ["absent: a file on the way", absent, { ...missing, ancestor: { path: "/srv", kind: "other", writable: false } }, []],
  ["absent: empty", absent, seen(), ["remove the directory /srv/data"]],
  ["absent: not empty, with recurse", { ...absent, recurse: true }, seen({ inside: ["a"] }), ["remove the directory /srv/data and all that is in it"]],
  ["absent: not empty, to be kept", { ...absent, not_empty: "keep" }, seen({ inside: ["a"] }), []],
  ["absent: a mountpoint, to be kept", { ...absent, not_empty: "keep" }, seen({ mounted: ["/srv/data"] }), []],
  ["absent: empty, not to be kept", { ...absent, not_empty: "keep" }, seen(), ["remove the directory /srv/data"]],
])("%s", (_, raw, observation, expected) => {
  expect(titles(raw, observation)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, Seen, string]>([
  ["a file", {}, seen({ kind: "file" }), "/srv/data is there and is no directory"],
  ["a device", {}, seen({ kind: "other" }), "/srv/data is there and is no directory"],
  ["a link to nothing", {}, { ...missing, target: "/mnt/data" }, "/srv/data is a symbolic link, and nothing is where it leads"],
  ["a link that leads nowhere", {}, { ...missing, broken: "../a/b" }, "/srv/data is a symbolic link that leads nowhere"],
  ["a file on the way", {}, { ...missing, ancestor: { path: "/srv", kind: "other", writable: true } }, "/srv is not a directory, so nothing can be in it"],
  ["a closed directory on the way", {}, { ...missing, user: ops, ancestor: { path: "/srv", kind: "closed", writable: false } }, "ops may not look into /srv"],
  ["a parent of somebody else", {}, { ...missing, user: ops, ancestor: { path: "/srv", kind: "directory", writable: false } }, "ops may not write in /srv"],
  ["a read-only parent", {}, { ...missing, ancestor: { path: "/srv", kind: "directory", writable: false } }, "root may not write in /srv"],
  ["an unknown owner", { owner: "nobdy" }, { ...missing, wanted: { uid: null } }, 'there is no user "nobdy" on this host'],
  ["an unknown group", { group: "nogrp" }, seen({ wanted: { gid: null } }), 'there is no group "nogrp" on this host'],
  ["giving away without root", { owner: "root" }, { ...missing, user: ops, wanted: { uid: 0 } }, "ops may not give /srv/data to root"],
  ["another's directory", { mode: "0700" }, seen({ user: ops }), "/srv/data belongs to root, and ops may not change it"],
  ["a group of others", { group: "adm" }, seen({ user: ops, stat: { ...there, uid: 1000 }, wanted: { gid: 4 } }), "ops may not give /srv/data to the group adm"],
  ["a read-only filesystem", { mode: "0700" }, seen({ fixed: true }), "/srv/data cannot be changed, even by root"],
  ["absent: not empty", absent, seen({ inside: ["a", "b"] }), "/srv/data is not empty"],
  ["absent: a mountpoint", absent, seen({ mounted: ["/srv/data"] }), "something is mounted at /srv/data"],
  ["absent: a mountpoint below, with recurse", { ...absent, recurse: true }, seen({ inside: ["a"], mounted: ["/srv/data/a"] }), "something is mounted at /srv/data/a"],
  ["absent: a mountpoint below, with recurse, to be kept", { ...absent, recurse: true, not_empty: "keep" }, seen({ inside: ["a"], mounted: ["/srv/data/a"] }), "something is mounted at /srv/data/a"],
  ["absent: a file", absent, seen({ kind: "file" }), "/srv/data is there and is no directory"],
  ["absent: a link to a directory", { ...absent, recurse: true }, seen({ target: "/mnt/data" }), "/srv/data is a symbolic link"],
  ["absent: a broken link", absent, { ...missing, broken: "x" }, "/srv/data is a symbolic link"],
  ["absent: nobody can tell", absent, { ...missing, user: ops, ancestor: { path: "/srv", kind: "closed", writable: false } }, "ops may not look into /srv"],
  ["absent: a parent of somebody else", absent, seen({ user: ops, ancestor: { path: "/srv", kind: "directory", writable: false } }), "ops may not write in /srv"],
])("refused: %s", (_, raw, observation, message) => {
  expect(refusal(raw, observation)).toMatchObject({ code: "E_REFUSED", message });
});

test.each<[Record<string, unknown>, string]>([
  [{ path: "srv" }, 'directory: "path" must be an absolute path'],
  [{ path: "/srv/../etc" }, 'directory: "path" must not contain ..'],
  [{ mode: 755 }, 'directory: "mode" must be octal digits in quotes, like "0644"'],
  [{ mode: "u=rwx" }, 'directory: "mode" must be octal digits in quotes, like "0644"'],
  [{ owner: "a b" }, 'directory: "owner" must be a name, or a number'],
  [{ owner: "a:b" }, 'directory: "owner" must be a name, or a number'],
  [{ owner: "-R" }, 'directory: "owner" must be a name, or a number'],
  [{ path: "/", state: "absent", recurse: true }, "directory: / cannot be removed"],
  [{ owner: "ops", recurse: true }, "directory: recurse removes what is inside, with state: absent; owner and mode of what is inside are never changed"],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test.each(["ops", "svc@corp.example.com", "www-data", "0", "DOMAIN\\user", "größe", "machine$"])("the owner %s is a name", (owner) => {
  expect(badArguments({ owner })).toBeUndefined();
});

test.each<[string, Record<string, unknown>, Seen, object]>([
  ["as it should be", { mode: "0755" }, seen(), { state: "n/a", label: "/srv/data", remarks: [] }],
  ["missing", {}, missing, { state: "down", label: "/srv/data", remarks: ["would make the directory /srv/data"] }],
  ["another mode", { mode: "0700" }, seen(), { state: "warn", label: "/srv/data", remarks: ["would change the mode of /srv/data from 0755 to 0700"] }],
  ["a file", {}, seen({ kind: "file" }), { state: "warn", label: "/srv/data", remarks: ["/srv/data is there and is no directory"] }],
])("status: %s", (_, raw, observation, expected) => {
  expect(state(raw, observation)).toEqual(expected);
});

test.each<[Record<string, unknown>]>([[{ mode: "0700" }], [{ ...absent, recurse: true }]])("down of %j never removes what is inside", (raw) => {
  const args = directory.down!(bind(raw));
  expect(directory.plan(args, seen({ inside: ["precious"] }))).toEqual([]);
  expect(directory.plan(args, seen()).map((change) => change.title)).toEqual(["remove the directory /srv/data"]);
});

test("every shell can read the scripts", () => {
  const odd = { path: "/srv/it's \"odd\"\n$(x)", mode: "0700", owner: "ops", group: "ops" };
  const wanted = { uid: 1000, gid: 1000 };
  expect(syntaxErrors([...scripts(odd, { ...missing, wanted }), ...scripts(odd, seen({ wanted })), ...scripts({ ...odd, ...absent }, seen()), ...scripts({ ...odd, ...absent, recurse: true }, seen({ inside: ["a"] }))])).toEqual([]);
});

describe.each(shells)("on this machine, under %s", (_, shell) => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "bowline-directory-"))));
  afterEach(() => rmSync(home, { recursive: true }));

  const at = { file: "x.yml", line: 1, column: 1 };
  const argsOf = (raw: Record<string, unknown>) => bindArgs(directory, raw, () => at, at);
  const look = (raw: Record<string, unknown>) => directory.parse(answerOf(shell, directory.observe(argsOf(raw))), argsOf(raw));
  const converge = (raw: Record<string, unknown>) => {
    const before = look(raw);
    const changes = directory.plan(argsOf(raw), before);
    for (const change of changes) expect(performed(shell, change.steps).at(-1)).toMatchObject({ code: 0, stderr: "" });
    expect(directory.plan(argsOf(raw), look(raw))).toEqual([]);
    const undo = () => {
      for (const change of changes.toReversed()) if ("length" in change.undo) expect(performed(shell, change.undo).at(-1)).toMatchObject({ code: 0, stderr: "" });
      expect(look(raw)).toEqual(before);
    };
    return { titles: changes.map((change) => change.title), undo };
  };

  test.each(["plain", "a  b", "it's", "a\nb", "-p", "$HOME *"])("%j is made with its parents, and undone with them", (name) => {
    const path = join(home, "x", "y", name);
    const { titles: done, undo } = converge({ path, mode: "2750" });
    expect(done).toEqual([`make the directory ${path}`]);
    expect(statSync(path).mode & 0o7777).toBe(0o2750);
    undo();
    expect(() => statSync(join(home, "x"))).toThrow("ENOENT");
  });

  test("undo leaves a parent in which something else has been made since", () => {
    const path = join(home, "x", "y");
    const raw = { path };
    const [change] = directory.plan(argsOf(raw), look(raw));
    performed(shell, change!.steps);
    writeFileSync(join(home, "x", "other"), "");
    expect(performed(shell, change!.undo as never).at(-1)!.code).toBe(0);
    expect(look(raw)).toMatchObject({ kind: "missing", ancestor: { path: join(home, "x") } });
  });

  test("a mode without the set-group-ID bit takes it away", () => {
    const path = join(home, "d");
    mkdirSync(path);
    converge({ path, mode: "2755" }).undo();
    converge({ path, mode: "2755" });
    expect(converge({ path, mode: "0755" }).titles).toEqual([`change the mode of ${path} from 2755 to 0755`]);
  });

  test("an empty directory is removed and comes back with its mode; one that holds only a newline is not empty", () => {
    const path = join(home, "d");
    mkdirSync(path, { mode: 0o710 });
    converge({ path, state: "absent" }).undo();
    expect(statSync(path).mode & 0o7777).toBe(0o710);
    mkdirSync(join(path, "\n"));
    expect(() => converge({ path, state: "absent" })).toThrow(`${path} is not empty`);
    expect(converge({ path, state: "absent", recurse: true }).titles).toEqual([`remove the directory ${path} and all that is in it`]);
  });

  test("what is mounted below is seen through links", () => {
    symlinkSync("/", join(home, "root"));
    expect(look({ path: join(home, "root", "proc"), state: "absent" }).mounted).toContain("/proc");
    expect(look({ path: home, state: "absent" }).mounted).toEqual([]);
  });
});
