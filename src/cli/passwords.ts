import { readFile } from "node:fs/promises";
import { BowlineError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { askSecret } from "./ask.ts";
import type { ConnectionOptions } from "./connection-options.ts";

const sshFile = "--connection-password-file";
const sudoFile = "--become-password-file";

/** The passwords that options ask for, the ssh one first; both prompts come before any view is drawn. */
export async function askedPasswords(options: ConnectionOptions): Promise<{ connectionPassword?: Secret; becomePassword?: Secret }> {
  const connection = options.askPass ? await askSecret({ what: "SSH password", option: sshFile }) : await secretIn(options.connectionPasswordFile, sshFile);
  const become = options.askBecomePass ? await askedBecome(connection) : await secretIn(options.becomePasswordFile, sudoFile);
  return { ...(connection ? { connectionPassword: connection } : {}), ...(become ? { becomePassword: become } : {}) };
}

/** As with ansible-playbook, Enter alone means the ssh password, if that was given too. */
async function askedBecome(connection: Secret | undefined): Promise<Secret> {
  const answer = await askSecret({ what: "sudo password", ...(connection ? { otherwise: "the SSH password" } : {}), option: sudoFile });
  return connection && answer.reveal() === "" ? connection : answer;
}

async function secretIn(file: string | undefined, option: string): Promise<Secret | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new BowlineError({ code: "E_OPTIONS", message: `${option}: ${error.code === "ENOENT" ? `there is no file ${file}` : error.message}` }, { cause: error });
  });
  const [line = ""] = text.split(/\r?\n/, 1);
  if (line === "") throw new BowlineError({ code: "E_OPTIONS", message: `${option}: ${file} begins with an empty line`, expected: "the password on the first line" });
  return new Secret(line);
}
