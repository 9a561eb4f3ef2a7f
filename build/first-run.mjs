/** node first-run.mjs DIR PROJECT BUNDLE WORDS…: a bundle of DIR, run with these words in PROJECT, and its cache at the end. */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startServer } from "./ssh-server.mjs";

const [dir, project, name, ...words] = process.argv.slice(2);
const { cacheOf, scriptIn } = await import(pathToFileURL(join(project, "code-cache.mjs")).href);
const bundle = join(dir, `${name}.js`);
const script = scriptIn(bundle, `${name}.js`, "");
const address = pathToFileURL(join(dir, "main.js")).href;
const server = await startServer(project);
process.argv.splice(1, process.argv.length, join(dir, "main.js"), ...words);
process.once("exit", (code) => {
  if (code === 0) writeFileSync(join(dir, `${name}.cache`), cacheOf(script, readFileSync(bundle)));
});
server.unref();
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(address), module, bundle, dir, address);
