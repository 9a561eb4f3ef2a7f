import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { joinScripts, sh } from "../../src/core/sh.ts";
import { observePath, parsePath, type Access } from "../../src/modules/_path.ts";
import { answerOf, shells } from "./_shells.ts";

let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "bowline-path-"));
});
afterAll(() => rmSync(home, { recursive: true }));

const names: [string, string][] = [
  ["plain", "plain"],
  ["with blanks", "a  b "],
  ["with quotes", `it's "quoted"`],
  ["with a newline", "a\nkind file"],
  ["that ends with a newline", "a\n"],
  ["with backslashes", "a\\nb\\\\"],
  ["with a leading dash", "-rf"],
  ["with what a shell would expand", "$(id) `id` *"],
  ["beyond ASCII", "größe ☃"],
];

describe.each(shells)("a path under %s", (_, shell) => {
  const look = (path: string, access: Access = {}) => parsePath(answerOf(shell, observePath(path, access))).seen;

  test.each(names)("a file %s, a link to it, and what is missing below it", (__, name) => {
    const directory = join(home, `${shell[0]} ${name}`);
    mkdirSync(directory);
    const file = join(directory, name);
    writeFileSync(file, "12345", { mode: 0o640 });
    symlinkSync(file, join(directory, "link"));
    symlinkSync(join(directory, name, "nowhere", "at all"), join(directory, "broken"));
    symlinkSync(join(directory, `${name}.new`), join(directory, "dangling"));
    expect(look(file)).toMatchObject({ kind: "file", stat: { mode: "0640", size: 5, owner: userInfo().username }, fixed: false, ancestor: { path: directory, kind: "directory", writable: true } });
    expect(look(join(directory, "link"))).toMatchObject({ kind: "file", target: file, ancestor: { path: directory } });
    expect(look(join(directory, "broken"))).toMatchObject({ kind: "missing", broken: join(directory, name, "nowhere", "at all") });
    expect(look(join(file, "below"))).toMatchObject({ kind: "missing", ancestor: { path: file, kind: "other" } });
    expect(look(join(directory, "not", "there"))).toMatchObject({ kind: "missing", ancestor: { path: directory, kind: "directory", writable: true } });
    expect(look(directory)).toMatchObject({ kind: "directory", ancestor: { path: home } });
    expect(look(join(directory, "dangling"))).toMatchObject({ kind: "missing", target: join(directory, `${name}.new`), ancestor: { path: directory } });
  });

  test("a link that leads to itself leads nowhere", () => {
    const path = join(home, `loop-${shell[0]}`);
    symlinkSync(path, path);
    expect(look(path)).toMatchObject({ kind: "missing", broken: path });
  });

  test("a link that leads into itself leads nowhere, which readlink never finds out", () => {
    const path = join(home, `into-itself-${shell[0]}`);
    symlinkSync(join(path, "inside"), path);
    expect(look(path)).toMatchObject({ kind: "missing", broken: join(path, "inside") });
  });

  test.each<[string, string]>([
    ["/", "directory"],
    ["/dev/null", "other"],
    ["/etc/passwd", "file"],
    ["/no-such-directory/at/all", "missing"],
  ])("%s: %s", (path, kind) => {
    expect(look(path)).toMatchObject({ kind, ancestor: { path: path === "/dev/null" ? "/dev" : path === "/etc/passwd" ? "/etc" : "/" } });
  });

  test.each<[Access, object]>([
    [{}, {}],
    [{ owner: "root", group: "root" }, { uid: 0, gid: 0 }],
    [{ owner: "4711", group: "4712" }, { uid: 4711, gid: 4712 }],
    [{ owner: "no-such-user", group: "no-such-group" }, { uid: null, gid: null }],
    [{ owner: "r..t", group: "r..t" }, { uid: null, gid: null }],
    [{ owner: "a*[b]\\^$", group: "a*[b]\\^$" }, { uid: null, gid: null }],
  ])("the ids of %j", (access, wanted) => {
    expect(look("/", access).wanted).toEqual(wanted);
  });

  test("who has the path already is not looked up; somebody else is", () => {
    const { uid, gid, username } = userInfo();
    const group = execFileSync("id", ["-gn"], { encoding: "utf8" }).trim();
    const [file, log] = [join(home, `${shell[0]}-owned`), join(home, `${shell[0]}-log`)];
    writeFileSync(file, "");
    writeFileSync(log, "");
    const listening = sh`
      getent() { echo "getent $*" >>${log}; command getent "$@"; }
      id() { [ "$*" = -un ] || echo "id $*" >>${log}; command id "$@"; }
    `;
    const wanted = (access: Access) => parsePath(answerOf(shell, joinScripts([listening, observePath(file, access)]))).seen.wanted;
    expect(wanted({ owner: username, group })).toEqual({ uid, gid });
    expect(readFileSync(log, "utf8")).toBe("");
    expect(wanted({ owner: "UNKNOWN", group: "no-such-group" })).toEqual({ uid: null, gid: null });
    expect(readFileSync(log, "utf8")).toBe("id -u -- UNKNOWN\ngetent group no-such-group\n");
  });

  test("the one who looks", () => {
    const { uid, gid, username } = userInfo();
    const { user } = look("/");
    expect(user).toMatchObject({ uid, name: username });
    expect(user.gids).toEqual(uid === 0 ? [] : expect.arrayContaining([gid]));
  });
});

test.each<[string, object]>([
  ["user 1000 ops\ngroups 1000 27 513", { name: "ops", uid: 1000, gids: [1000, 27, 513] }],
  ["user 4711 \ngroups 4711", { name: "4711", uid: 4711, gids: [4711] }],
  ["user 5000 john doe\ngroups 5000", { name: "john doe", uid: 5000, gids: [5000] }],
  ["user 0 root", { name: "root", uid: 0, gids: [] }],
])("%j", (lines, user) => {
  expect(parsePath({ code: 0, stdout: `kind missing\nancestor directory yes /\n${lines}\n`, stderr: "" }).seen.user).toEqual(user);
});

test("a look that fails says why", () => {
  expect(() => parsePath({ code: 1, stdout: "kind file\n", stderr: "stat: cannot stat '/a': Input/output error\n" })).toThrow("looking at the path failed: stat: cannot stat '/a': Input/output error");
});
