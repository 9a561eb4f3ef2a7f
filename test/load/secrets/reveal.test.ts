import { entryOf, plainOf, shownOf, type MappingNode, type SourceNode } from "../../../src/core/node.ts";
import { Keyring } from "../../../src/load/secrets/keyring.ts";
import { revealedYaml } from "../../../src/load/secrets/reveal.ts";
import { placed, problemsFrom } from "../_files.ts";
import { block, makePerson, type Person } from "./_keys.ts";
import { vaults } from "./_vaults.ts";

let person: Person;
beforeAll(async () => {
  person = await makePerson();
});

const read = (text: string, keyring: Keyring): Promise<SourceNode> => revealedYaml(Buffer.from(text), "f.yml", keyring);
const bothVaults = [["prod", "prod-pw"], [undefined, "vault-pw"]] as const;

describe("a value", () => {
  test("behind !secret is the text that was encrypted, a secret, and hidden from then on", async () => {
    const keyring = person.keyring();
    const root = await read(`open: 1\npw: !secret |\n${block(await person.seal("correct-horse"))}`, keyring);
    expect(plainOf(root)).toEqual({ open: 1, pw: "correct-horse" });
    expect(shownOf(root)).toEqual({ open: 1, pw: "[redacted]" });
    expect(entryOf(root as MappingNode, "pw")!.value).toEqual({ kind: "scalar", value: "correct-horse", secret: true, at: { file: "f.yml", line: 2, column: 13 } });
    expect(keyring.redactor.text("say correct-horse")).toBe("say [redacted]");
  });

  test.each(["!vault", "!vault-encrypted"])("behind %s is opened too, wherever it stands", async (tag) => {
    const keyring = person.keyring(...bothVaults);
    const root = await read(`list:\n  - {a: 1}\n  - b: ${tag} |\n${block(vaults.value.sealed, 6)}    c: d\n`, keyring);
    expect(plainOf(root)).toEqual({ list: [{ a: 1 }, { b: "grüße", c: "d" }] });
  });

  test("that an alias repeats is the same value there", async () => {
    const root = await read(`a: &x !secret |\n${block(await person.seal("horse"))}b: *x\n`, person.keyring());
    expect(plainOf(root)).toEqual({ a: "horse", b: "horse" });
  });

  test("with a template in it hides what stands around the template", async () => {
    const keyring = person.keyring();
    await read(`a: !secret |\n${block(await person.seal("db://app:horse-pw@{{ host }}/x"))}`, keyring);
    expect(keyring.redactor.text("db://app:horse-pw@db1/x")).toBe("[redacted]db1/x");
  });

  test("of fewer than four characters is told of", async () => {
    const keyring = person.keyring();
    await read(`a: !secret |\n${block(await person.seal("abc"))}`, keyring);
    expect(keyring.warnings).toEqual(["f.yml: holds a secret of fewer than four characters; these are not taken out of output"]);
  });
});

describe("a file that is encrypted as a whole", () => {
  const text = "user: correct-horse\nport: 54321\non: true\nlist: [battery, null]\n";
  const values = { user: "correct-horse", port: 54321, on: true, list: ["battery", null] };

  test.each<[string, (person: Person) => Promise<Buffer>]>([
    ["by age, armored", async (each) => Buffer.from(await each.seal(text))],
    ["by age, binary", async (each) => armorless(await each.seal(text))],
  ])("%s has secrets for values", async (_, sealed) => {
    const keyring = person.keyring();
    const root = await revealedYaml(await sealed(person), "f.yml", keyring);
    expect(plainOf(root)).toEqual(values);
    expect(shownOf(root)).toEqual({ user: "[redacted]", port: "[redacted]", on: true, list: ["[redacted]", null] });
    expect(keyring.redactor.text("correct-horse 54321 battery true")).toBe("[redacted] [redacted] [redacted] true");
  });

  test("hides the texts in its expressions", async () => {
    const keyring = person.keyring();
    await read(await person.seal(`a: !expr 'b + "correct-horse"'\n`), keyring);
    expect(keyring.redactor.text("say correct-horse")).toBe("say [redacted]");
  });

  test("by ansible-vault too", async () => {
    expect(plainOf(await read(vaults.file.sealed, person.keyring(...bothVaults)))).toEqual({ db_password: "correct-horse" });
  });

  test.each([
    ["a: 'correct-horse\n", ["1:4: this quote is not closed"]],
    ["a: 1\na: correct-horse\n", ["2:1: this key stands here twice"]],
    ["a: 12345678901234567890123\n", ["1:4: [redacted] is not a number that can be kept exactly"]],
    ["a: {{ correct-horse }}\n", ["1:4: a value that begins with {{ must stand in quotes"]],
  ])("and whose text is no YAML is told without its words: %j", async (plain, complaints) => {
    const problems = await problemsFrom(async () => read(await person.seal(plain), person.keyring()));
    expect(problems.map(placed)).toEqual(complaints);
    expect(JSON.stringify(problems)).not.toMatch(/horse|1234567/);
  });
});

describe("without the right key", () => {
  const locked = async () => `a: !secret |\n${block(await person.seal("horse"))}b: !secret |\n${block(await person.seal("staple"))}`;

  test("no identity at all is one mistake, however many values there are, and says what to do", async () => {
    const problems = await problemsFrom(async () => read(await locked(), new Keyring()));
    expect(problems).toMatchObject([{ code: "E_SECRET", at: { line: 1, column: 12 }, message: "this is encrypted by age, and there is no identity to open it", hint: expect.stringContaining("bowline secrets keygen") }]);
  });

  test("somebody else's identity is named by its public half", async () => {
    const other = await makePerson();
    const [problem] = await problemsFrom(async () => read(await locked(), other.keyring()));
    expect(problem).toMatchObject({ message: "none of your identities opens this: it was encrypted for others", seen: `tried ${other.recipient} (BOWLINE_IDENTITY)` });
  });

  test.each<[string, readonly (readonly [string | undefined, string])[], string, string]>([
    ["no vault password", [], "this is encrypted by ansible-vault, and no vault password was given", "looked for --vault-password-file"],
    ["a wrong one", [["dev", "wrong"]], "no vault password opens this, or it was changed since it was encrypted", "tried dev: what was typed; its vault id is prod"],
  ])("%s is told", async (_, passwords, message, seen) => {
    const [problem] = await problemsFrom(() => read(`a: !vault |\n${block(vaults.value.sealed)}`, person.keyring(...passwords)));
    expect(problem).toMatchObject({ code: "E_SECRET", at: { line: 1, column: 11 }, message, seen: expect.stringContaining(seen) });
  });

  test("what was changed stays closed", async () => {
    const sealed = await person.seal("horse");
    const middle = sealed.split("\n").length - 3;
    const changed = sealed.split("\n").map((line, index) => (index === middle ? line.replace(/^./, (char) => (char === "A" ? "B" : "A")) : line)).join("\n");
    const [problem] = await problemsFrom(() => read(changed, person.keyring()));
    expect(problem).toMatchObject({ code: "E_SECRET", message: "this is damaged, or was changed since it was encrypted", at: { line: 1, column: 1 } });
  });

  test.each([
    ["a: !secret hunter2\n", "this is nothing that age made"],
    ["a: !vault hunter2\n", "this is nothing that ansible-vault made"],
    [`a: !secret |\n${block(vaults.value.sealed)}`, "this is nothing that age made"],
  ])("a tag before something else is a mistake, and does not show it: %j", async (text, message) => {
    const problems = await problemsFrom(() => read(text, person.keyring()));
    expect(problems).toMatchObject([{ code: "E_SECRET", message }]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });
});

function armorless(sealed: string): Buffer {
  return Buffer.from(sealed.replace(/-----.*-----/g, ""), "base64");
}
