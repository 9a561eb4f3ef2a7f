import { spawn } from "node:child_process";
import { access, constants, readFile, stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { BowlineError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import type { IdentitySource, VaultSource } from "./sources.ts";

/** A secret key of age, its public half, and where it was found. */
export interface Identity {
  readonly key: Secret;
  readonly recipient: string;
  readonly from: string;
  readonly warning?: string;
}

export interface VaultPassword {
  readonly label?: string;
  readonly password: Secret;
  readonly from: string;
}

/** The identities of all sources; E_OPTIONS, without a word of their content, for a source that gives none. */
export async function readIdentities(sources: readonly IdentitySource[]): Promise<readonly Identity[]> {
  return (await Promise.all(sources.map(identitiesOf))).flat();
}

/** As Ansible reads it: a file that can be run is run, and blanks around the password do not count. */
export async function readVaultPassword({ label, from }: VaultSource): Promise<VaultPassword> {
  const labelled = label === undefined ? {} : { label };
  if (from instanceof Secret) return { ...labelled, password: from, from: "what was typed" };
  const path = resolve(from.path);
  const text = (await canBeRun(path)) ? (await output(path, clientWords(path, label), from.named)).replace(/^[\r\n]+|[\r\n]+$/g, "") : (await keyText(path, from.named)).trim();
  if (text === "") throw new BowlineError({ code: "E_OPTIONS", message: `${from.named}: ${from.path} gives no password`, expected: "the password, and nothing else" });
  return { ...labelled, password: new Secret(text), from: from.path };
}

async function identitiesOf(source: IdentitySource): Promise<Identity[]> {
  const from = source.kind === "file" ? source.path : source.named;
  if (source.kind === "text") return parsed(source.text.reveal(), from, source.named);
  if (source.kind === "command") return parsed(await output("/bin/sh", ["-c", source.command], source.named), from, source.named);
  if (source.optional && !(await stat(source.path).catch(() => undefined))) return [];
  const identities = await parsed(await keyText(source.path, source.named), from, source.named);
  const { mode } = await stat(source.path);
  const warning = `${source.path} may be read by others: chmod 600 ${source.path}`;
  return mode & 0o077 ? identities.map((identity) => ({ ...identity, warning })) : identities;
}

/** The form of age-keygen: an identity on each line, `#` before a comment. */
async function parsed(text: string, from: string, named: string): Promise<Identity[]> {
  const { recipientOf } = await import("./age.ts");
  const lines = text.split(/\r?\n/).map((line, index) => ({ line: line.trim(), number: index + 1 })).filter(({ line }) => line !== "" && !line.startsWith("#"));
  const identities = lines.map(async ({ line, number }) => {
    const recipient = await recipientOf(line).catch(() => undefined);
    if (recipient === undefined) throw new BowlineError({ code: "E_OPTIONS", message: `${named}: line ${number} of ${from} is no identity of age`, expected: "AGE-SECRET-KEY-1…", hint: identityHint(line) });
    return { key: new Secret(line), recipient, from };
  });
  if (lines.length === 0) throw new BowlineError({ code: "E_OPTIONS", message: `${named}: there is no identity in ${from}`, expected: "AGE-SECRET-KEY-1… on a line" });
  return Promise.all(identities);
}

function identityHint(line: string): string {
  if (line.startsWith("age1")) return "that is a recipient, the public half; the identity is the other one";
  if (/^-----BEGIN AGE|^age-encryption/.test(line)) return 'it is encrypted itself: BOWLINE_IDENTITY_COMMAND="age -d FILE" opens it';
  return "bowline secrets keygen makes one";
}

async function keyText(path: string, named: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new BowlineError({ code: "E_OPTIONS", message: `${named}: ${code === "ENOENT" ? `there is no file ${path}` : message}` }, { cause: error });
  }
}

async function canBeRun(path: string): Promise<boolean> {
  const isFile = (await stat(path).catch(() => undefined))?.isFile() ?? false;
  return isFile && access(path, constants.X_OK).then(() => true, () => false);
}

/** Ansible tells a script whose name ends so which password is wanted. */
function clientWords(path: string, label: string | undefined): string[] {
  const isClient = basename(path).replace(/\.[^.]*$/, "").endsWith("-client");
  return isClient ? ["--vault-id", label ?? "default"] : [];
}

/** What a command prints. It may ask at the terminal, as gpg and age do, and its errors are for the person. */
async function output(command: string, words: readonly string[], named: string): Promise<string> {
  const child = spawn(command, words, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const ended = await new Promise<string | undefined>((done) => {
    child.once("error", (error) => done(error.message));
    child.once("close", (code, signal) => done(code === 0 ? undefined : signal === null ? `exit code ${code}` : signal));
  });
  if (ended === undefined) return text;
  throw new BowlineError({ code: "E_OPTIONS", message: `${named}: the command that gives the key failed`, seen: ended });
}
