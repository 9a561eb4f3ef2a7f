/**
 * `npm run build`: src/ to dist/. Bundled, because a command that loads hundreds of small files spends most of its start-up
 * on finding them; split, so that a command loads only what it uses. Types are checked by `npm run check`.
 * ssh2 stays outside: where it was installed with a compiler it finds its native part beside its own files.
 */
import { chmod, copyFile, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";

const project = import.meta.dirname;
const dist = join(project, "dist");
const entries = ["main", "run"];

const { metafile } = await build({
  entryPoints: entries.map((name) => join(project, `src/${name}.ts`)),
  outdir: dist,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  external: ["ssh2"],
  // Packages in CommonJS form ask for Node's own modules with require, which ES modules do not have.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  metafile: true,
  logLevel: "warning",
  // It has said on standard error what is wrong, and where.
}).catch(() => process.exit(1));
await copyFile(join(project, "src/transport/session.sh"), join(dist, "session.sh"));
for (const name of entries) await chmod(join(dist, `${name}.js`), 0o755);

// What an earlier build left, after the new one is whole: a command that is starting meanwhile finds its files.
const written = new Set([...Object.keys(metafile.outputs).map((path) => basename(path)), "session.sh"]);
for (const name of await readdir(dist)) if (!written.has(name)) await rm(join(dist, name), { recursive: true, force: true });
