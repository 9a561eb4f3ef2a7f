/**
 * `npm run build`: src/ to dist/. One bundle, because a command that loads hundreds of small files spends most of its
 * start-up on finding them; what `await import(…)` names is set up in it when it is reached. Beside it lies what V8 made of
 * it in a first run, so that the next ones need not parse it. Types are checked by `npm run check`.
 */
import { chmod, copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { nativeParts } from "./build/native-parts.mjs";
import { warmUp } from "./build/warm-up.mjs";

const project = import.meta.dirname;
const dist = join(project, "dist");
/** A command that is starting meanwhile finds whole files: they are made here, and each takes its place at once. */
const fresh = join(project, `.dist-${process.pid}`);
const bundles = ["bundle", "help"];
const commands = { main: "bowline", run: "run" };
/** In the order in which they take their place: a cache that is not of the bundle beside it is passed over. */
const files = ["package.json", "session.sh", ...bundles.flatMap((name) => [`${name}.js`, `${name}.cache`, `${name}.js.map`]), ...Object.keys(commands).map((name) => `${name}.js`)];

const common = { bundle: true, format: "cjs", platform: "node", target: "node20", logLevel: "warning", legalComments: "none", absWorkingDir: project };

/** What a command does is left out: only its help is wanted. */
const withoutCommands = {
  name: "without commands",
  setup: ({ onResolve }) => onResolve({ filter: /^\./ }, ({ path, kind, importer }) => (kind === "dynamic-import" && importer.startsWith(join(project, "src/cli/")) ? { path, external: true } : undefined)),
};

try {
  await mkdir(fresh, { recursive: true });
  await buildCommands();
  await buildBundle("bundle", nativeParts);
  await buildBundle("help", withoutCommands);
  await copyFile(join(project, "src/transport/session.sh"), join(fresh, "session.sh"));
  // The package is of ES modules, which start later than these.
  await writeFile(join(fresh, "package.json"), '{ "type": "commonjs" }\n');
  await warmUp(fresh);
  await mkdir(dist, { recursive: true });
  for (const name of files) await rename(join(fresh, name), join(dist, name));
  for (const name of await readdir(dist)) if (!files.includes(name)) await rm(join(dist, name), { recursive: true, force: true });
} finally {
  await rm(fresh, { recursive: true, force: true });
}

async function buildCommands() {
  const entryPoints = Object.entries(commands).map(([out, name]) => ({ in: `src/${name}.ts`, out }));
  const address = { banner: { js: 'const __url = require("node:url").pathToFileURL(__filename).href;' }, define: { "import.meta.url": "__url" } };
  await made({ ...common, ...address, entryPoints, outdir: fresh });
  for (const { out } of entryPoints) await chmod(join(fresh, `${out}.js`), 0o755);
}

/** A function, as src/launch.ts calls it; short and in ASCII, since all of it is read and compared at each start. */
async function buildBundle(name, ...plugins) {
  const { outputFiles } = await made({
    ...common,
    entryPoints: ["src/main.ts"],
    plugins,
    define: { "import.meta.url": "__url" },
    banner: { js: "(function (exports, require, module, __filename, __dirname, __url) {" },
    footer: { js: "})" },
    minifyWhitespace: true,
    lineLimit: 120,
    write: false,
    // For profiles (test/bench/profile.ts); it is no part of the package.
    sourcemap: "external",
    outfile: join(fresh, `${name}.js`),
  });
  const textOf = (end) => outputFiles.find(({ path }) => path.endsWith(end)).text;
  await writeFile(join(fresh, `${name}.js.map`), textOf(".map"));
  // What esbuild leaves stands in regular expressions.
  const ascii = textOf(".js").replace(/[^\x00-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
  await writeFile(join(fresh, `${name}.js`), ascii);
}

/** It has said on standard error what is wrong, and where. */
async function made(options) {
  return build(options).catch(() => process.exit(1));
}
