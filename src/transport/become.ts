import { PassThrough } from "node:stream";
import { BowlineError } from "../core/errors.ts";
import { quote } from "../core/sh.ts";
import type { Become, Target } from "./transport.ts";
import type { Wire } from "./wire.ts";

/** What sudo asks with; nothing else prints this. */
const prompt = "bowline-sudo-password:";

/** What the shell prints on its standard error when it was let start. */
const ready = "bowline-ready\n";

/** A program that starts a shell as another user. */
interface Method {
  /** The command, up to the words that the shell is; none of these may ask at a terminal, since there is none. */
  readonly command: (become: Become, shell: string, script: string) => string;
  /** Whether what it said ends with its question for the password; absent where it cannot be given one. */
  readonly asks?: RegExp;
  readonly refusals: readonly Refusal[];
}

/** Words that it gives up with, the cause in ours, and what to do. */
type Refusal = readonly [RegExp, string, string];

const giveOne = "give it with -K or --become-password-file";
const giveRight = "give the right one with -K or --become-password-file";

const methods: Readonly<Record<Become["method"], Method>> = {
  /** Without a password it must not ask (-n); with one it reads it from its input (-S). */
  sudo: {
    command: ({ user, password }, shell, script) => `sudo ${password ? `-S -p ${prompt}` : "-n"} -u ${quote(user)} -- ${shell} -c ${quote(script)}`,
    asks: new RegExp(prompt),
    refusals: [
      [/password is required|no password was provided/i, "sudo wants a password and none was given", giveOne],
      [/incorrect password|maximum \d+ tries/i, "the sudo password was refused", giveRight],
      [/must have a tty|no tty present/i, "sudo wants a terminal, which Bowline does not have", "take `Defaults requiretty` out of the host's sudoers"],
      [/unknown user/i, "the host has no such user", "name another one with become_user"],
      [/not in the sudoers|not allowed/i, "sudo does not allow it", "allow it in the host's sudoers"],
    ],
  },
  /** root is asked for nothing, others for the password of the user whom they become; in English, which is not handed on. */
  su: {
    command: ({ user }, _shell, script) => `sh -c ${quote(inEnglish)} su -s /bin/sh -c ${quote(`${ownLanguage}; ${script}`)} -- ${quote(user)}`,
    asks: /password: ?$/i,
    refusals: [
      [/terminal|must be run from|tty/i, "su of this host asks only at a terminal, which Bowline does not have", "log in as root, or use become_method: sudo"],
      [/does not exist|unknown user|no passwd entry|unknown id/i, "the host has no such user", "name another one with become_user"],
      [/authentication failure|incorrect password|permission denied/i, "the su password was refused", giveRight],
    ],
  },
  /** It asks only at a terminal. */
  doas: {
    command: ({ user }, shell, script) => `doas -n -u ${quote(user)} -- ${shell} -c ${quote(script)}`,
    refusals: [
      [/auth(entic|oriz)ation (required|failed)|a tty is required|tty/i, "doas wants a password, and asks for it only at a terminal, which Bowline does not have", "add nopass to its rule in the host's doas.conf"],
      [/unknown user|no passwd entry/i, "the host has no such user", "name another one with become_user"],
      [/not permitted/i, "doas does not allow it", "permit it in the host's doas.conf"],
      [/doas is not enabled|\.conf/i, "doas is not set up on the host", "write its doas.conf"],
    ],
  },
};

const inEnglish = 'export BOWLINE_LC="$LC_ALL" LC_ALL=C; exec su "$@"';
const ownLanguage = 'LC_ALL=$BOWLINE_LC; [ -n "$LC_ALL" ] || unset LC_ALL; unset BOWLINE_LC';

/** The command that starts a shell as another user. */
export function becomeCommand(become: Become, shell: string, command: string): string {
  return methods[become.method].command(become, shell, `echo bowline-ready >&2; exec ${command}`);
}

/**
 * Waits until the shell has started, giving the password once if it is asked for. Whatever is sent before that could be
 * taken for the password. Throws E_BECOME in words.
 */
export async function passPassword(wire: Wire, become: Become, target: Target): Promise<Wire> {
  const password = become.password?.reveal();
  if (password !== undefined && /[\n\r\0]/.test(password)) throw becomeError(become, target.name, `the ${become.method} password holds a line break, which ${become.method} cannot read`, "give one that is a single line");
  const stderr = new PassThrough();
  const { asks } = methods[become.method];
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
        if (!asks?.test(said)) return undefined;
        said = said.replace(asks, "");
        if (password === undefined) return reject(becomeError(become, target.name, `${become.method} wants a password and none was given`, giveOne));
        if (gave) return reject(becomeError(become, target.name, `the ${become.method} password was refused`, giveRight));
        gave = true;
        wire.stdin.write(`${password}\n`);
        return undefined;
      };
      wire.stderr.on("data", listen);
      // A channel closes only when its output was read, and nobody reads that yet; what it says ends with it.
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
  const { method } = become;
  const words = said.trim().split("\n").at(-1)?.trim() ?? "";
  const missing: Refusal = [new RegExp(`${method}: (not found|No such file)|${method}: command not found`, "i"), `there is no ${method} on the host`, `install ${method}, or log in as the user itself`];
  for (const [pattern, cause, hint] of [missing, ...methods[method].refusals]) if (pattern.test(said)) return becomeError(become, host, cause, hint);
  return becomeError(become, host, `${method} failed: ${words || "it gave no reason"}`, "try it by hand on the host");
}

function becomeError(become: Become, host: string, cause: string, hint: string): BowlineError {
  return new BowlineError({ code: "E_BECOME", message: `${host}: cannot become ${become.user}: ${cause}`, hint });
}
