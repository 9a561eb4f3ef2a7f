import { readFile } from "node:fs/promises";

/**
 * For ssh2 in the bundle: its native parts, made where it was installed with a compiler, stay where they are and are found
 * there, as it finds them itself. Where they are not, it goes on without.
 */
export const nativeParts = {
  name: "native parts of ssh2",
  setup(build) {
    build.onLoad({ filter: /\/ssh2\/lib\/protocol\/crypto\.js$/ }, ({ path }) => replaced(path, "require('./crypto/build/", "require('ssh2/lib/protocol/crypto/build/"));
    // It belongs to ssh2, and may lie where only ssh2 finds it.
    build.onLoad({ filter: /\/ssh2\/lib\/protocol\/constants\.js$/ }, ({ path }) => replaced(path, "require('cpu-features')", "require('node:module').createRequire(require.resolve('ssh2'))('cpu-features')"));
    build.onResolve({ filter: /^ssh2\/.*\.node$/ }, ({ path }) => ({ path, external: true }));
    build.onResolve({ filter: /^ssh2$/ }, ({ kind }) => (kind === "require-resolve" ? { path: "ssh2", external: true } : undefined));
  },
};

async function replaced(path, before, after) {
  const text = await readFile(path, "utf8");
  if (text.split(before).length !== 2) return { errors: [{ text: `ssh2 has changed: ${before} is to stand here once`, location: { file: path } }] };
  return { contents: text.replace(before, after), loader: "js" };
}
