import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalFile } from "../../src/core/step.ts";
import { bindArgs } from "../../src/modules/bind.ts";
import { copy } from "../../src/modules/copy.ts";
import { planner, syntaxErrors } from "./_planner.ts";
import { answerOf, performed, shells } from "./_shells.ts";

type Seen = ReturnType<typeof copy.parse>;

const { bind, titles, refusal, badArguments, state, scripts } = planner(copy, { dest: "/etc/app.conf" });

const digest = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");
const stat = { mode: "0640", uid: 0, gid: 0, owner: "root", group: "root", size: 4 };
const missing: Seen = {
  kind: "missing",
  fixed: false,
  ancestor: { path: "/etc", kind: "directory", writable: true },
  user: { name: "root", uid: 0, gids: [0] },
  wanted: {},
  unreadable: false,
};
const holding = (text: string, more: Partial<Seen> = {}): Seen => ({ ...missing, kind: "file", stat, sha256: digest(text), text, ...more });
const ops: Seen["user"] = { name: "ops", uid: 1000, gids: [1000] };
const old = { content: "old\n" };
const fresh = { content: "new\n" };

test.each<[string, Record<string, unknown>, Seen, string[]]>([
  ["missing", fresh, missing, ["make the file /etc/app.conf"]],
  ["empty, and missing", { content: "" }, missing, ["make the file /etc/app.conf"]],
  ["the same", old, holding("old\n"), []],
  ["a number, as a template may give it", { content: 80 }, holding("80"), []],
  ["the same, empty", { content: "" }, holding(""), []],
  ["the same, with the mode", { ...old, mode: "640" }, holding("old\n"), []],
  ["another content", fresh, holding("old\n"), ["change the file /etc/app.conf"]],
  ["another content and mode: the new file has both", { ...fresh, mode: "0600" }, holding("old\n"), ["change the file /etc/app.conf"]],
  ["another mode", { ...old, mode: "0600" }, holding("old\n"), ["change the mode of /etc/app.conf from 0640 to 0600"]],
  ["another owner", { ...old, owner: "ops" }, holding("old\n", { wanted: { uid: 1000 } }), ["change the owner of /etc/app.conf from root:root to ops:root"]],
  ["too large to be compared", fresh, { ...holding("x"), sha256: undefined, text: undefined } as unknown as Seen, ["change the file /etc/app.conf"]],
  ["a link to a file", fresh, holding("old\n", { target: "/srv/app.conf" }), ["change the file /etc/app.conf"]],
  ["a link to nothing, in a directory that is there", fresh, { ...missing, target: "/etc/b.conf" }, ["make the file /etc/app.conf"]],
  ["his own file", fresh, holding("old\n", { user: ops, stat: { ...stat, uid: 1000, gid: 1000 } }), ["change the file /etc/app.conf"]],
])("%s", (_, raw, observation, expected) => {
  expect(titles(raw, observation)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, Seen, string]>([
  ["a directory", fresh, holding("", { kind: "directory" }), "/etc/app.conf is a directory"],
  ["a device", fresh, holding("", { kind: "other" }), "/etc/app.conf is neither a file nor a directory"],
  ["no directory for it", fresh, { ...missing, ancestor: { path: "/", kind: "directory", writable: true } }, "the directory /etc does not exist"],
  ["a link into no directory", fresh, { ...missing, broken: "a/b" }, "/etc/app.conf is a symbolic link that leads nowhere"],
  ["a link to nothing, elsewhere", fresh, { ...missing, target: "/srv/a/b.conf", ancestor: { path: "/srv", kind: "directory", writable: true } }, "the directory /srv/a does not exist"],
  ["a read-only directory", fresh, holding("old\n", { ancestor: { path: "/etc", kind: "directory", writable: false } }), "root may not write in /etc"],
  ["a closed directory", fresh, { ...missing, user: ops, ancestor: { path: "/etc", kind: "closed", writable: false } }, "ops may not look into /etc"],
  ["a file that may not be read", fresh, holding("", { user: ops, unreadable: true }), "ops may not read /etc/app.conf"],
  ["another's file", fresh, holding("old\n", { user: ops }), "/etc/app.conf belongs to root, and ops may not change it"],
  ["giving it away", { ...fresh, owner: "root" }, { ...missing, user: ops, wanted: { uid: 0 } }, "ops may not give /etc/app.conf to root"],
  ["a group of others", { ...fresh, group: "adm" }, { ...missing, user: ops, wanted: { gid: 4 } }, "ops may not give /etc/app.conf to the group adm"],
  ["an unknown owner", { ...old, owner: "nobdy" }, holding("old\n", { wanted: { uid: null } }), 'there is no user "nobdy" on this host'],
])("refused: %s", (_, raw, observation, message) => {
  expect(refusal(raw, observation)).toMatchObject({ code: "E_REFUSED", message });
});

test.each<[Record<string, unknown>, string]>([
  [{}, 'copy: takes exactly one of "content" and "src"'],
  [{ content: "a", src: { path: "/a", size: 1, sha256: "" } }, 'copy: takes exactly one of "content" and "src"'],
  [{ content: "a", dest: "etc" }, 'copy: "dest" must be an absolute path'],
  [{ content: "a", dest: "/" }, 'copy: "dest" must be a file'],
  [{ content: "a", validate: "visudo -c" }, 'copy: "validate" must have %s where the new file is named'],
  [{ content: "a", validate: "visudo 'x %s" }, `copy: "validate" cannot be read: a single quote (') has no partner`],
  [{ content: { a: 1 } }, 'copy: "content" must be text'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test.each<[string, Record<string, unknown>, Seen, object]>([
  ["as it should be", old, holding("old\n"), { state: "n/a", label: "/etc/app.conf", remarks: [] }],
  ["missing", fresh, missing, { state: "down", remarks: ["would make the file /etc/app.conf"] }],
  ["no directory for it", fresh, { ...missing, ancestor: { path: "/", kind: "directory", writable: true } }, { state: "down", remarks: ["the directory /etc does not exist"] }],
  ["another content", fresh, holding("old\n"), { state: "warn", remarks: ["would change the file /etc/app.conf"] }],
])("status: %s", (_, raw, observation, expected) => {
  expect(state(raw, observation)).toMatchObject(expected);
});

describe("what is put", () => {
  const plan = (raw: Record<string, unknown>, observation: Seen) => copy.plan(bind(raw), observation)[0]!;

  test.each<[string, Record<string, unknown>, Seen, object]>([
    ["a new file has 0644 and nobody's name", fresh, missing, { path: "/etc/app.conf", mode: "0644", content: { text: "new\n" } }],
    ["a new file as told", { ...fresh, mode: "0600", owner: "ops", group: "adm" }, { ...missing, wanted: { uid: 1000, gid: 4 } }, { mode: "0600", owner: "ops", group: "adm" }],
    ["a file that is there keeps mode and owner", fresh, holding("old\n", { stat: { ...stat, uid: 5, gid: 6 } }), { mode: "0640", owner: "5", group: "6" }],
    ["a file behind a link", fresh, holding("old\n", { target: "/srv/app.conf" }), { path: "/srv/app.conf" }],
  ])("%s", (_, raw, observation, put) => {
    expect(plan(raw, observation).steps).toEqual([expect.objectContaining({ kind: "put", ...put })]);
  });

  test("a diff has both texts, and none when one of them is not known", () => {
    const file: LocalFile = { path: "/a", size: 9, sha256: digest("new\n") };
    expect(plan(fresh, holding("old\n")).diff).toEqual({ path: "/etc/app.conf", before: "old\n", after: "new\n" });
    expect(plan(fresh, missing).diff).toEqual({ path: "/etc/app.conf", before: "", after: "new\n" });
    expect(plan({ src: { ...file, text: "new\n" } }, holding("old\n")).diff).toEqual({ path: "/etc/app.conf", before: "old\n", after: "new\n" });
    expect(plan({ src: file }, holding("old\n"))).not.toHaveProperty("diff");
    expect(plan(fresh, { ...missing, kind: "file", stat, sha256: digest("x") })).not.toHaveProperty("diff");
  });

  test("undo brings the old text, mode and owner back, or takes the new file away, or says why it cannot", () => {
    expect(plan(fresh, holding("old\n")).undo).toEqual([{ kind: "put", path: "/etc/app.conf", content: { text: "old\n" }, mode: "0640", owner: "0", group: "0" }]);
    expect(plan(fresh, missing).undo).toMatchObject([{ title: "remove /etc/app.conf" }]);
    expect(plan(fresh, { ...missing, kind: "file", stat, sha256: digest("x") }).undo).toEqual({ impossible: "the file before was too large or no text; backup: true keeps it" });
  });

  test("a backup is named by the digest of what it keeps, and undo brings it back", () => {
    const change = plan({ ...fresh, backup: true }, { ...missing, kind: "file", stat, sha256: digest("x") });
    const name = `/etc/app.conf.${digest("x").slice(0, 12)}~`;
    expect(change.steps).toMatchObject([{ title: `keep /etc/app.conf as ${name}` }, { kind: "put" }]);
    expect(change.undo).toMatchObject([{ title: `bring ${name} back` }]);
    expect(plan({ ...fresh, backup: true }, missing).steps).toHaveLength(1);
  });
});

test("every shell can read the scripts", () => {
  const odd = { ...fresh, dest: "/srv/it's \"odd\"\n$(x)", mode: "0700", owner: "ops", group: "ops", backup: true, validate: "sh -n '%s'" };
  const wanted = { uid: 1000, gid: 1000 };
  expect(syntaxErrors([...scripts(odd, { ...missing, ancestor: { ...missing.ancestor, path: "/srv" }, wanted }), ...scripts(odd, holding("old\n", { wanted })), ...scripts({ ...odd, content: "old\n" }, holding("old\n", { wanted }))])).toEqual([]);
});

describe.each(shells)("on this machine, under %s", (_, shell) => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "bowline-copy-"))));
  afterEach(() => rmSync(home, { recursive: true }));

  const at = { file: "x.yml", line: 1, column: 1 };
  const argsOf = (raw: Record<string, unknown>) => bindArgs(copy, raw, () => at, at);
  const look = (raw: Record<string, unknown>) => copy.parse(answerOf(shell, copy.observe(argsOf(raw))), argsOf(raw));

  test.each<[string, string | Buffer]>([
    ["nothing", ""],
    ["a line", "a\n"],
    ["no final newline", "a"],
    ["empty lines", "\n\n\na\n\n"],
    ["what looks like a report", "kind missing\n\nsha256 0\n\n"],
    ["blanks, quotes and backslashes", "  'a' \"b\" \\n $x `y`\t\r\n"],
    ["beyond ASCII", "größe ☃ 𝄞\n"],
    ["64 KiB", "x".repeat(65536)],
  ])("a file with %s is read as it is", (__, content) => {
    const dest = join(home, "file");
    writeFileSync(dest, content, { mode: 0o604 });
    const seen = { kind: "file", sha256: digest(content), stat: { mode: "0604", size: Buffer.byteLength(content) } };
    expect(look({ dest, content: `${content}!` })).toMatchObject({ ...seen, text: content });
    const args = { dest, content: String(content) };
    expect(look(args)).toMatchObject(seen);
    expect(look(args)).not.toHaveProperty("text");
    expect(copy.plan(argsOf(args), look(args))).toEqual([]);
  });

  test.each<[string, Buffer]>([
    ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x41])],
    ["a NUL", Buffer.from("a\0b")],
    ["a megabyte", randomBytes(1 << 20)],
  ])("a file with %s is known by its digest", (__, bytes) => {
    const dest = join(home, "file");
    writeFileSync(dest, bytes);
    const src = { path: "/a", size: bytes.length, sha256: digest(bytes) };
    const seen = look({ dest, src });
    expect(seen).toMatchObject({ kind: "file", sha256: digest(bytes) });
    expect(seen).not.toHaveProperty("text");
    expect(copy.plan(argsOf({ dest, src }), seen)).toEqual([]);
  });

  test("a large file of another size is not read, unless it is to be kept", () => {
    const dest = join(home, "file");
    writeFileSync(dest, Buffer.alloc(70_000));
    expect(look({ dest, content: "a" })).not.toHaveProperty("sha256");
    expect(look({ dest, content: "a", backup: true })).toMatchObject({ sha256: digest(Buffer.alloc(70_000)) });
  });

  test("the command sees the new file under another name; what it refuses does not take the place", () => {
    const dest = join(home, "it's\n%s");
    writeFileSync(dest, "old\n");
    const change = copy.plan(argsOf({ dest, ...fresh, validate: 'grep -q "^new" %s' }), look({ dest, ...fresh }))[0]!;
    const [put, run] = change.steps as never as [{ kind: string; path: string }, never];
    expect(put).toMatchObject({ kind: "put", path: join(home, ".bowline-new.it's\n%s") });
    writeFileSync(put.path, "bad\n");
    expect(performed(shell, [run])[0]).toMatchObject({ code: 1 });
    expect(readFileSync(dest, "utf8")).toBe("old\n");
    expect(() => statSync(put.path)).toThrow("ENOENT");
    writeFileSync(put.path, "new\n");
    expect(performed(shell, [run])[0]).toMatchObject({ code: 0 });
    expect(readFileSync(dest, "utf8")).toBe("new\n");
  });

  test("a backup is made, and brought back with its mode", () => {
    const dest = join(home, "file");
    writeFileSync(dest, Buffer.from([0xff]));
    chmodSync(dest, 0o600);
    const change = copy.plan(argsOf({ dest, ...fresh, backup: true }), look({ dest, ...fresh, backup: true }))[0]!;
    performed(shell, (change.steps as never[]).slice(0, 1));
    writeFileSync(dest, "new\n");
    expect(performed(shell, change.undo as never)[0]).toMatchObject({ code: 0, stderr: "" });
    expect([...readFileSync(dest)]).toEqual([0xff]);
    expect(statSync(dest).mode & 0o777).toBe(0o600);
  });

  test("a link is followed to the file", () => {
    writeFileSync(join(home, "file"), "old\n");
    symlinkSync("file", join(home, "link"));
    expect(look({ dest: join(home, "link"), ...fresh })).toMatchObject({ kind: "file", target: join(home, "file"), text: "old\n" });
  });
});
