import { openEnvelope, readEnvelope, sealVault, type Envelope } from "../../../src/load/secrets/vault.ts";
import { vaults } from "./_vaults.ts";

const envelopeOf = (text: string): Envelope => {
  const envelope = readEnvelope(text);
  if (typeof envelope === "string") throw new Error(envelope);
  return envelope;
};

describe("a vault of ansible's", () => {
  test.each(Object.entries(vaults))("%s is opened with its password, and with no other", async (_name, { sealed, password, content, label }) => {
    const envelope = envelopeOf(sealed);
    expect(envelope.label).toBe(label);
    expect((await openEnvelope(envelope, password))?.toString("utf8")).toBe(content);
    expect(await openEnvelope(envelope, `${password} `)).toBeUndefined();
  });

  test("may be indented and have the newlines of Windows, as it comes out of other files", async () => {
    const { sealed, password, content } = vaults.file;
    const text = `\n${sealed.split("\n").map((line) => `   ${line}`).join("\r\n")}\n`;
    expect((await openEnvelope(envelopeOf(text), password))?.toString()).toBe(content);
  });

  test("in which one bit was changed stays closed", async () => {
    const { ciphertext, ...rest } = envelopeOf(vaults.file.sealed);
    const changed = Buffer.from(ciphertext);
    changed[3]! ^= 1;
    expect(await openEnvelope({ ...rest, ciphertext: changed }, vaults.file.password)).toBeUndefined();
  });

  test.each([
    ["$ANSIBLE_VAULT;1.0;AES\n6162", "the version of this vault is 1.0; 1.1 and 1.2 are read"],
    ["$ANSIBLE_VAULT\n6162", "the version of this vault is missing; 1.1 and 1.2 are read"],
    ["$ANSIBLE_VAULT;1.1;AES128\n6162", "the cipher of this vault is AES128; AES256 is read"],
    ["$ANSIBLE_VAULT;1.1;AES256\n6162", "this vault is damaged: a part of it is missing"],
    ["$ANSIBLE_VAULT;1.1;AES256\nno hex", "this vault is damaged: a part of it is missing"],
    [vaults.file.sealed.slice(0, -40), "this vault is damaged: a part of it is missing"],
  ])("%j is refused in words", (text, words) => expect(readEnvelope(text)).toBe(words));
});

describe("a vault of ours", () => {
  test.each(["", "x", "sixteen bytes!!!", "line\n".repeat(500), "\u0000\u0001ü"])("holds %j, byte for byte", async (content) => {
    const sealed = await sealVault(Buffer.from(content), "pw");
    expect(sealed).toMatch(/^\$ANSIBLE_VAULT;1\.1;AES256\n([0-9a-f]{80}\n)*[0-9a-f]{1,80}\n$/);
    expect((await openEnvelope(envelopeOf(sealed), "pw"))?.toString()).toBe(content);
  });

  test("with a label is of version 1.2, and no two are the same", async () => {
    const [one, two] = await Promise.all([sealVault(Buffer.from("x"), "pw", "prod"), sealVault(Buffer.from("x"), "pw", "prod")]);
    expect(one).toMatch(/^\$ANSIBLE_VAULT;1\.2;AES256;prod\n/);
    expect(one).not.toBe(two);
  });
});
