import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { BowlineError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";

/** Asks for a secret without showing it. Only a terminal can be asked. */
export function askSecret(question: string): Promise<Secret> {
  if (!process.stdin.isTTY) {
    throw new BowlineError({ code: "E_OPTIONS", message: `cannot ask for the ${question.replace(/: $/, "")}: standard input is no terminal`, hint: "use --become-password-file, or keys" });
  }
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve) => {
    reader.question("", (answer) => {
      reader.close();
      process.stderr.write("\n");
      resolve(new Secret(answer));
    });
  });
}
