import { dirname, resolve } from "node:path";
import type { ProjectFiles } from "../../src/compile/reading.ts";
import { BowlineError } from "../../src/core/errors.ts";
import { parseYaml } from "../../src/load/yaml.ts";

/** A project of texts, by their path from here; every file is known at once. */
export function memoryFiles(files: Readonly<Record<string, string>>): ProjectFiles {
  const texts = new Map(Object.entries(files).map(([path, text]) => [resolve(path), { path, text }]));
  return {
    yaml(path) {
      const file = texts.get(path);
      if (!file) return undefined;
      try {
        return { root: parseYaml(file.text, file.path) };
      } catch (error) {
        if (error instanceof BowlineError) return { problems: error.problems };
        throw error;
      }
    },
    names(dir) {
      const names = [...texts.keys()].filter((path) => path.startsWith(`${dir}/`)).map((path) => path.slice(dir.length + 1).split("/")[0]!);
      return names.length === 0 && dir !== dirname(resolve("x")) ? undefined : [...new Set(names)];
    },
  };
}

/** What a command line says when it says nothing. */
export const plainWords = { checkMode: false, diffMode: false, forks: 5, verbosity: 0, version: "0" };
