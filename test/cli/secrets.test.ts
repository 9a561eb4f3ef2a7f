import { chdir, cwd } from "node:process";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeTrees, tree } from "../load/_files.ts";
import { block, makePerson, type Person } from "../load/secrets/_keys.ts";
import { vaults } from "../load/secrets/_vaults.ts";
import { type } from "./_cli.ts";

const before = { dir: cwd(), env: { ...process.env } };
const armor = "-----BEGIN AGE ENCRYPTED FILE-----\n";
let me: Person;
let dir: string;

beforeAll(async () => {
  me = await makePerson();
});
beforeEach(() => {
  dir = tree({ "secrets.recipients": `${me.recipient}\n`, "plain.yml": "pw: correct-horse\n", "vault-pw": "vault-pw\n", "vault.yml": vaults.file.sealed, "me/bowline/identity": `${me.identity}\n` });
  chdir(dir);
  chmodSync("me/bowline/identity", 0o600);
  process.env["XDG_CONFIG_HOME"] = join(dir, "me");
});
afterAll(() => {
  chdir(before.dir);
  process.env = before.env;
  removeTrees();
});

const read = (name: string): string => readFileSync(join(dir, name), "utf8");
const done = { code: 0, stdout: "", stderr: "" };
const editor = (script: string): void => {
  writeFileSync(join(dir, "editor"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  process.env["VISUAL"] = join(dir, "editor");
};

describe("secrets keygen", () => {
  test("keeps the key for its owner, prints the other half, and never overwrites", async () => {
    const { code, stdout } = await type("secrets keygen -o new/key");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^age1[0-9a-z]{58}\n$/);
    expect(statSync("new/key").mode & 0o777).toBe(0o600);
    const key = read("new/key");
    expect(key).toContain(`# public key: ${stdout}AGE-SECRET-KEY-1`);
    expect(await type("secrets keygen -o new/key")).toMatchObject({ code: 4, stdout: "", stderr: "new/key is there already, and stays as it is\n" });
    expect(read("new/key")).toBe(key);
  });

  test("puts it where it is looked for, if nothing else is said", async () => {
    process.env["XDG_CONFIG_HOME"] = join(dir, "fresh");
    await type("secrets keygen");
    expect(read("fresh/bowline/identity")).toContain("AGE-SECRET-KEY-1");
    expect(statSync("fresh/bowline").mode & 0o777).toBe(0o700);
  });
});

describe("secrets encrypt and decrypt", () => {
  test("go there and back with the mode of the file, and leave nothing beside it", async () => {
    chmodSync("plain.yml", 0o640);
    const names = readdirSync(dir);
    expect(await type("secrets encrypt plain.yml")).toEqual(done);
    expect(read("plain.yml").startsWith(armor)).toBe(true);
    expect((await type("secrets view plain.yml")).stdout).toBe("pw: correct-horse\n");
    expect(await type("secrets decrypt plain.yml")).toEqual(done);
    expect(read("plain.yml")).toBe("pw: correct-horse\n");
    expect(statSync("plain.yml").mode & 0o777).toBe(0o640);
    expect(readdirSync(dir)).toEqual(names);
  });

  test("as a vault with its password, for those who have not moved yet", async () => {
    expect(await type("secrets encrypt --vault prod --vault-password-file vault-pw plain.yml")).toEqual(done);
    expect(read("plain.yml")).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/);
    expect((await type("secrets view plain.yml vault.yml --vault-password-file vault-pw")).stdout).toBe("pw: correct-horse\ndb_password: correct-horse\n");
  });

  test("with a mistake in one file change none, and tell all", async () => {
    const ended = await type("secrets encrypt plain.yml vault.yml nowhere.yml");
    expect(ended).toMatchObject({ code: 4, stdout: "", stderr: "there is no file nowhere.yml\n" });
    expect((await type("secrets encrypt plain.yml vault.yml")).stderr).toMatch(/^vault\.yml is encrypted already\n/);
    expect((await type("secrets decrypt plain.yml vault.yml")).stderr).toMatch(/plain\.yml is not encrypted[^]*no vault password was given[^]*2 problems/);
    expect(read("plain.yml")).toBe("pw: correct-horse\n");
  });

  test("warn who could not open it any more", async () => {
    const other = await makePerson();
    expect((await type(`secrets encrypt -r ${other.recipient} plain.yml`)).stderr).toBe("warning: none of your identities is among the recipients (--recipient): you will not be able to open this\n");
  });

  test("without recipients say where they were looked for", async () => {
    chdir(tree({ "plain.yml": "a: b\n" }));
    expect(await type("secrets encrypt plain.yml")).toMatchObject({ code: 4, stderr: expect.stringMatching(/^there is no secrets\.recipients: for whom is this to be encrypted\?\n {2}seen: looked for .*\n {2}hint: bowline secrets keygen >>/) });
  });
});

describe("secrets edit and create", () => {
  /** What the editor saw, and where. */
  const looked = 'p=$1; { stat -c "%a" "${p%/*}" "$p"; echo "${p%/*}"; cat "$p"; } >seen';

  test("give the text to the editor in a directory of the person's own, and take it away", async () => {
    await type("secrets encrypt plain.yml");
    editor(`${looked}; sed -i s/horse/staple/ "$1"`);
    expect(await type("secrets edit plain.yml")).toEqual(done);
    const [dirMode, mode, place, text] = read("seen").split("\n");
    expect([dirMode, mode, text]).toEqual(["700", "600", "pw: correct-horse"]);
    expect(existsSync(place!)).toBe(false);
    expect((await type("secrets view plain.yml")).stdout).toBe("pw: correct-staple\n");
  });

  test("take it away too when the editor fails, and change nothing", async () => {
    await type("secrets encrypt plain.yml");
    const sealed = read("plain.yml");
    editor(`${looked}; echo more >>"$1"; exit 3`);
    expect(await type("secrets edit plain.yml")).toMatchObject({ code: 1, stderr: expect.stringMatching(/^the editor failed: .*\n {2}seen: exit code 3\n/) });
    expect(existsSync(read("seen").split("\n")[2]!)).toBe(false);
    expect(read("plain.yml")).toBe(sealed);
  });

  test("leave the file as it is when nothing was changed", async () => {
    await type("secrets encrypt plain.yml");
    const sealed = read("plain.yml");
    editor(":");
    expect(await type("secrets edit plain.yml")).toMatchObject({ code: 0, stderr: "plain.yml: nothing was changed\n" });
    expect(read("plain.yml")).toBe(sealed);
  });

  test("leave a vault a vault", async () => {
    editor('sed -i s/horse/staple/ "$1"');
    expect(await type("secrets edit vault.yml --vault-password-file vault-pw")).toEqual(done);
    expect(read("vault.yml")).toMatch(/^\$ANSIBLE_VAULT;1\.1;AES256\n/);
    expect((await type("secrets view vault.yml --vault-password-file vault-pw")).stdout).toBe("db_password: correct-staple\n");
  });

  test("make a file that is new, and only then", async () => {
    editor('echo "a: battery" >>"$1"');
    expect(await type("secrets create new.yml")).toEqual(done);
    expect((await type("secrets view new.yml")).stdout).toBe("---\na: battery\n");
    expect(await type("secrets create plain.yml")).toMatchObject({ code: 4, stderr: expect.stringMatching(/^plain\.yml is there already/) });
  });
});

describe("secrets rekey", () => {
  test("encrypts whole files for the recipients of now", async () => {
    await type("secrets encrypt plain.yml");
    const other = await makePerson();
    writeFileSync("secrets.recipients", `${other.recipient}\n${me.recipient}\n`);
    expect(await type("secrets rekey plain.yml")).toEqual(done);
    writeFileSync("me/bowline/identity", other.identity);
    expect((await type("secrets view plain.yml")).stdout).toBe("pw: correct-horse\n");
  });

  const mixed = async (): Promise<string> =>
    `# all of them\none: !secret |  # mine\n${block(await me.seal("battery"))}\nlist:\n  - name: !vault |\n${block(vaults.value.sealed, 10)}    open: "a  b"   # stays\n`;

  test("and single values of a file that stays as it is to the letter around them, from a vault too", async () => {
    const text = await mixed();
    writeFileSync("mixed.yml", text);
    writeFileSync("prod-pw", "prod-pw");
    expect(await type("secrets rekey --from-vault --vault-id prod@prod-pw mixed.yml")).toEqual(done);
    const around = (each: string) => each.replace(/^ +([A-Za-z0-9+/=]{20,}|-----.*|[0-9a-f]+|\$ANSIBLE.*)\n/gm, "").replace("!vault", "!secret");
    expect(around(read("mixed.yml"))).toBe(around(text));
    expect(read("mixed.yml")).not.toContain("ANSIBLE_VAULT");
    writeFileSync("site.yml", "- hosts: localhost\n  vars_files: [mixed.yml]\n  tasks: [{debug: {msg: '{{ one }}'}}]\n");
    expect(await type("run site.yml --syntax-check -i localhost,")).toMatchObject({ code: 0, stderr: "" });
  });

  test("takes a whole vault over", async () => {
    expect(await type("secrets rekey --from-vault --vault-password-file vault-pw vault.yml")).toEqual(done);
    expect((await type("secrets view vault.yml")).stdout).toBe("db_password: correct-horse\n");
  });

  test.each<[string, string, RegExp]>([
    ["vault.yml", "", /^vault\.yml:1:1: this is encrypted by ansible-vault\n[^]*--from-vault makes it age's/],
    ["plain.yml", "", /^nothing in plain\.yml is encrypted\n/],
    ["flow.yml", 'a: !secret "x"\n', /^flow\.yml:1:12: only a value that stands as a block can be exchanged/],
  ])("refuses %s in words, and changes nothing", async (name, text, words) => {
    if (text) writeFileSync(name, text);
    const there = read(name);
    const ended = await type(`secrets rekey ${name}`);
    expect(ended).toMatchObject({ code: 4, stderr: expect.stringMatching(words) });
    expect(read(name)).toBe(there);
  });
});

describe("what is encrypted", () => {
  test("is not shown by inventory", async () => {
    await type("secrets encrypt plain.yml");
    const given = tree({ "hosts.ini": "h1\n", "group_vars/all/open.yml": "a: 1\n", "group_vars/all/sealed.yml": read("plain.yml") });
    const { stdout } = await type(["inventory", "-i", `${given}/hosts.ini`, "--host", "h1"]);
    expect(JSON.parse(stdout)).toMatchObject({ a: 1, pw: "[redacted]" });
  });

  test("is not shown by a mistake of the playbook either", async () => {
    writeFileSync("site.yml", `- hosts: localhost\n  tasks:\n    - copy:\n        dest: /x\n        content: y\n        mode: !secret |\n${block(await me.seal("correct-horse"), 10)}`);
    const { code, stderr } = await type("run site.yml --syntax-check -i localhost,");
    expect({ code, shown: stderr.includes("horse") }).toEqual({ code: 4, shown: false });
    expect(stderr).toContain("[redacted]");
  });

  test("and cannot be opened is told before anything else happens, with the place", async () => {
    writeFileSync("me/bowline/identity", (await makePerson()).identity);
    writeFileSync("site.yml", `- hosts: localhost\n  vars:\n    pw: !secret |\n${block(await me.seal("x-x-x"), 6)}  tasks: []\n`);
    expect(await type("run site.yml -i localhost,")).toMatchObject({ code: 4, stdout: "", stderr: expect.stringMatching(/^site\.yml:3:17: none of your identities opens this/) });
  });
});
