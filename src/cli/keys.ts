import { Keyring } from "../load/secrets/keyring.ts";
import { keySources, type VaultSource } from "../load/secrets/sources.ts";
import { askSecret } from "./ask.ts";
import type { KeyOptions } from "./key-options.ts";

/**
 * The keyring that a command line and its environment name. Passwords are asked for now, before any view is drawn; all
 * the rest waits until something encrypted is met.
 */
export async function keyringOf(options: KeyOptions): Promise<Keyring> {
  const askedVaults: VaultSource[] = [];
  if (options.askVaultPassword) askedVaults.push(await askedVault(undefined));
  for (const id of options.vaultId.filter(isPrompt)) askedVaults.push(await askedVault(id.replace(/@?prompt$/, "") || undefined));
  const vaultIds = options.vaultId.filter((id) => !isPrompt(id));
  const sources = keySources({ identityFiles: options.identity, vaultPasswordFiles: options.vaultPasswordFile, vaultIds, askedVaults }, process.env);
  // A key in the environment is for us, and not for what we start: a local task may print its own.
  delete process.env["BOWLINE_IDENTITY"];
  return new Keyring(sources);
}

function isPrompt(id: string): boolean {
  return /(^|@)prompt$/.test(id);
}

async function askedVault(label: string | undefined): Promise<VaultSource> {
  const from = await askSecret({ what: label === undefined ? "vault password" : `vault password (${label})`, option: "--vault-password-file" });
  return label === undefined ? { from } : { label, from };
}
