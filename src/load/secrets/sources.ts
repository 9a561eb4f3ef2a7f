import { homedir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../core/secret.ts";

/** Where identities of age come from. A file that nobody named may be missing. */
export type IdentitySource =
  | { readonly kind: "file"; readonly path: string; readonly named: string; readonly optional?: true }
  | { readonly kind: "text"; readonly text: Secret; readonly named: string }
  | { readonly kind: "command"; readonly command: string; readonly named: string };

/** A password of ansible-vault: at hand, or in a file that is run when it can be. */
export interface VaultSource {
  readonly label?: string;
  readonly from: Secret | { readonly path: string; readonly named: string };
}

/** Where keys are looked for; nothing is read before something encrypted is met. */
export interface KeySources {
  readonly identities: readonly IdentitySource[];
  readonly vaults: readonly VaultSource[];
}

/** What was typed about keys: paths, `label@path`, and passwords that were asked for already. */
export interface TypedKeys {
  readonly identityFiles: readonly string[];
  readonly vaultPasswordFiles: readonly string[];
  readonly vaultIds: readonly string[];
  readonly askedVaults: readonly VaultSource[];
}

/** What was typed goes before the environment, and the environment before the usual place. */
export function keySources(typed: TypedKeys, environment: NodeJS.ProcessEnv): KeySources {
  const [identities] = [typedIdentities(typed), identitiesOfEnvironment(environment), [usualIdentity(environment)]].filter((list) => list.length > 0);
  const [vaults] = [typedVaults(typed), vaultsOfEnvironment(environment)].filter((list) => list.length > 0);
  return { identities: identities!, vaults: vaults ?? [] };
}

/** $XDG_CONFIG_HOME/bowline/identity, else ~/.config/bowline/identity. */
export function usualIdentityFile({ XDG_CONFIG_HOME }: NodeJS.ProcessEnv): string {
  return join(XDG_CONFIG_HOME || join(homedir(), ".config"), "bowline", "identity");
}

function usualIdentity(environment: NodeJS.ProcessEnv): IdentitySource {
  return { kind: "file", path: usualIdentityFile(environment), named: "the usual place", optional: true };
}

function typedIdentities({ identityFiles }: TypedKeys): IdentitySource[] {
  return identityFiles.map((path) => ({ kind: "file", path, named: "--identity" }));
}

function identitiesOfEnvironment({ BOWLINE_IDENTITY, BOWLINE_IDENTITY_FILE, BOWLINE_IDENTITY_COMMAND }: NodeJS.ProcessEnv): IdentitySource[] {
  return [
    ...(BOWLINE_IDENTITY ? [{ kind: "text" as const, text: new Secret(BOWLINE_IDENTITY), named: "BOWLINE_IDENTITY" }] : []),
    ...(BOWLINE_IDENTITY_FILE ? [{ kind: "file" as const, path: BOWLINE_IDENTITY_FILE, named: "BOWLINE_IDENTITY_FILE" }] : []),
    ...(BOWLINE_IDENTITY_COMMAND ? [{ kind: "command" as const, command: BOWLINE_IDENTITY_COMMAND, named: "BOWLINE_IDENTITY_COMMAND" }] : []),
  ];
}

function typedVaults({ vaultPasswordFiles, vaultIds, askedVaults }: TypedKeys): VaultSource[] {
  const files = vaultPasswordFiles.map((path) => ({ from: { path, named: "--vault-password-file" } }));
  return [...askedVaults, ...vaultIds.map((id) => vaultId(id, "--vault-id")), ...files];
}

/** Ansible's own variables count too, after ours. */
function vaultsOfEnvironment({ BOWLINE_VAULT_PASSWORD_FILE, ANSIBLE_VAULT_PASSWORD_FILE, ANSIBLE_VAULT_IDENTITY_LIST }: NodeJS.ProcessEnv): VaultSource[] {
  const [path, named] = BOWLINE_VAULT_PASSWORD_FILE ? [BOWLINE_VAULT_PASSWORD_FILE, "BOWLINE_VAULT_PASSWORD_FILE"] : [ANSIBLE_VAULT_PASSWORD_FILE, "ANSIBLE_VAULT_PASSWORD_FILE"];
  const ids = (ANSIBLE_VAULT_IDENTITY_LIST ?? "").split(",").map((id) => id.trim()).filter((id) => id !== "" && !/(^|@)prompt/.test(id));
  return [...(path ? [{ from: { path, named: named! } }] : []), ...ids.map((id) => vaultId(id, "ANSIBLE_VAULT_IDENTITY_LIST"))];
}

/** `label@path`, or a path alone. */
function vaultId(id: string, named: string): VaultSource {
  const [, label, path] = /^([^@/]*)@(.+)$/.exec(id) ?? [undefined, "", id];
  return { ...(label ? { label } : {}), from: { path: path!, named } };
}
