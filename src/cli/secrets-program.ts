import { Option, type Command } from "commander";
import type { Cli } from "./cli.ts";
import { keyOptions, type SecretsOptions } from "./key-options.ts";

/** `secrets …`: the words here, the work in files that are loaded when they are reached. */
export function addSecrets(secrets: Command, cli: Cli, examples: (...lines: string[]) => string): void {
  secrets.addHelpText("after", examples("secrets keygen >> secrets.recipients", "secrets encrypt group_vars/all/secrets.yml", "secrets edit group_vars/all/secrets.yml", "secrets rekey --from-vault group_vars/all/vault.yml -J"));
  const files = async () => import("./secrets.ts");
  secrets
    .command("keygen")
    .description("make a key, and print its public half")
    .option("-o, --output <file>", "where the key goes; a file that is there already stays", "~/.config/bowline/identity")
    .action(async (options: { output: string }) => (await import("./secrets-keygen.ts")).keygen(options, cli));
  sealing(secrets.command("create <file>").description("write a new encrypted file in an editor")).action(async (file: string, options: SecretsOptions) => (await import("./secrets-edit.ts")).create(file, options, cli));
  sealing(secrets.command("edit <file>").description("open an encrypted file in an editor")).action(async (file: string, options: SecretsOptions) => (await import("./secrets-edit.ts")).edit(file, options, cli));
  keyOptions(secrets.command("view <files...>").description("show encrypted files")).action(async (names: string[], options: SecretsOptions) => (await files()).view(names, options, cli));
  sealing(secrets.command("encrypt <files...>").description("encrypt files where they are; - for standard input")).action(async (names: string[], options: SecretsOptions) => (await files()).encrypt(names, options, cli));
  keyOptions(secrets.command("decrypt <files...>").description("decrypt files where they are; - for standard input")).action(async (names: string[], options: SecretsOptions) => (await files()).decrypt(names, options, cli));
  sealing(secrets.command("encrypt-value").description("encrypt one value, asked for or from standard input, for a YAML file"))
    .option("--name <name>", "the name of the variable")
    .action(async (options: SecretsOptions) => (await files()).encryptValue(options, cli));
  sealing(secrets.command("rekey <files...>").description("encrypt files, and single values in them, for those who are recipients now"))
    .option("--from-vault", "make what ansible-vault encrypted age's")
    .action(async (names: string[], options: SecretsOptions) => (await import("./secrets-rekey.ts")).rekey(names, options, cli));
}

function sealing(command: Command): Command {
  return keyOptions(command)
    .addOption(new Option("-r, --recipient <age1…>", "encrypt for this one; may be repeated").argParser((word: string, previous: string[]) => [...previous, word]).default([], "those in secrets.recipients"))
    .addOption(new Option("--vault [label]", "encrypt as ansible-vault does").conflicts("recipient"));
}
