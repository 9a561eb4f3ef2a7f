import { Option, type Command } from "commander";
import type { RunRequest } from "../pipeline.ts";
import { keyOptions, type KeyOptions } from "./key-options.ts";
import { wholeNumber } from "./numbers.ts";

/** How a command line says how hosts are reached, and as whom. The inventory is stronger. */
export interface ConnectionOptions extends KeyOptions {
  readonly user?: string;
  readonly privateKey?: string;
  readonly keyFile?: string;
  readonly timeout?: number;
  readonly connection?: string;
  readonly sshCommonArgs?: string;
  readonly sshExtraArgs?: string;
  readonly askPass?: boolean;
  readonly connectionPasswordFile?: string;
  readonly become?: boolean;
  readonly becomeUser?: string;
  readonly becomeMethod?: string;
  readonly askBecomePass?: boolean;
  readonly becomePasswordFile?: string;
}

/** The options of every command that reaches hosts; their names are Ansible's. */
export function connectionOptions(command: Command): Command {
  command
    .optionsGroup("Connection, where the inventory says nothing else:")
    .option("-u, --user <name>", "log in as this user")
    .option("--private-key <file>", "log in with this key")
    .addOption(new Option("--key-file <file>", "the same as --private-key").conflicts("privateKey"))
    .addOption(new Option("-T, --timeout <seconds>", "for the connection and for the log-in").argParser(wholeNumber("--timeout")))
    .addOption(new Option("-c, --connection <way>", "over ssh, or on this machine").choices(["ssh", "local"]))
    .option("--ssh-common-args <args>", "what ssh would be told: -o Key=value, -J, -i, -l, -p")
    .option("--ssh-extra-args <args>", "the same, weaker")
    .addOption(new Option("-k, --ask-pass", "ask for the ssh password").conflicts("connectionPasswordFile"))
    .option("--connection-password-file <file>", "read the ssh password from a file")
    .optionsGroup("Another user, where neither the playbook nor the inventory says anything:")
    .option("-b, --become", "become another user once logged in")
    .option("--become-user <name>", "which one; root without it")
    .addOption(new Option("--become-method <program>", "by which program; sudo without it").choices(["sudo", "su", "doas"]))
    .addOption(new Option("-K, --ask-become-pass", "ask for the password that it wants").conflicts("becomePasswordFile"))
    .option("--become-password-file <file>", "read that password from a file")
    .optionsGroup("Secrets:");
  return keyOptions(command);
}

/** The same as the run is asked for it. */
export function reachOf(options: ConnectionOptions): Pick<RunRequest, "reach" | "become"> {
  const { user, timeout, connection, sshCommonArgs, sshExtraArgs, become, becomeUser, becomeMethod } = options;
  const identityFile = options.privateKey ?? options.keyFile;
  return {
    reach: given({ user, identityFile, connectTimeout: timeout, connection, commonArgs: sshCommonArgs, extraArgs: sshExtraArgs }),
    become: given({ become, user: becomeUser, method: becomeMethod }),
  };
}

type Given<Values> = { [Key in keyof Values]?: Exclude<Values[Key], undefined> };

function given<Values extends object>(values: Values): Given<Values> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<Values>;
}
