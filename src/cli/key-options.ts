import { Option, type Command } from "commander";

/** How a command line says where keys are. */
export interface KeyOptions {
  readonly identity: readonly string[];
  readonly vaultPasswordFile: readonly string[];
  readonly vaultId: readonly string[];
  readonly askVaultPassword?: boolean;
}

/** What the commands of `secrets` were asked; each has only some of these. */
export interface SecretsOptions extends KeyOptions {
  /** Recipients that count in place of the project's. */
  readonly recipient: readonly string[];
  /** Encrypt as ansible-vault does: true, or the vault id. */
  readonly vault?: boolean | string;
  readonly fromVault?: boolean;
  readonly name?: string;
  readonly output?: string;
}

/** The options of every command that opens secrets; those of vaults are ansible-playbook's. */
export function keyOptions(command: Command): Command {
  const usual = "BOWLINE_IDENTITY…, or ~/.config/bowline/identity";
  return command
    .addOption(new Option("--identity <file>", "a key of age that opens secrets; may be repeated").argParser(collect).default([], usual))
    .addOption(new Option("--vault-password-file <file>", "a password of ansible-vault, or a command that prints it; may be repeated").argParser(collect).default([], "ANSIBLE_VAULT_PASSWORD_FILE"))
    .addOption(new Option("--vault-id <label@file>", "the same for one vault id; label@prompt asks").argParser(collect).default([], "none"))
    .option("-J, --ask-vault-password", "ask for the password of ansible-vault");
}

function collect(word: string, previous: string[]): string[] {
  return [...previous, word];
}
