import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { access, constants, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { readEnvelope, sealVault } from "../load/secrets/vault.ts";
import type { Keyring } from "../load/secrets/keyring.ts";
import type { Cli } from "./cli.ts";
import type { SecretsOptions } from "./key-options.ts";
import { keyringOf } from "./keys.ts";
import { sealerFor } from "./seal.ts";
import { newFile } from "./secret-files.ts";
import { directoryOf, give, openedFile, tellWarnings, type OpenedFile } from "./secrets.ts";

/** `secrets create`: a new file from an editor, straight into its encrypted form. */
export async function create(name: string, options: SecretsOptions, cli: Cli): Promise<void> {
  if (existsSync(name)) throw new BowlineError({ code: "E_FILE", message: `${name} is there already`, hint: "bowline secrets edit changes an encrypted file, bowline secrets encrypt encrypts another one" });
  const keyring = await keyringOf(options);
  const { seal } = await sealerFor(options, dirname(resolve(name)), keyring);
  await edited({ name, before: Buffer.from("---\n") }, cli, async (content) => newFile(name, await seal(content)));
  tellWarnings(keyring, cli);
}

/** `secrets edit`: what is a vault stays one, for whoever has only its password. */
export async function edit(name: string, options: SecretsOptions, cli: Cli): Promise<void> {
  const keyring = await keyringOf(options);
  const file = await openedFile(name, keyring);
  if (file.path === undefined) throw new BowlineError({ code: "E_OPTIONS", message: "standard input cannot be edited", expected: "a file" });
  const seal = await sealerOf(file, options, keyring);
  await edited({ name, before: file.plain }, cli, async (content) => {
    if (content.equals(file.plain)) cli.terminal.stderr(`${name}: nothing was changed\n`);
    else await give(file, await seal(content), cli);
  });
  tellWarnings(keyring, cli);
}

/** Asked for before the editor opens: what cannot be encrypted again is not worth the work. */
async function sealerOf(file: OpenedFile, options: SecretsOptions, keyring: Keyring): Promise<(content: Buffer) => Promise<string>> {
  if (file.seal === "age" || options.vault !== undefined || options.recipient.length > 0) return (await sealerFor(options, directoryOf(file), keyring)).seal;
  const text = file.content.toString("utf8");
  const { password } = await keyring.openVault(text, { file: file.name, line: 1, column: 1 });
  const envelope = readEnvelope(text);
  return (content) => sealVault(content, password.password.reveal(), typeof envelope === "string" ? undefined : envelope.label);
}

/**
 * Gives a text to the person's editor. An editor needs a file, so for that time there is one, that only this user can
 * read: in memory (/dev/shm) where there is such a place. It is overwritten and taken away whatever happens, short of
 * kill -9; if the result cannot be kept, that is said after the text is gone.
 */
async function edited({ name, before }: { name: string; before: Buffer }, cli: Cli, keep: (content: Buffer) => Promise<void>): Promise<void> {
  await cli.shield(async () => {
    const dir = await mkdtemp(join(await memory(), "bowline-"));
    let content: Buffer;
    try {
      const path = join(dir, basename(name));
      await writeFile(path, before, { mode: 0o600, flag: "wx" });
      await runEditor(path);
      content = await readFile(path);
    } finally {
      await shredded(dir);
    }
    await keep(content);
  });
}

async function memory(): Promise<string> {
  return access("/dev/shm", constants.W_OK | constants.X_OK).then(() => "/dev/shm", () => tmpdir());
}

async function runEditor(path: string): Promise<void> {
  const editor = process.env["VISUAL"] || process.env["EDITOR"] || "vi";
  const child = spawn("/bin/sh", ["-c", `${editor} ${quietWords(editor)}"$1"`, "sh", path], { stdio: "inherit" });
  const ended = await new Promise<string | undefined>((done) => {
    child.once("error", (error) => done(error.message));
    child.once("close", (code, signal) => done(code === 0 ? undefined : signal === null ? `exit code ${code}` : signal));
  });
  if (ended !== undefined) throw new BowlineError({ code: "E_RUN", message: `the editor failed: ${editor}`, seen: ended, hint: "nothing was changed; VISUAL or EDITOR names the editor" });
}

/** Vim would keep what it edits in a swap file, in its undo history and in its registers. */
function quietWords(editor: string): string {
  return /^n?vim$/.test(basename(editor)) ? '-n -i NONE -c "set noundofile nobackup nowritebackup" ' : "";
}

async function shredded(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    const path = join(dir, name);
    const { size } = await stat(path);
    await writeFile(path, Buffer.alloc(size), { flag: "r+" }).catch(() => undefined);
  }
  await rm(dir, { recursive: true, force: true });
}
