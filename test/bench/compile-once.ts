import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { compile } from "../../src/compile/compile.ts";
import type { ProjectFiles } from "../../src/compile/reading.ts";
import type { SourceNode } from "../../src/core/node.ts";
import { loadInventory } from "../../src/load/inventory.ts";
import { selectHosts } from "../../src/load/patterns.ts";
import { parseYaml } from "../../src/load/yaml.ts";
import { factMistake, familiesOf } from "../../src/modules/_facts.ts";
import { registry } from "../../src/modules/registry.ts";
import { familiesOfSubsets } from "../../src/modules/setup.ts";

/** What one process says of one large playbook; seconds. */
export interface CompiledOnce {
  /** Texts to nodes. */
  readonly yaml: number;
  /** Nodes to a program. */
  readonly compile: number;
  readonly tasks: number;
}

/** `tsx compile-once.ts SITE.YML`: all its files are parsed, then it is compiled, once, as a command does; prints {@link CompiledOnce}. */
async function once(path: string): Promise<CompiledOnce> {
  const dir = dirname(resolve(path));
  const inventory = await loadInventory([join(dir, "inventory.yml")], dir);
  const texts = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".yml")).map((name) => ({ name: join(dir, name), text: readFileSync(join(dir, name), "utf8") }));
  const started = performance.now();
  const roots = new Map(texts.map(({ name, text }) => [name, parseYaml(text, name)]));
  const parsed = performance.now();
  const { program } = compile({
    playbook: { path, dir, root: roots.get(resolve(path))! },
    files: filesOf(roots),
    rolesPath: [],
    answers: () => undefined,
    extraVariables: [],
    inventory,
    select: (pattern) => selectHosts(inventory, pattern),
    registry,
    template: () => undefined,
    tags: { tags: [], skipTags: [] },
    facts: { familiesOf, mistake: factMistake, familiesOfSubsets },
    words: { checkMode: false, diffMode: false, forks: 5, verbosity: 0, version: "0" },
  });
  const compiled = performance.now();
  return { yaml: (parsed - started) / 1000, compile: (compiled - parsed) / 1000, tasks: program.plays.reduce((sum, play) => sum + play.tasks.length, 0) };
}

function filesOf(roots: ReadonlyMap<string, SourceNode>): ProjectFiles {
  return {
    yaml: (path) => (roots.has(path) ? { root: roots.get(path)! } : undefined),
    names: (dir) => {
      const names = [...roots.keys()].filter((path) => path.startsWith(`${dir}/`)).map((path) => path.slice(dir.length + 1).split("/")[0]!);
      return names.length === 0 ? undefined : [...new Set(names)];
    },
  };
}

if (process.argv[2] !== undefined) void once(process.argv[2]).then((said) => process.stdout.write(JSON.stringify(said)));
