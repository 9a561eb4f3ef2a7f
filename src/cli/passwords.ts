import { readFile } from "node:fs/promises";
import { BowlineError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { askSecret } from "./ask.ts";
import type { RunOptions } from "./options.ts";

/** The passwords that options ask for, the ssh one first; both prompts come before any view is drawn. */
export async function askedPasswords(options: RunOptions): Promise<{ connectionPassword?: Secret; becomePassword?: Secret }> {
  const connection = options.askPass ? await askSecret("SSH password: ") : await secretIn(options.connectionPasswordFile, "--connection-password-file");
  const become = options.askBecomePass ? await askedBecome(connection) : await secretIn(options.becomePasswordFile, "--become-password-file");
  return { ...(connection ? { connectionPassword: connection } : {}), ...(become ? { becomePassword: become } : {}) };
}

/** As with ansible-playbook, Enter alone means the ssh password, if that was given too. */
async function askedBecome(connection: Secret | undefined): Promise<Secret> {
  const answer = await askSecret(connection ? "sudo password (Enter: the SSH password): " : "sudo password: ");
  return connection && answer.reveal() === "" ? connection : answer;
}

async function secretIn(file: string | undefined, option: string): Promise<Secret | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new BowlineError({ code: "E_OPTIONS", message: `${option}: ${error.message}` });
  });
  const [line = ""] = text.split(/\r?\n/, 1);
  if (line === "") throw new BowlineError({ code: "E_OPTIONS", message: `${option}: ${file} begins with an empty line`, expected: "the password on the first line" });
  return new Secret(line);
}
