import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { BowlineError, throwProblems } from "../core/errors.ts";
import type { Seal } from "../core/node.ts";
import type { Keyring } from "../load/secrets/keyring.ts";
import { sealOf } from "../load/secrets/seal.ts";
import { together } from "../load/together.ts";
import { askSecret } from "./ask.ts";
import type { Cli } from "./cli.ts";
import type { SecretsOptions } from "./key-options.ts";
import { keyringOf } from "./keys.ts";
import { sealerFor, type Sealer } from "./seal.ts";
import { givenFile, replaceFile, standardInput, type GivenFile } from "./secret-files.ts";

/** `secrets encrypt`: all that was named, or with a mistake in any of it nothing. */
export async function encrypt(names: readonly string[], options: SecretsOptions, cli: Cli): Promise<void> {
  const keyring = await keyringOf(options);
  const files = await together(names.map(givenFile));
  throwProblems(files.filter(({ content }) => sealOf(content)).map(({ name }) => ({ code: "E_SECRET", message: `${name} is encrypted already`, hint: "bowline secrets edit changes it, bowline secrets rekey encrypts it for the recipients of now" })));
  const sealed = await together(files.map(async (file) => (await sealerFor(options, directoryOf(file), keyring)).seal(file.content)));
  for (const [index, file] of files.entries()) await give(file, sealed[index]!, cli);
  tellWarnings(keyring, cli);
}

/** `secrets decrypt`, likewise. */
export async function decrypt(names: readonly string[], options: SecretsOptions, cli: Cli): Promise<void> {
  const keyring = await keyringOf(options);
  const opened = await together(names.map((name) => openedFile(name, keyring)));
  for (const file of opened) await give(file, file.plain, cli);
  tellWarnings(keyring, cli);
}

/** `secrets view`: to standard output, or to a person's $PAGER. */
export async function view(names: readonly string[], options: SecretsOptions, cli: Cli): Promise<void> {
  const keyring = await keyringOf(options);
  const texts = (await together(names.map((name) => openedFile(name, keyring)))).map(({ plain }) => plain.toString("utf8"));
  const text = texts.map((each) => (each.endsWith("\n") || each === "" ? each : `${each}\n`)).join("");
  const pager = process.env["PAGER"];
  if (cli.terminal.isTTY && pager) await cli.shield(() => paged(text, pager));
  else cli.terminal.write(text);
  tellWarnings(keyring, cli);
}

/** `secrets encrypt-value`: a piece of YAML to paste. */
export async function encryptValue(options: SecretsOptions, cli: Cli): Promise<void> {
  const keyring = await keyringOf(options);
  const value = process.stdin.isTTY ? (await askSecret({ what: "value", option: "standard input" })).reveal() : oneValue((await standardInput()).toString("utf8"));
  if (value === "") throw new BowlineError({ code: "E_OPTIONS", message: "the value is empty", expected: "a value on standard input" });
  const { tag, seal } = await sealerFor(options, process.cwd(), keyring);
  const { name } = options;
  if (name !== undefined && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new BowlineError({ code: "E_OPTIONS", message: `"${name}" cannot be the name of a variable`, expected: "letters, digits and _, not beginning with a digit" });
  cli.terminal.write(valueText({ tag, ...(name === undefined ? {} : { name }) }, await seal(Buffer.from(value))));
  tellWarnings(keyring, cli);
}

/** What was opened of a file, and how it was encrypted. */
export interface OpenedFile extends GivenFile {
  readonly plain: Buffer;
  readonly seal: Seal;
}

/** Opens a file that must be encrypted. */
export async function openedFile(name: string, keyring: Keyring): Promise<OpenedFile> {
  const file = await givenFile(name);
  const seal = sealOf(file.content);
  if (seal === undefined) throw new BowlineError({ code: "E_SECRET", message: `${file.name} is not encrypted`, expected: "a file of age or of ansible-vault", hint: "single values in it are changed with bowline secrets encrypt-value" });
  return { ...file, seal, plain: await keyring.open(file.content, seal, { file: name, line: 1, column: 1 }) };
}

/** The directory whose recipients count. */
export function directoryOf({ path }: GivenFile): string {
  return path === undefined ? process.cwd() : dirname(path);
}

/** Back to where it came from. */
export async function give(file: GivenFile, content: Buffer | string, cli: Cli): Promise<void> {
  if (file.path === undefined) cli.terminal.write(content.toString());
  else await replaceFile(file.path, content);
}

export function tellWarnings(keyring: Keyring, cli: Cli): void {
  for (const warning of keyring.warnings) cli.terminal.stderr(`warning: ${warning}\n`);
}

/** `echo` ends its line, and the password does not; of several lines, such as a key has, the last newline counts. */
function oneValue(text: string): string {
  return /^[^\n]*\r?\n$/.test(text) ? text.replace(/\r?\n$/, "") : text;
}

function valueText({ tag, name }: Pick<Sealer, "tag"> & { name?: string }, sealed: string): string {
  const lines = sealed.trimEnd().split("\n").map((line) => `  ${line}`);
  return `${[`${name === undefined ? "" : `${name}: `}${tag} |`, ...lines].join("\n")}\n`;
}

/** A pager that is left before the end reads no more. */
async function paged(text: string, pager: string): Promise<void> {
  const child = spawn("/bin/sh", ["-c", pager], { stdio: ["pipe", "inherit", "inherit"] });
  child.stdin.on("error", () => undefined);
  child.stdin.end(text);
  await new Promise<void>((done) => child.once("close", () => done()));
}
