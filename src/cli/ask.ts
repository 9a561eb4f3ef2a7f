import { createInterface } from "node:readline";
import { createInterface as createPrompt } from "node:readline/promises";
import { Writable } from "node:stream";
import { BowlineError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";

/** What is asked for, and the option that gives it without a person. */
export interface Question {
  readonly what: string;
  /** What Enter alone means. */
  readonly otherwise?: string;
  readonly option: string;
}

/** Asks for a secret without showing it. Only a terminal can be asked; Ctrl-C and Ctrl-D end the command. */
export async function askSecret({ what, otherwise, option }: Question): Promise<Secret> {
  if (!process.stdin.isTTY) {
    throw new BowlineError({ code: "E_OPTIONS", message: `cannot ask for the ${what}: standard input is no terminal`, hint: `${option} reads it from a file` });
  }
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  // From here on nothing that is typed is shown: before the question, lest a quick answer is.
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true, historySize: 0 });
  process.stderr.write(`${what}${otherwise === undefined ? "" : ` (Enter: ${otherwise})`}: `);
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

/** Asks for a line that may be seen; Ctrl-C and Ctrl-D end the command. */
export async function askLine(question: string): Promise<string> {
  const reader = createPrompt({ input: process.stdin, output: process.stderr });
  const ending = new AbortController();
  reader.once("SIGINT", () => ending.abort());
  reader.once("close", () => ending.abort());
  try {
    return await reader.question(question, { signal: ending.signal });
  } catch (error) {
    throw new BowlineError({ code: "E_INTERRUPTED", message: "interrupted" }, { cause: error });
  } finally {
    reader.close();
  }
}
