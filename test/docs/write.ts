import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { registry } from "../../src/modules/registry.ts";
import { generatedDocs } from "./pages.ts";

// npm run docs: writes the pages that are made from code, and removes those of modules that are gone.
const docs = join(import.meta.dirname, "../../docs");
const pages = generatedDocs(registry);
for (const [path, text] of pages) {
  await mkdir(dirname(join(docs, path)), { recursive: true });
  await writeFile(join(docs, path), text);
}
for (const name of await readdir(join(docs, "modules"))) if (!pages.has(`modules/${name}`)) await rm(join(docs, "modules", name));
