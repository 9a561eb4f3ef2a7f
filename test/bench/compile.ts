import { join } from "node:path";
import type { CompiledOnce } from "./compile-once.ts";
import { largeProject } from "./large-project.ts";
import { timed, type TimedRow } from "./timed.ts";

const sizes = [1000, 10_000, 20_000];
const judged = 10_000;

/**
 * Playbooks of 1,000, 10,000 and 20,000 tasks, in a directory for their files: what a process needs from texts to nodes, from nodes to
 * the program, and the whole of `run --syntax-check`; each once a round, in turn.
 */
export async function compileTimes(dir: string, { main, rounds }: { readonly main: string; readonly rounds: number }): Promise<TimedRow[]> {
  const projects = await Promise.all(sizes.map(async (tasks) => ({ tasks, path: await largeProject(join(dir, `tasks-${tasks}`), tasks), rows: rowsOf(tasks) })));
  const tsx = join(import.meta.dirname, "../../node_modules/.bin/tsx");
  for (let round = 0; round < rounds; round += 1) {
    for (const { tasks, path, rows } of projects) {
      const said = JSON.parse((await timed(tsx, [join(import.meta.dirname, "compile-once.ts"), path])).stdout) as CompiledOnce;
      if (said.tasks !== tasks) throw new Error(`${tasks} tasks were to be compiled, and not ${said.tasks}`);
      rows.compile.seconds.push(said.compile);
      rows.yaml.seconds.push(said.yaml);
      rows.whole.seconds.push((await timed("node", [main, "run", path, "-i", join(path, "../inventory.yml"), "--syntax-check"])).seconds);
    }
  }
  return projects.flatMap(({ rows }) => Object.values(rows));
}

function rowsOf(tasks: number): Readonly<Record<"compile" | "yaml" | "whole", TimedRow>> {
  return {
    compile: { name: `${tasks} tasks: nodes to a program`, seconds: [], ...(tasks === judged ? { limit: "under 1 s" } : {}) },
    yaml: { name: `${tasks} tasks: YAML to nodes`, seconds: [] },
    whole: { name: `${tasks} tasks: run --syntax-check`, seconds: [], detail: "the whole process" },
  };
}
