import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { BowlineError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";

/** Asks for a secret without showing it. Only a terminal can be asked; Ctrl-C and Ctrl-D end the command. */
export async function askSecret(question: string): Promise<Secret> {
  if (!process.stdin.isTTY) {
    const wanted = question.replace(/( \(.*\))?: $/, "");
    throw new BowlineError({ code: "E_OPTIONS", message: `cannot ask for the ${wanted}: standard input is no terminal`, hint: "use --become-password-file, --connection-password-file, or keys" });
  }
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return new Secret(
      await new Promise<string>((resolve, reject) => {
        // In raw mode Ctrl-C is no signal but a key, which readline hands on.
        reader.once("SIGINT", () => reject(new BowlineError({ code: "E_INTERRUPTED", message: "interrupted" })));
        reader.once("close", () => reject(new BowlineError({ code: "E_INTERRUPTED", message: "nothing was entered" })));
        reader.question("", resolve);
      }),
    );
  } finally {
    reader.close();
    process.stderr.write("\n");
  }
}
