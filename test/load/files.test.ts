import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ControllerFiles, loadYaml, readText } from "../../src/load/files.ts";
import { problemsFrom, removeTrees, tree } from "./_files.ts";
import { makePerson } from "./secrets/_keys.ts";

afterEach(removeTrees);

describe("a file that cannot be read says why", () => {
  test.each<[string, (dir: string) => string, Record<string, unknown>]>([
    ["there is none", (dir) => join(dir, "nowhere.yml"), { message: expect.stringMatching(/^there is no file .*nowhere.yml$/) }],
    ["another one is near", (dir) => join(dir, "stie.yml"), { hint: 'did you mean "site.yml"?' }],
    ["a directory", (dir) => dir, { message: expect.stringMatching(/ is a directory$/), expected: "a file" }],
    ["a part of the path is a file", (dir) => join(dir, "site.yml/x"), { message: expect.stringMatching(/^.*site.yml\/x cannot be read: /) }],
  ])("%s", async (_, path, problem) => {
    const dir = tree({ "site.yml": "" });
    expect((await problemsFrom(() => readText(path(dir))))[0]).toMatchObject({ code: "E_FILE", ...problem });
  });
});

test("a YAML file names itself in its mistakes", async () => {
  const dir = tree({ "bad.yml": "a: 1\na: 2\n" });
  expect((await problemsFrom(() => loadYaml(join(dir, "bad.yml"))))[0]!.at).toEqual({ file: join(dir, "bad.yml"), line: 2, column: 1 });
});

describe("the files that tasks name", () => {
  const project = () => tree({ "plays/site.yml": "", "plays/files/a": "in files", "plays/a": "beside", "plays/b": "beside", "files/c": "above, in files", "d": "above", "plays/templates/t": "template {{ x }}", "plays/files/t": "no template" });

  test.each<[string, string]>([
    ["a", "plays/files/a"],
    ["b", "plays/b"],
    ["c", "files/c"],
    ["d", "d"],
  ])("%s is found as %s", async (name, path) => {
    const dir = project();
    expect((await new ControllerFiles(join(dir, "plays")).localFile(name)).path).toBe(join(dir, path));
  });

  test("have their size and digest", async () => {
    const dir = project();
    const file = await new ControllerFiles(join(dir, "plays")).localFile("b");
    expect(file).toMatchObject({ size: 6, sha256: createHash("sha256").update("beside").digest("hex") });
  });

  test("templates are looked for in templates/, and can be had before the run if they are there", async () => {
    const dir = project();
    const files = new ControllerFiles(join(dir, "plays"));
    expect(await files.template("t")).toEqual({ text: "template {{ x }}", file: join(dir, "plays/templates/t") });
    expect(files.templateNow("t")).toEqual({ text: "template {{ x }}", file: join(dir, "plays/templates/t") });
    expect(files.templateNow("later")).toBeUndefined();
  });

  test("that are nowhere are named with all the places", async () => {
    const dir = project();
    const [problem] = await problemsFrom(() => new ControllerFiles(join(dir, "plays")).localFile("nowhere"));
    expect(problem).toMatchObject({ code: "E_FILE", message: "there is no file nowhere on the controller", seen: `looked for ${["plays/files/nowhere", "plays/nowhere", "files/nowhere", "nowhere"].map((path) => join(dir, path)).join(", ")}` });
  });

  test("that are directories are no files", async () => {
    const dir = project();
    mkdirSync(join(dir, "plays/files/e"));
    expect((await problemsFrom(() => new ControllerFiles(join(dir, "plays")).localFile("e")))[0]).toMatchObject({ message: `${join(dir, "plays/files/e")} is not a file` });
  });

  test("are read again when they have changed", async () => {
    const dir = project();
    const files = new ControllerFiles(join(dir, "plays"));
    const before = await files.localFile("b");
    writeFileSync(join(dir, "plays/b"), "something longer");
    expect((await files.localFile("b")).sha256).not.toBe(before.sha256);
  });
});

describe("an encrypted file", () => {
  const content = "a: correct-horse\n".repeat(3);

  test("is what it holds, opened in memory, and hidden", async () => {
    const person = await makePerson();
    const dir = tree({ "files/a.txt": await person.seal(content), "templates/a.hbs": await person.seal(content) });
    const keyring = person.keyring();
    const files = new ControllerFiles(dir, keyring);
    const sha256 = createHash("sha256").update(content).digest("hex");
    expect(await files.localFile("a.txt")).toEqual({ path: join(dir, "files/a.txt"), size: content.length, sha256, text: content, bytes: Buffer.from(content) });
    expect((await files.template("a.hbs")).text).toBe(content);
    expect(files.templateNow("a.hbs")).toBeUndefined();
    expect(keyring.redactor.text(content)).not.toContain("horse");
  });

  test("without a key is an error at its place", async () => {
    const dir = tree({ "files/a.txt": await (await makePerson()).seal(content) });
    expect(await problemsFrom(() => new ControllerFiles(dir).localFile("a.txt"))).toMatchObject([{ code: "E_SECRET", at: { file: join(dir, "files/a.txt"), line: 1 } }]);
  });
});
