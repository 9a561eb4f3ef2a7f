import { PassThrough } from "node:stream";
import { BowlineError } from "../core/errors.ts";
import { quote } from "../core/sh.ts";
import type { Become, Target } from "./transport.ts";
import type { Wire } from "./wire.ts";

/** What sudo asks with; nothing else prints this. */
const prompt = "bowline-sudo-password:";

/** What the shell prints on its standard error when sudo has let it start. */
const ready = "bowline-ready\n";

/** The command that starts a shell as another user. Without a password sudo must not ask (-n); with one it reads it from its input (-S). */
export function becomeCommand(become: Become, shell: string, command: string): string {
  const how = become.password ? `-S -p ${prompt}` : "-n";
  return `sudo ${how} -u ${quote(become.user)} -- ${shell} -c ${quote(`echo bowline-ready >&2; exec ${command}`)}`;
}

/**
 * Waits until sudo has started the shell, giving the password once if it asks. Whatever is sent before that could be
 * taken for the password. Throws E_BECOME in words.
 */
export async function passPassword(wire: Wire, become: Become, target: Target): Promise<Wire> {
  const password = become.password?.reveal() ?? "";
  if (/[\n\r\0]/.test(password)) throw becomeError(become, target.name, "the sudo password holds a line break, which sudo cannot read", "give one that is a single line");
  const stderr = new PassThrough();
  let said = "";
  let gave = false;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const listen = (chunk: Buffer) => {
        said += chunk.toString("latin1");
        const start = said.indexOf(ready);
        if (start >= 0) {
          wire.stderr.off("data", listen);
          stderr.write(Buffer.from(said.slice(start + ready.length), "latin1"));
          wire.stderr.pipe(stderr);
          return resolve();
        }
        if (!said.includes(prompt)) return undefined;
        said = said.replace(prompt, "");
        if (gave) return reject(becomeError(become, target.name, "the sudo password was refused", "give the right one with -K or --become-password-file"));
        gave = true;
        wire.stdin.write(`${password}\n`);
        return undefined;
      };
      wire.stderr.on("data", listen);
      // A channel closes only when its output was read, and nobody reads that yet; what sudo says ends with sudo.
      wire.stderr.once("end", () => reject(refusal(become, target.name, said)));
      void wire.closed.then((reason) => reject(refusal(become, target.name, said || (reason ?? ""))));
      timer = setTimeout(() => reject(refusal(become, target.name, `${said}\nit did not answer within ${target.connectTimeout}s`)), target.connectTimeout * 1000);
    });
  } catch (error) {
    wire.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return { ...wire, stderr };
}

function refusal(become: Become, host: string, said: string): BowlineError {
  const words = said.trim().split("\n").at(-1)?.trim() ?? "";
  for (const [pattern, cause, hint] of knownRefusals) if (pattern.test(said)) return becomeError(become, host, cause, hint);
  return becomeError(become, host, `sudo failed: ${words || "it gave no reason"}`, "try it by hand on the host");
}

const knownRefusals: readonly (readonly [RegExp, string, string])[] = [
  [/password is required|no password was provided/i, "sudo wants a password and none was given", "give it with -K or --become-password-file"],
  [/incorrect password|maximum \d+ tries/i, "the sudo password was refused", "give the right one with -K or --become-password-file"],
  [/must have a tty|no tty present/i, "sudo wants a terminal, which Bowline does not have", "take `Defaults requiretty` out of the host's sudoers"],
  [/unknown user/i, "the host has no such user", "name another one with become_user"],
  [/sudo.*not found|sudo.*No such file/i, "there is no sudo on the host", "install sudo, or log in as the user itself"],
  [/not in the sudoers|not allowed/i, "sudo does not allow it", "allow it in the host's sudoers"],
];

function becomeError(become: Become, host: string, cause: string, hint: string): BowlineError {
  return new BowlineError({ code: "E_BECOME", message: `${host}: cannot become ${become.user}: ${cause}`, hint });
}
