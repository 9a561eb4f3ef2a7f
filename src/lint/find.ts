import { readdir, stat } from "node:fs/promises";
import { join, normalize } from "node:path";
import { BowlineError } from "../core/errors.ts";

/** Where a project keeps what can be linted, beside the YAML files of its root. */
const places = ["playbooks", "tasks", "handlers", "roles", "vars", "group_vars", "host_vars", "inventory", "inventories"];

/** Folders whose YAML is none of ours: what roles copy to hosts, and what tools keep. */
const foreign = ["files", "templates", "meta", "molecule", "node_modules", "dist", "coverage"];

/**
 * The YAML files below these paths; without any, those of the project in the current directory. What is named itself
 * is taken as it is. Throws E_FILE for paths that are not there.
 */
export async function findFiles(paths: readonly string[], exclude: readonly string[]): Promise<string[]> {
  const isExcluded = excluder(exclude);
  if (paths.length === 0) return (await projectFiles()).filter((path) => !isExcluded(path));
  const found = await Promise.all(paths.map((path) => named(normalize(path))));
  return [...new Set(found.flat().filter((path) => !isExcluded(path)))].sort();
}

async function projectFiles(): Promise<string[]> {
  const entries = await readdir(".", { withFileTypes: true });
  const top = entries.filter((entry) => entry.isFile() && isYaml(entry.name)).map(({ name }) => name);
  const folders = entries.filter((entry) => entry.isDirectory() && places.includes(entry.name));
  return [...top, ...(await Promise.all(folders.map(({ name }) => walk(name)))).flat()].sort();
}

async function named(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new BowlineError({ code: "E_FILE", message: `there is no file or folder ${path}`, hint: "name playbooks, roles or folders, or nothing for the whole project" });
  return found.isDirectory() ? walk(path) : [path];
}

async function walk(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name.startsWith(".") || foreign.includes(entry.name) ? [] : walk(path);
    const isVariables = /(^|\/)(group_vars|host_vars)(\/|$)/.test(folder) && !entry.name.includes(".");
    return entry.isFile() && (isYaml(entry.name) || isVariables) ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

/** A file that begins with a dot is a tool's. */
function isYaml(name: string): boolean {
  return /^[^.].*\.ya?ml$/.test(name);
}

function excluder(patterns: readonly string[]): (path: string) => boolean {
  const tests = patterns.map((pattern) => {
    const parts = pattern.replace(/^\.\//, "").replace(/\/$/, "").split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join("[^/]*")}(/|$)`);
  });
  return (path) => tests.some((test) => test.test(path));
}
