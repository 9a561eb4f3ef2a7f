import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { scriptIn } from "./code-cache.ts";

/** What the text of the bundle is: a module in CommonJS form, with its own address beside what all such modules get. */
type Bundle = (exports: object, require: NodeJS.Require, module: { exports: object }, ...place: readonly [file: string, dir: string, url: string]) => void;

/** Begins the program; `--version` is answered without it, and help by the part of it that can do nothing else. */
export function launch(): void {
  const words = process.argv.slice(2);
  if (words[0] === "--version" || words[0] === "-V") return void process.stdout.write(`${version()}\n`);
  const dir = dirname(fileURLToPath(import.meta.url));
  const name = isHelp(words) ? "help" : "bundle";
  const file = join(dir, `${name}.js`);
  const script = scriptIn(file, `${name}.js`, join(dir, `${name}.cache`));
  const module = { exports: {} };
  (script.runInThisContext() as Bundle)(module.exports, createRequire(import.meta.url), module, file, dir, import.meta.url);
}

/** `bowline`, `bowline --help` and `bowline run --help`; with more words, `--help` may be one that a host is to get. */
function isHelp(words: readonly string[]): boolean {
  return words.length === 0 || (words.length <= 2 && ["--help", "-h"].includes(words.at(-1)!));
}

function version(): string {
  return (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;
}
