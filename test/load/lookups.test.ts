import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Redactor } from "../../src/core/secret.ts";
import { controllerLookups } from "../../src/load/lookups.ts";
import { lookups as known } from "../../src/template/lookups.ts";
import { problemsFrom, removeTrees, tree } from "./_files.ts";

afterAll(removeTrees);

const dir = tree({
  "play/files/key.pub": "ssh-ed25519 AAAA\n\n",
  "play/beside.txt": "beside",
  "play/files/a.conf": "",
  "play/files/b.conf": "",
  "play/files/.hidden.conf": "",
  "play/files/c.txt": "",
  "play/templates/banner.hbs": "hello",
  "play/secrets/known": "known-password salt=abc\n",
  "play/secrets/empty": "\n",
  "shared.txt": "shared",
  "role/files/key.pub": "of the role",
});
const play = join(dir, "play");
const redactor = new Redactor();
const settings = { onSecret: redactor.add.bind(redactor) };
const lookups = controllerLookups(play, settings);
const call = (name: string, terms: readonly unknown[], options: Readonly<Record<string, unknown>> = {}) => lookups.call(name, terms, { options, render: ({ text, file }) => `${text} from ${file}` });

test.each<[string, readonly unknown[], Readonly<Record<string, unknown>>, readonly unknown[]]>([
  ["env", ["BOWLINE_NOT_SET"], {}, [""]],
  ["env", ["BOWLINE_NOT_SET"], { default: "x" }, ["x"]],
  ["env", ["PATH"], {}, [process.env["PATH"]]],
  ["file", ["key.pub", "beside.txt"], {}, ["ssh-ed25519 AAAA", "beside"]],
  ["file", ["shared.txt"], {}, ["shared"]],
  ["fileglob", ["*.conf"], {}, [join(play, "files/a.conf"), join(play, "files/b.conf")]],
  ["fileglob", ["?.[ct]*", "no*"], {}, ["a.conf", "b.conf", "c.txt"].map((name) => join(play, "files", name))],
  ["fileglob", ["[!ab].*"], {}, [join(play, "files/c.txt")]],
  ["first_found", ["none", "c.txt", "beside.txt"], {}, [join(play, "files/c.txt")]],
  ["first_found", [], { files: ["none", "known"], paths: ["secrets"] }, [join(play, "secrets/known")]],
  ["first_found", ["none"], { skip: true }, []],
  ["first_found", ["known/below a file", "secrets/known/below", "c.txt"], {}, [join(play, "files/c.txt")]],
  ["fileglob", ["secrets/known/*"], {}, []],
  ["pipe", ["echo one; echo two"], {}, ["one\ntwo"]],
  ["pipe", ["pwd", "cat </dev/stdin", "echo \"[$BOWLINE_COMMAND]\""], {}, [play, "", "[]"]],
  ["lines", ["printf 'one\\ntwo\\n'"], {}, ["one", "two"]],
  ["template", ["banner.hbs"], {}, [`hello from ${join(play, "templates/banner.hbs")}`]],
  ["password", ["secrets/known"], {}, ["known-password"]],
])("%s %j %j", (name, terms, options, found) => {
  expect(call(name, terms, options)).toEqual(found);
});

test("every lookup that the docs name is here, but vars, which reads no file", () => {
  const none = Object.keys(known).filter((name) => {
    try {
      call(name, [""]);
      return false;
    } catch (error) {
      return error instanceof TypeError;
    }
  });
  expect(none).toEqual(["vars"]);
});

test.each<[string, readonly unknown[], Readonly<Record<string, unknown>>, string]>([
  ["file", ["none"], {}, "there is no file none on the controller"],
  ["template", ["none"], {}, "there is no file none on the controller"],
  ["first_found", ["none", "nor"], {}, "none of these files is on the controller: none, nor"],
  ["password", ["secrets/empty"], {}, `the password in ${join(play, "secrets/empty")} is empty`],
])("%s %j %j is refused: %s", async (name, terms, options, message) => {
  expect(await problemsFrom(() => call(name, terms, options))).toMatchObject([{ code: "E_FILE", message }]);
});

test.each<[string, readonly unknown[], Readonly<Record<string, unknown>>, string]>([
  ["pipe", ["echo why >&2; exit 3"], {}, "ended with 3: why"],
  ["fileglob", ["*/x"], {}, "knows patterns in the last part of a path only, not */x"],
  ["password", ["new"], { encrypt: "sha512" }, "knows the options length and chars, not encrypt; password_hash makes a hash"],
  ["password", ["new"], { length: 0 }, "needs a length of 1 or more, and two characters or more to choose from"],
])("%s %j %j fails: %s", (name, terms, options, message) => {
  expect(() => call(name, terms, options)).toThrow(message);
});

describe("a password that is not there", () => {
  test("is made, kept for its owner alone, and the same from then on", () => {
    const [made] = call("password", ["secrets/new/db"]) as [string];
    const file = join(play, "secrets/new/db");
    expect(made).toMatch(/^[A-Za-z0-9]{20}$/);
    expect(readFileSync(file, "utf8")).toBe(`${made}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(call("password", ["secrets/new/db"])).toEqual([made]);
    expect(redactor.text(`it is ${made}!`)).toBe("it is [redacted]!");
  });

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ["secrets/digits", { length: 8, chars: "digits" }, /^[0-9]{8}$/],
    ["secrets/words length=6 chars=ascii_lowercase", {}, /^[a-z]{6}$/],
    ["secrets/list", { chars: ["hexdigits", ".-"], length: 40 }, /^[0-9a-fA-F.-]{40}$/],
  ])("is as its options say: %s %j", (term, options, shape) => {
    expect(call("password", [term], options)[0]).toMatch(shape);
  });

  test("is another one each time when it goes to /dev/null", () => {
    expect(call("password", ["/dev/null"])).not.toEqual(call("password", ["/dev/null"]));
  });
});

test("a known password is kept out of every report too", () => {
  expect(redactor.text("known-password")).toBe("[redacted]");
});

test("directories that come first are looked in first", () => {
  const inRole = controllerLookups(play, { ...settings, directories: [join(dir, "role")] });
  expect(inRole.call("file", ["key.pub", "beside.txt"], { options: {}, render: ({ text }) => text })).toEqual(["of the role", "beside"]);
});

test("a partial is a template, with or without .hbs", () => {
  expect(lookups.partial("banner")).toEqual({ text: "hello", file: join(play, "templates/banner.hbs") });
  expect(lookups.partial("banner.hbs")?.text).toBe("hello");
  mkdirSync(join(play, "templates/sub"));
  writeFileSync(join(play, "templates/sub/x.hbs"), "x");
  expect([lookups.partial("sub/x")?.text, lookups.partial("sub"), lookups.partial("none")]).toEqual(["x", undefined, undefined]);
});
