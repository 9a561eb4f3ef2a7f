import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { scriptIn } from "./code-cache.ts";

/** What the text of the bundle is: a module in CommonJS form, with its own address beside what all such modules get. */
type Bundle = (exports: object, require: NodeJS.Require, module: { exports: object }, ...place: readonly [file: string, dir: string, url: string]) => void;

/** Begins the program; `--version` is answered without it. */
export function launch(): void {
  const [first] = process.argv.slice(2);
  if (first === "--version" || first === "-V") return void process.stdout.write(`${version()}\n`);
  const dir = dirname(fileURLToPath(import.meta.url));
  const file = join(dir, "bundle.js");
  const script = scriptIn(file, "bundle.js", join(dir, "bundle.cache"));
  const module = { exports: {} };
  (script.runInThisContext() as Bundle)(module.exports, createRequire(import.meta.url), module, file, dir, import.meta.url);
}

function version(): string {
  return (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;
}
