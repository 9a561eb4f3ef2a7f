import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { newIdentity, recipientOf } from "../load/secrets/age.ts";
import { usualIdentityFile } from "../load/secrets/sources.ts";
import type { Cli } from "./cli.ts";
import { newFile } from "./secret-files.ts";

/** `secrets keygen`: the key into a file of the person's own, its public half to standard output, ready for secrets.recipients. */
export async function keygen({ output }: { readonly output: string }, cli: Cli): Promise<void> {
  const path = output.startsWith("~/") ? usualIdentityFile(process.env) : output;
  const identity = await newIdentity();
  const recipient = await recipientOf(identity);
  if (!(await stat(dirname(path)).catch(() => undefined))) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await newFile(path, `# created: ${new Date().toISOString()}\n# public key: ${recipient}\n${identity}\n`);
  cli.terminal.stderr(`the key is in ${path}: keep it, and show it to nobody; this is its public half\n`);
  cli.terminal.write(`${recipient}\n`);
}
