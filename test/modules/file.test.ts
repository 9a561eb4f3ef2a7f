import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { file } from "../../src/modules/file.ts";
import { planner, syntaxErrors } from "./_planner.ts";
import { answerOf, performed, shells } from "./_shells.ts";

type Seen = ReturnType<typeof file.parse>;

const { bind, titles, refusal, badArguments, state, scripts } = planner(file, { path: "/srv/app" });

const stat = { mode: "0644", uid: 0, gid: 0, owner: "root", group: "root", size: 4 };
const missing: Seen = {
  kind: "missing",
  fixed: false,
  ancestor: { path: "/srv", kind: "directory", writable: true },
  user: { name: "root", uid: 0, gids: [0] },
  wanted: {},
  inside: [],
  mounted: [],
  place: true,
  same: false,
  tree: [],
};
const there = (more: Partial<Seen> = {}): Seen => ({ ...missing, kind: "file", stat, text: "old\n", ...more });
const directory = (more: Partial<Seen> = {}): Seen => ({ ...missing, kind: "directory", stat: { ...stat, mode: "0755" }, ...more });
const linked = (more: Partial<Seen> = {}): Seen => ({ ...missing, kind: "file", stat, target: "/srv/v1", link: { text: "v1", uid: 0, gid: 0 }, ...more });
const link = { state: "link", src: "v2" };
const hard = { state: "hard", src: "/srv/v2" };
const tree = (...each: [number, number, number, number][]): Seen["tree"] => each.map(([count, bits, uid, gid]) => ({ count, bits, uid, gid }));
const all = { state: "directory", recurse: true };
const still = { modification_time: "preserve", access_time: "preserve" };

test.each<[string, Record<string, unknown>, Seen, string[]]>([
  ["there, and nothing is said", {}, there(), []],
  ["only its mode", { mode: "a+x" }, there(), ["change the mode of /srv/app from 0644 to 0755"]],
  ["a directory's mode, in symbols", { mode: "u=rwX,g=rX,o=" }, directory(), ["change the mode of /srv/app from 0755 to 0750"]],
  ["file", { state: "file", owner: "ops" }, there({ wanted: { uid: 1000 } }), ["change the owner of /srv/app from root:root to ops:root"]],
  ["directory: missing", { state: "directory" }, missing, ["make the directory /srv/app"]],
  ["directory: there", { state: "directory", mode: "0755" }, directory(), []],
  ["directory: a link to one", { state: "directory" }, linked({ kind: "directory" }), []],
  ["recurse: all as it should be", { ...all, mode: "u=rwX,go=rX" }, directory({ tree: tree([3, 0o100644, 0, 0], [2, 0o040755, 0, 0]) }), []],
  ["recurse: some are not", { ...all, mode: "u=rwX,go=" }, directory({ tree: tree([3, 0o100644, 0, 0], [1, 0o100700, 0, 0]) }), ["change the mode of /srv/app from 0755 to 0700", "change the mode of 3 things in /srv/app"]],
  ["recurse: the same for all", { ...all, mode: "0755" }, directory({ tree: tree([1, 0o100644, 0, 0], [1, 0o040755, 0, 0]) }), ["change the mode of 1 thing in /srv/app"]],
  ["recurse: owners", { ...all, owner: "ops", group: "ops" }, directory({ wanted: { uid: 0, gid: 7 }, tree: tree([1, 0o100644, 5, 7], [2, 0o100644, 0, 0], [4, 0o100644, 0, 7]) }), ["change the owner of /srv/app from root:root to ops:ops", "change the owner of 3 things in /srv/app"]],
  ["recurse without a state", { recurse: true }, missing, ["make the directory /srv/app"]],
  ["link: missing", link, { ...missing, source: stat }, ["make the link /srv/app to v2"]],
  ["link: there", { ...link, src: "v1" }, linked({ source: stat }), []],
  ["link: to what is gone by now", { ...link, src: "v1" }, linked({ kind: "missing" }), []],
  ["link: leads elsewhere", link, linked({ source: stat }), ["lead /srv/app to v2, not to v1"]],
  ["link: nothing there, by force", { ...link, force: true }, missing, ["make the link /srv/app to v2"]],
  ["link: a file there, by force", { ...link, force: true }, there({ source: stat }), ["make the link /srv/app to v2"]],
  ["link: an empty directory there, by force", { ...link, force: true }, directory({ source: stat }), ["make the link /srv/app to v2"]],
  ["link: the owner of what it leads to", { ...link, owner: "ops" }, linked({ source: stat, wanted: { uid: 1000 } }), ["lead /srv/app to v2, not to v1", "change the owner of /srv/app from root:root to ops:root"]],
  ["link: its own owner", { ...link, src: "v1", follow: false, owner: "ops" }, linked({ source: stat, wanted: { uid: 1000 } }), ["change the owner of the link /srv/app"]],
  ["link: its own owner is right", { ...link, src: "v1", follow: false, owner: "root" }, linked({ source: stat, wanted: { uid: 0 } }), []],
  ["hard: missing", hard, { ...missing, source: stat }, ["make the hard link /srv/app to /srv/v2"]],
  ["hard: there", hard, there({ source: stat, same: true }), []],
  ["hard: a symbolic link there, by force", { ...hard, force: true }, linked({ source: stat, same: true }), ["make the hard link /srv/app to /srv/v2"]],
  ["touch: missing", { state: "touch" }, missing, ["make the empty file /srv/app"]],
  ["touch: there", { state: "touch", mode: "0600" }, there(), ["change the mode of /srv/app from 0644 to 0600", "touch /srv/app"]],
  ["touch: only there", { state: "touch", ...still }, there(), []],
  ["absent: missing", { state: "absent" }, missing, []],
  ["absent: a file", { state: "absent" }, there(), ["remove the file /srv/app"]],
  ["absent: a link, not what it leads to", { state: "absent" }, linked({ kind: "directory", inside: ["a"] }), ["remove the link /srv/app"]],
  ["absent: a broken link", { state: "absent" }, linked({ kind: "missing" }), ["remove the link /srv/app"]],
  ["absent: empty", { state: "absent" }, directory(), ["remove the directory /srv/app"]],
  ["absent: not empty", { state: "absent" }, directory({ inside: ["a"] }), ["remove the directory /srv/app and all that is in it"]],
])("%s", (_, raw, seen, expected) => {
  expect(titles(raw, seen)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, Seen, string]>([
  ["nothing there", { mode: "0600" }, missing, "/srv/app does not exist"],
  ["nothing there for file", { state: "file" }, missing, "/srv/app does not exist"],
  ["a directory for file", { state: "file" }, directory(), "/srv/app is a directory"],
  ["a file for directory", { state: "directory" }, there(), "/srv/app is there and is no directory"],
  ["a link to nothing for directory", { state: "directory" }, { ...linked(), kind: "missing" }, "/srv/app is a symbolic link, and nothing is where it leads"],
  ["link: nothing there", link, missing, "v2 does not exist, so the link would lead nowhere"],
  ["link: a file there", link, there({ source: stat }), "/srv/app is there and is not that link"],
  ["link: a full directory there, by force even", { ...link, force: true }, directory({ source: stat, inside: ["a"] }), "/srv/app is a directory that is not empty"],
  ["link: no directory for it", link, { ...missing, source: stat, ancestor: { path: "/", kind: "directory", writable: true } }, "the directory /srv does not exist"],
  ["link: a directory of somebody else", link, linked({ source: stat, place: false }), "root may not write in /srv"],
  ["hard: nothing there", hard, missing, "/srv/v2 does not exist"],
  ["hard: another file there", hard, there({ source: stat }), "/srv/app is there and is not that hard link"],
  ["touch: no directory for it", { state: "touch" }, { ...missing, ancestor: { path: "/", kind: "directory", writable: true } }, "the directory /srv does not exist"],
  ["an unknown owner", { owner: "nobdy" }, there({ wanted: { uid: null } }), 'there is no user "nobdy" on this host'],
  ["absent: mounted below", { state: "absent" }, directory({ inside: ["a"], mounted: ["/srv/app/a"] }), "something is mounted at /srv/app/a"],
  ["absent: a read-only directory", { state: "absent" }, there({ ancestor: { path: "/srv", kind: "directory", writable: false } }), "root may not write in /srv"],
])("refused: %s", (_, raw, seen, message) => {
  expect(refusal(raw, seen)).toMatchObject({ code: "E_REFUSED", message });
});

test.each<[Record<string, unknown>, string]>([
  [{ path: "/", state: "absent" }, "file: / cannot be removed"],
  [{ state: "link" }, 'file: "src" is missing: what the link leads to'],
  [{ src: "a" }, 'file: "src" is for state: link and state: hard'],
  [{ state: "hard", src: "a" }, 'file: "src" of a hard link must be an absolute path'],
  [{ state: "touch", recurse: true }, 'file: "recurse" is for state: directory'],
  [{ ...link, follow: false, mode: "0644" }, "file: a link has no mode of its own"],
  [{ mode: 644 }, 'file: "mode" must be octal digits in quotes, like "0644", or symbols, like "u=rw,g=r,o="'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test.each<[string, Record<string, unknown>, Seen, object]>([
  ["as it should be", { state: "directory" }, directory(), { state: "n/a", remarks: [] }],
  ["what is touched each time", { state: "touch" }, there(), { state: "n/a", remarks: [] }],
  ["not there", link, { ...missing, source: stat }, { state: "down", remarks: ["would make the link /srv/app to v2"] }],
])("status: %s", (_, raw, seen, expected) => {
  expect(state(raw, seen)).toMatchObject(expected);
});

test("what touch does is not proven by a second look, unless it leaves the times alone", () => {
  expect([{ state: "touch" }, { state: "touch", ...still }, { state: "file" }].map((raw) => file.once!(bind(raw)))).toEqual([true, false, false]);
});

test("every shell can read the scripts", () => {
  const odd = { path: "/srv/it's \"odd\"\n$(x)", owner: "ops", group: "ops" };
  const wanted = { uid: 1000, gid: 1000 };
  const looked = [scripts({ ...odd, state: "link", src: "a'b" }, { ...missing, source: stat, wanted }), scripts({ ...odd, state: "link", src: "a'b", force: true }, directory({ source: stat, wanted })), scripts({ ...odd, state: "hard", src: "/a'b" }, { ...missing, source: stat, wanted })];
  const made = [scripts({ ...odd, state: "directory", mode: "g+s" }, { ...missing, wanted }), scripts({ ...odd, state: "touch", mode: "0600" }, { ...missing, wanted }), scripts({ ...odd, state: "touch" }, there({ wanted }))];
  const more = [scripts({ ...odd, ...all, mode: "g+X" }, directory({ wanted, tree: tree([1, 0o100744, 0, 0], [1, 0o040700, 0, 0]) })), scripts({ ...odd, state: "absent" }, linked({ wanted })), scripts({ ...odd, ...link, src: "v1", follow: false }, linked({ source: stat, wanted }))];
  expect(syntaxErrors([...looked, ...made, ...more].flat())).toEqual([]);
});

describe.each(shells)("on this machine, under %s", (_, shell) => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "bowline-file-"))));
  afterEach(() => rmSync(home, { recursive: true }));

  const look = (raw: Record<string, unknown>) => file.parse(answerOf(shell, file.observe(bind(raw))), bind(raw));
  const plan = (raw: Record<string, unknown>) => file.plan(bind(raw), look(raw));

  /** Makes it so, proves it, and gives the way back. */
  function converge(raw: Record<string, unknown>) {
    const changes = plan(raw);
    for (const { steps } of changes) for (const { code, stderr } of performed(shell, steps)) expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    if (!file.once!(bind(raw))) expect(plan(raw)).toEqual([]);
    const undo = () => {
      for (const each of changes.toReversed()) for (const { code, stderr } of performed(shell, each.undo as never)) expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    };
    return { titles: changes.map(({ title }) => title), undo };
  }

  test("a directory, with parents that are alike", () => {
    const path = join(home, "a", "it's b");
    const made = converge({ path, state: "directory", mode: "0710" });
    expect([statSync(path).mode & 0o7777, statSync(join(home, "a")).mode & 0o7777]).toEqual([0o710, 0o710]);
    made.undo();
    expect(existsSync(join(home, "a"))).toBe(false);
  });

  test("a link is made, led elsewhere and taken back", () => {
    const path = join(home, "current");
    writeFileSync(join(home, "v1"), "");
    mkdirSync(join(home, "v2"));
    const made = converge({ path, state: "link", src: "v1" });
    const led = converge({ path, state: "link", src: join(home, "v2") });
    expect(led.titles).toEqual([`lead ${path} to ${join(home, "v2")}, not to v1`]);
    expect(converge({ path, state: "link", src: "v1" }).titles).toHaveLength(1);
    led.undo();
    expect(readlinkSync(path)).toBe("v1");
    made.undo();
    expect(existsSync(path)).toBe(false);
  });

  test("a link in the place of an empty directory, and back", () => {
    const path = join(home, "d");
    mkdirSync(path, { mode: 0o700 });
    const made = converge({ path, state: "link", src: "nowhere", force: true });
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    made.undo();
    expect(statSync(path).mode & 0o7777).toBe(0o700);
  });

  test("a hard link", () => {
    const [path, src] = [join(home, "b"), join(home, "a")];
    writeFileSync(src, "text");
    expect(converge({ path, state: "hard", src }).titles).toEqual([`make the hard link ${path} to ${src}`]);
    expect(statSync(path).ino).toBe(statSync(src).ino);
    linkSync(src, join(home, "c"));
    expect(converge({ path: join(home, "c"), state: "hard", src }).titles).toEqual([]);
  });

  test("an empty file is touched, with its mode", () => {
    const path = join(home, "f");
    converge({ path, state: "touch", mode: "u=rw,go=" });
    expect(statSync(path).mode & 0o7777).toBe(0o600);
    utimesSync(path, 1000, 1000);
    expect(converge({ path, state: "touch", ...still }).titles).toEqual([]);
    expect(converge({ path, state: "touch", access_time: "preserve" }).titles).toEqual([`touch ${path}`]);
    expect([statSync(path).atimeMs, statSync(path).mtimeMs > 1e6]).toEqual([1e6, true]);
  });

  test("what is inside gets its mode by what it is; links and what they lead to stay", () => {
    const path = join(home, "tree");
    const outside = join(home, "outside");
    mkdirSync(join(path, "a\nb"), { recursive: true });
    writeFileSync(join(path, "a\nb", "f"), "");
    writeFileSync(join(path, "x"), "");
    writeFileSync(outside, "");
    for (const [each, mode] of [[path, 0o755], [join(path, "a\nb"), 0o700], [join(path, "a\nb", "f"), 0o644], [join(path, "x"), 0o755], [outside, 0o666]] as const) chmodSync(each, mode);
    symlinkSync(outside, join(path, "link"));
    expect(converge({ path, state: "directory", recurse: true, mode: "u=rwX,g=rX,o=" }).titles).toEqual([`change the mode of ${path} from 0755 to 0750`, `change the mode of 3 things in ${path}`]);
    expect([path, join(path, "a\nb"), join(path, "a\nb", "f"), join(path, "x"), outside].map((each) => (statSync(each).mode & 0o7777).toString(8))).toEqual(["750", "750", "640", "750", "666"]);
  });

  test("a link is gone without what it leads to, a file and a full directory are gone, and come back as far as they can", () => {
    const [path, link] = [join(home, "f"), join(home, "l")];
    mkdirSync(path);
    writeFileSync(join(path, "a"), "");
    symlinkSync(path, link);
    const gone = converge({ path: link, state: "absent" });
    expect([existsSync(link), existsSync(join(path, "a"))]).toEqual([false, true]);
    gone.undo();
    expect(readlinkSync(link)).toBe(path);
    expect(converge({ path, state: "absent" }).titles).toEqual([`remove the directory ${path} and all that is in it`]);
    writeFileSync(path, "it's\n", { mode: 0o600 });
    const [change] = plan({ path, state: "absent" });
    expect(change!.undo).toContainEqual(expect.objectContaining({ kind: "put", path, content: { text: "it's\n" }, mode: "0600" }));
    expect(readFileSync(path, "utf8")).toBe("it's\n");
  });
});
