import { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";

/** The public half of an identity: `age1…`. Throws when this is no identity. */
export const recipientOf = (identity: string): Promise<string> => identityToRecipient(identity);

/** A new identity: `AGE-SECRET-KEY-1…`. */
export const newIdentity = (): Promise<string> => generateX25519Identity();

/** Text for whoever holds an identity of one of the recipients, in the armored form that survives diffs and mail. */
export async function sealAge(content: Uint8Array | string, recipients: readonly string[]): Promise<string> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(content));
}

/** What came of the try to open something: its bytes, or why it stays closed. */
export type Opened = { readonly content: Buffer } | { readonly closed: "no key fits" | "passphrase" | "damaged" };

/** Opens an age file, armored or binary. It is whole and unchanged, or it is not given at all. */
export async function openAge(sealed: Buffer, identities: readonly string[]): Promise<Opened> {
  try {
    const bytes = sealed.toString("latin1").trimStart().startsWith("-----") ? armor.decode(sealed.toString("latin1")) : new Uint8Array(sealed);
    if (/^-> scrypt /m.test(Buffer.from(bytes.slice(0, 400)).toString("latin1"))) return { closed: "passphrase" };
    const decrypter = new Decrypter();
    for (const identity of identities) decrypter.addIdentity(identity);
    return { content: Buffer.from(await decrypter.decrypt(bytes)) };
  } catch (error) {
    const isForOthers = error instanceof Error && error.message.startsWith("no identity matched");
    return { closed: isForOthers ? "no key fits" : "damaged" };
  }
}

/** Whether something is a recipient that can be encrypted to. */
export function isRecipient(word: string): boolean {
  try {
    new Encrypter().addRecipient(word);
    return true;
  } catch {
    return false;
  }
}
