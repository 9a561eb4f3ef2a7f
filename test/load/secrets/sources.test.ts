import { chmodSync } from "node:fs";
import { join } from "node:path";
import { Keyring } from "../../../src/load/secrets/keyring.ts";
import { keySources, type TypedKeys } from "../../../src/load/secrets/sources.ts";
import { checkedRecipients, recipientsFor } from "../../../src/load/secrets/recipients.ts";
import { problemsFrom, removeTrees, tree } from "../_files.ts";
import { makePerson, type Person } from "./_keys.ts";

let person: Person;
beforeAll(async () => {
  person = await makePerson();
});
afterAll(removeTrees);

const nothing: TypedKeys = { identityFiles: [], vaultPasswordFiles: [], vaultIds: [], askedVaults: [] };
const ring = (typed: Partial<TypedKeys>, environment: NodeJS.ProcessEnv) => new Keyring(keySources({ ...nothing, ...typed }, environment));

describe("identities come", () => {
  const from = async (typed: Partial<TypedKeys>, environment: NodeJS.ProcessEnv) => (await ring(typed, environment).identities()).map(({ recipient }) => recipient);
  const files = (text: string): string => tree({ "bowline/identity": text });

  test.each<[string, (dir: string, identity: string) => [Partial<TypedKeys>, NodeJS.ProcessEnv]]>([
    ["from a file that was typed", (dir) => [{ identityFiles: [`${dir}/bowline/identity`] }, {}]],
    ["from the environment itself", (_, identity) => [{}, { BOWLINE_IDENTITY: identity }]],
    ["from a file that the environment names", (dir) => [{}, { BOWLINE_IDENTITY_FILE: `${dir}/bowline/identity` }]],
    ["from a command", (dir) => [{}, { BOWLINE_IDENTITY_COMMAND: `cat '${dir}/bowline/identity'` }]],
    ["from the usual place", (dir) => [{}, { XDG_CONFIG_HOME: dir }]],
    ["from what was typed only, if anything was", (dir) => [{ identityFiles: [`${dir}/bowline/identity`] }, { BOWLINE_IDENTITY: "none", BOWLINE_IDENTITY_COMMAND: "exit 1" }]],
  ])("%s", async (_, given) => {
    const dir = files(`# mine\n\n${person.identity}\n`);
    expect(await from(...given(dir, person.identity))).toEqual([person.recipient]);
  });

  test("from nowhere without a complaint, as long as nothing is encrypted", async () => {
    expect(await from({}, { XDG_CONFIG_HOME: tree({}) })).toEqual([]);
  });

  test("from a command that is run once", async () => {
    const dir = tree({ identity: person.identity });
    const keyring = ring({}, { BOWLINE_IDENTITY_COMMAND: `echo >>'${dir}/count'; cat '${dir}/identity'; test $(wc -l <'${dir}/count') = 1` });
    await Promise.all([keyring.identities(), keyring.identities()]);
    expect(await keyring.identities()).toHaveLength(1);
  });

  test("with a word about a file that others may read, and hidden themselves", async () => {
    const dir = files(person.identity);
    const keyring = ring({}, { XDG_CONFIG_HOME: dir });
    chmodSync(join(dir, "bowline/identity"), 0o644);
    await keyring.identities();
    expect(keyring.warnings).toEqual([expect.stringMatching(/may be read by others: chmod 600/)]);
    expect(keyring.redactor.text(person.identity)).toBe("[redacted]");
  });

  test.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ["no identity", { BOWLINE_IDENTITY: "hunter2" }, /^BOWLINE_IDENTITY: line 1 of BOWLINE_IDENTITY is no identity of age$/],
    ["only comments", { BOWLINE_IDENTITY: "# hunter2" }, /^BOWLINE_IDENTITY: there is no identity in BOWLINE_IDENTITY$/],
    ["no file", { BOWLINE_IDENTITY_FILE: "/nowhere" }, /^BOWLINE_IDENTITY_FILE: there is no file \/nowhere$/],
    ["a command that fails", { BOWLINE_IDENTITY_COMMAND: "echo hunter2; exit 3" }, /^BOWLINE_IDENTITY_COMMAND: the command that gives the key failed$/],
  ])("and %s is told without its words", async (_, environment, words) => {
    const [problem] = await problemsFrom(() => from({}, environment));
    expect(problem!.message).toMatch(words);
    expect(JSON.stringify(problem)).not.toContain("hunter2");
  });
});

describe("vault passwords come", () => {
  const from = async (typed: Partial<TypedKeys>, environment: NodeJS.ProcessEnv) => (await ring(typed, environment).vaultPasswords()).map(({ label, password }) => [label, password.reveal()]);
  const dir = () => {
    const made = tree({ pw: " hunter2 \n", "ask.sh": "#!/bin/sh\necho run-$#\n", "get-client.py": '#!/bin/sh\necho "$1 $2"\n' });
    for (const name of ["ask.sh", "get-client.py"]) chmodSync(join(made, name), 0o755);
    return made;
  };

  test.each<[string, (dir: string) => [Partial<TypedKeys>, NodeJS.ProcessEnv], unknown]>([
    ["from a file, without the blanks around it", (at) => [{ vaultPasswordFiles: [`${at}/pw`] }, {}], [[undefined, "hunter2"]]],
    ["from a file that is run", (at) => [{ vaultPasswordFiles: [`${at}/ask.sh`] }, {}], [[undefined, "run-0"]]],
    ["from a client, which is told the vault id", (at) => [{ vaultIds: [`prod@${at}/get-client.py`] }, {}], [["prod", "--vault-id prod"]]],
    ["with vault ids", (at) => [{ vaultIds: [`dev@${at}/pw`, `${at}/ask.sh`] }, {}], [["dev", "hunter2"], [undefined, "run-0"]]],
    ["from our variable before Ansible's", (at) => [{}, { BOWLINE_VAULT_PASSWORD_FILE: `${at}/pw`, ANSIBLE_VAULT_PASSWORD_FILE: "/nowhere" }], [[undefined, "hunter2"]]],
    ["from Ansible's variables", (at) => [{}, { ANSIBLE_VAULT_PASSWORD_FILE: `${at}/pw`, ANSIBLE_VAULT_IDENTITY_LIST: `a@${at}/pw, b@prompt` }], [[undefined, "hunter2"], ["a", "hunter2"]]],
  ])("%s", async (_, given, passwords) => expect(await from(...given(dir()))).toEqual(passwords));

  test("and an empty file is told", async () => {
    const [problem] = await problemsFrom(() => from({ vaultPasswordFiles: [join(tree({ pw: "\n" }), "pw")] }, {}));
    expect(problem!.message).toMatch(/^--vault-password-file: .*pw gives no password$/);
  });
});

describe("recipients", () => {
  test("are those of the nearest file, up to the root of the project", async () => {
    const other = await makePerson();
    const dir = tree({ ".git/HEAD": "", "secrets.recipients": `${person.recipient} # me\n`, "a/b/x": "", "c/secrets.recipients": `# them\n${other.recipient}\n${other.recipient}\n` });
    expect((await recipientsFor(join(dir, "a/b"))).recipients).toEqual([person.recipient]);
    expect((await recipientsFor(join(dir, "c"))).recipients).toEqual([other.recipient]);
  });

  test("are not looked for above the project: what is there is somebody else's", async () => {
    const dir = tree({ "secrets.recipients": `${person.recipient}\n`, "project/.git/HEAD": "", "project/a/x": "", "loose/x": "" });
    for (const place of ["project/a", "loose"]) {
      expect(await problemsFrom(() => recipientsFor(join(dir, place)))).toMatchObject([{ code: "E_SECRET", message: "there is no secrets.recipients: for whom is this to be encrypted?" }]);
    }
  });

  test.each(["nonsense", "ssh-ed25519 AAAA"])("that are none are told with their lines: %s", async (word) => {
    const dir = tree({ "secrets.recipients": `# all\n${word}\n` });
    expect(await problemsFrom(() => recipientsFor(dir))).toMatchObject([{ code: "E_SECRET", message: `"${word}" is no recipient of age`, at: { line: 2 } }]);
  });

  test("are never secret halves, and these are not shown", async () => {
    const dir = tree({ "secrets.recipients": person.identity });
    const problems = [...(await problemsFrom(() => recipientsFor(dir))), ...(await problemsFrom(() => checkedRecipients([person.identity])))];
    expect(problems.map(({ message }) => message)).toEqual(Array(2).fill(expect.stringContaining("an identity, the secret half, is no recipient")));
    expect(JSON.stringify(problems)).not.toContain(person.identity);
  });
});
