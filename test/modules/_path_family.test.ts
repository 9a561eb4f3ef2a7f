import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { sh } from "../../src/core/sh.ts";
import type { Answer } from "../../src/core/step.ts";
import { bindArgs } from "../../src/modules/bind.ts";
import type { Resource } from "../../src/modules/contract.ts";
import { paths } from "../../src/modules/_path_family.ts";
import { observeAt, type PathLook } from "../../src/modules/_path_look.ts";
import { registry } from "../../src/modules/registry.ts";
import { answerOf, shells, type Shell } from "./_shells.ts";
import { eachAlone, togetherOf } from "./_together.ts";

const at = { file: "x.yml", line: 1, column: 1 };
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "bowline-family-"));
});
afterEach(() => {
  execFileSync("chmod", ["-R", "u+rwx", home]);
  rmSync(home, { recursive: true });
});

/** What a module of this name would look at with these arguments. */
function lookOf(name: string, raw: Record<string, unknown>): PathLook {
  const module = registry.get(name) as Resource<never, unknown>;
  return module.together!.subject(bindArgs(module, raw, () => at, at) as never) as PathLook;
}

const modules: readonly (readonly [string, (path: string) => Record<string, unknown>])[] = [
  ["directory", (path) => ({ path, owner: "root", group: "nogroup", mode: "0755" })],
  ["directory", (path) => ({ path, state: "absent" })],
  ["file", (path) => ({ path, owner: "daemon" })],
  ["file", (path) => ({ path, state: "absent" })],
  ["file", (path) => ({ path, state: "link", src: "target" })],
  ["copy", (path) => ({ dest: path, content: "wanted\n", group: "no-such-group" })],
  ["copy", (path) => ({ dest: path, content: "other!\n", owner: "no-such-user" })],
  ["copy", (path) => ({ dest: path, content: "", backup: true })],
  ["template", (path) => ({ dest: path, src: "größe ☃", owner: "4711", group: "4712" })],
  ["lineinfile", (path) => ({ path, line: "x", owner: "UNKNOWN" })],
  ["replace", (path) => ({ path, regexp: "x", replace: "y" })],
  ["get_url", (path) => ({ url: "http://x/y", dest: path, checksum: "sha1:00", owner: userInfo().username })],
  ["get_url", (path) => ({ url: "http://x/y", dest: path })],
];

const names: readonly string[] = [
  "plain",
  "a  b ",
  `it's "quoted"`,
  "a\nkind file",
  "ends\n",
  "\nm0f3c5a9e1b7d2847 1 0\n",
  "a\\nb\\\\",
  "-rf",
  "--",
  "$(id) `id` *",
  "*",
  "%s%n",
  "größe ☃",
  "\u0001\u007f",
  ":",
];

/** A tree of everything that can stand at a path. */
function grown(): string[] {
  const found: string[] = [];
  const make = (path: string, work: () => void) => {
    work();
    found.push(path);
  };
  for (const name of names) {
    const directory = join(home, name);
    make(directory, () => mkdirSync(directory));
    make(join(directory, name), () => writeFileSync(join(directory, name), "wanted\n"));
    make(join(directory, "link"), () => symlinkSync(join(directory, name), join(directory, "link")));
    make(join(directory, "dangling"), () => symlinkSync(`${name}.not`, join(directory, "dangling")));
    make(join(directory, "broken"), () => symlinkSync(join(name, "not", "there"), join(directory, "broken")));
    found.push(join(directory, "missing", name), join(directory, name, "below"));
  }
  const path = (name: string) => join(home, name);
  make(path("empty"), () => writeFileSync(path("empty"), ""));
  make(path("binary"), () => writeFileSync(path("binary"), Buffer.from([0, 0xff, 0xc3, 0x0a, 0xe2, 0x82])));
  make(path("no end"), () => writeFileSync(path("no end"), "wanted"));
  make(path("empty lines"), () => writeFileSync(path("empty lines"), "\n\nkind missing\n\n"));
  make(path("forged"), () => writeFileSync(path("forged"), "\nm0f3c5a9e1b7d2846\nm0f3c5a9e1b7d284 1 0\n"));
  make(path("large"), () => writeFileSync(path("large"), "x".repeat(70_000)));
  make(path("too large"), () => writeFileSync(path("too large"), "x".repeat(1_100_000)));
  make(path("secret"), () => writeFileSync(path("secret"), "wanted\n", { mode: 0o000 }));
  make(path("read only"), () => writeFileSync(path("read only"), "other!\n", { mode: 0o444 }));
  make(path("loop"), () => symlinkSync("loop", path("loop")));
  make(path("ring"), () => symlinkSync("gnir", path("ring")));
  make(path("gnir"), () => symlinkSync("ring", path("gnir")));
  make(path("pipe"), () => execFileSync("mkfifo", [path("pipe")]));
  make(path("full"), () => mkdirSync(join(path("full"), "inside"), { recursive: true }));
  make(path("closed"), () => mkdirSync(path("closed")));
  make(join(path("closed"), "in it"), () => writeFileSync(join(path("closed"), "in it"), "wanted\n"));
  chmodSync(path("closed"), 0o000);
  make(path("unwritable"), () => mkdirSync(path("unwritable"), { mode: 0o555 }));
  found.push(join(path("unwritable"), "new"), "/", "/dev/null", "/etc/passwd", "/sys", "/no-such/at/all");
  return found;
}

/** A shell names its script and the line where something went wrong. */
function placeless(answer: Answer | undefined) {
  return answer && { ...answer, stderr: answer.stderr.replace(/^\S*: (line )?\d+: |^\S*: cd: line \d+: /gm, "") };
}

const nobody: Shell = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
const canBecomeNobody = userInfo().uid === 0 && answerOf([...nobody, "sh"], sh`true`).code === 0;

describe.each(shells)("paths together under %s", (_, shell) => {
  const users: [string, Shell][] = [["the user of the tests", shell], ...(canBecomeNobody ? [["nobody", [...nobody, ...shell]] as [string, Shell]] : [])];

  test.each(users)("everything that can stand at a path, as %s: the answers are those of each alone, to the byte", (__, words) => {
    if (words !== shell) chmodSync(home, 0o755);
    const tree = grown();
    const looks = modules.flatMap(([name, args], each) => tree.filter((path, index) => (index + each) % 7 === 0 && (path !== "/" || name === "directory" && args("/")["state"] === undefined)).map((path) => lookOf(name, args(path))));
    const answers = togetherOf(words, paths, looks);
    const alone = eachAlone(words, looks.map(observeAt));
    expect(answers).toHaveLength(looks.length);
    for (const [index, look] of looks.entries()) expect({ look, answer: placeless(answers[index]) }).toEqual({ look, answer: placeless(alone[index]) });
  });

  test("more paths than one argument list takes", () => {
    const deep = join(home, ...["a", "b", "c", "d"].map((letter) => letter.repeat(250)));
    mkdirSync(deep, { recursive: true });
    const files = Array.from({ length: 2100 }, (__, index) => join(deep, `${index}`));
    for (const file of files) writeFileSync(file, "wanted\n");
    const looks = files.map((dest) => lookOf("copy", { dest, content: "wanted\n" }));
    const answers = togetherOf(shell, paths, looks);
    for (const index of [0, 1, 1000, 2098, 2099]) expect(answers[index]).toEqual(answerOf(shell, observeAt(looks[index]!)));
    expect(new Set(answers.map((answer) => answer?.code))).toEqual(new Set([0]));
  });

  test("where what they say is too much, the rest is left to be looked at alone", () => {
    const files = Array.from({ length: 12 }, (__, index) => join(home, `${index}`));
    for (const file of files) writeFileSync(file, "x".repeat(1_000_000));
    const answers = togetherOf(shell, paths, files.map((path) => lookOf("lineinfile", { path, line: "x" })));
    expect(answers.map((answer) => answer !== undefined)).toEqual([...Array<boolean>(8).fill(true), ...Array<boolean>(4).fill(false)]);
  });

  test("without a process for each: one stat, one sha256sum, and a name is asked for once", () => {
    const log = join(home, "log");
    writeFileSync(log, "");
    const listening = sh`
      for c in stat sha256sum id getent readlink cat sed; do eval "$c() { echo $c >>${log}; command $c \"\$@\"; }"; done
    `;
    const looks = Array.from({ length: 40 }, (__, index) => join(home, `${index}`)).flatMap((path, index) => {
      if (index % 2 === 0) mkdirSync(path);
      else writeFileSync(path, "wanted\n");
      return [index % 2 === 0 ? lookOf("directory", { path, owner: "daemon", group: "daemon" }) : lookOf("copy", { dest: path, content: "wanted\n" }), lookOf("file", { path })];
    });
    const script = paths.script(looks, "m");
    const counted = { kind: "script", text: `${listening.text}\n${script.text}` } as const;
    const answers = paths.answers(answerOf(shell, counted), looks.length, "m");
    expect(answers.every((answer) => answer?.code === 0)).toBe(true);
    const ran = execFileSync("sort", [log], { encoding: "utf8" }).trim().split("\n").filter((word) => userInfo().uid === 0 || word !== "id");
    expect(ran).toEqual(userInfo().uid === 0 ? ["getent", "id", "sha256sum", "stat"] : ["getent", "sha256sum", "stat"]);
  });
});

describe("when something goes wrong", () => {
  const looks = [lookOf("directory", { path: "/a" }), lookOf("directory", { path: "/b" })];

  test.each<[string, { code?: number; stdout?: string; stderr?: string }]>([
    ["it failed", { code: 1 }],
    ["it printed nothing", {}],
    ["it said something that is nobody's", { stdout: "kind missing\n\nm 1 0\nkind missing\n\nm 2 0\n", stderr: "sh: what?\n" }],
  ])("%s: nothing is answered", (_, answer) => {
    expect(paths.answers({ code: 0, stdout: "", stderr: "", ...answer }, looks.length, "m")).toEqual([undefined, undefined]);
  });

  test("what is cut off is not answered, and what came before it is", () => {
    const stdout = "kind missing\n\nm 1 0\nkind missing\n\nm 2";
    expect(paths.answers({ code: 0, stdout, stderr: "" }, looks.length, "m")).toEqual([{ code: 0, stdout: "kind missing\n", stderr: "" }, undefined]);
  });

  test("what a script of its own said on standard error is its own", () => {
    const stdout = "a\n\nm 1 3\nb\n\nm 2 0\n";
    expect(paths.answers({ code: 0, stdout, stderr: "\nm 1\nno!\n\nm 1\n" }, looks.length, "m")).toEqual([{ code: 3, stdout: "a\n", stderr: "no!\n" }, { code: 0, stdout: "b\n", stderr: "" }]);
  });
});
