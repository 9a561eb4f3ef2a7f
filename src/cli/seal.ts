import { BowlineError } from "../core/errors.ts";
import type { Keyring } from "../load/secrets/keyring.ts";
import { checkedRecipients, recipientsFor } from "../load/secrets/recipients.ts";
import type { SecretsOptions } from "./key-options.ts";

/** Encrypts a content; `tag` is what stands before it as a value of a YAML file. */
export interface Sealer {
  readonly tag: "!secret" | "!vault";
  readonly seal: (content: Buffer) => Promise<string>;
}

/** How things in a directory are encrypted: for its recipients, or as ansible-vault does. */
export async function sealerFor(options: SecretsOptions, dir: string, keyring: Keyring): Promise<Sealer> {
  if (options.vault !== undefined && options.vault !== false) return vaultSealer(options.vault === true ? undefined : options.vault, keyring);
  const { recipients, path } = options.recipient.length > 0 ? { recipients: await checkedRecipients(options.recipient), path: "--recipient" } : await recipientsFor(dir);
  const { sealAge } = await import("../load/secrets/age.ts");
  await warnOutsider(recipients, path, keyring);
  return { tag: "!secret", seal: (content) => sealAge(content, recipients) };
}

async function vaultSealer(label: string | undefined, keyring: Keyring): Promise<Sealer> {
  const passwords = await keyring.vaultPasswords();
  const chosen = label === undefined ? passwords[0] : (passwords.find((password) => password.label === label) ?? passwords.find((password) => password.label === undefined));
  if (!chosen) {
    const message = label === undefined ? "--vault needs a vault password" : `--vault needs a vault password for ${label}`;
    throw new BowlineError({ code: "E_OPTIONS", message, hint: "-J asks for it, --vault-password-file reads it from a file" });
  }
  const { sealVault } = await import("../load/secrets/vault.ts");
  return { tag: "!vault", seal: (content) => sealVault(content, chosen.password.reveal(), label ?? chosen.label) };
}

/** To encrypt for others only is allowed, and seldom meant. */
async function warnOutsider(recipients: readonly string[], path: string, keyring: Keyring): Promise<void> {
  const own = await keyring.identities();
  if (own.length > 0 && !own.some(({ recipient }) => recipients.includes(recipient))) keyring.warn(`none of your identities is among the recipients (${path}): you will not be able to open this`);
}
