import { PassThrough } from "node:stream";
import { BowlineError } from "../core/errors.ts";
import { quote } from "../core/sh.ts";
import type { Wire } from "./session.ts";
import type { Become } from "./transport.ts";

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
export async function passPassword(wire: Wire, become: Become, host: string): Promise<Wire> {
  const stderr = new PassThrough();
  let said = "";
  let gave = false;
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
      if (gave) {
        wire.close();
        return reject(becomeError(become, host, "the sudo password was refused", "give the right one with -K or --become-password-file"));
      }
      gave = true;
      wire.stdin.write(`${become.password?.reveal() ?? ""}\n`);
      return undefined;
    };
    wire.stderr.on("data", listen);
    void wire.closed.then((reason) => reject(refusal(become, host, said || (reason ?? ""))));
  });
  return { ...wire, stderr };
}

function refusal(become: Become, host: string, said: string): BowlineError {
  const words = said.trim().split("\n").at(-1) ?? "";
  if (/password is required|no password|Password is needed/i.test(words)) return becomeError(become, host, "sudo wants a password and none was given", "give it with -K or --become-password-file");
  if (/not found/.test(words)) return becomeError(become, host, "there is no sudo on the host", "install sudo, or log in as the user itself");
  if (/not in the sudoers|not allowed/.test(words)) return becomeError(become, host, `sudo does not allow it: ${words}`, "allow it in the host's sudoers");
  return becomeError(become, host, `sudo failed: ${words || "it gave no reason"}`, "try it by hand on the host");
}

function becomeError(become: Become, host: string, cause: string, hint: string): BowlineError {
  return new BowlineError({ code: "E_BECOME", message: `${host}: cannot become ${become.user}: ${cause}`, hint });
}
