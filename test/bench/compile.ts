import { join } from "node:path";
import { main } from "./bowline.ts";
import { clocked } from "./clock.ts";
import type { CompiledOnce } from "./compile-once.ts";
import { largeProject } from "./large-project.ts";
import type { Row } from "./row.ts";
import type { Section } from "./section.ts";

const sizes = [1000, 10_000, 20_000];

export const compiled: Section = {
  name: "compile",
  title: "Large playbooks",
  words: "Playbooks of 1,000, 10,000 and 20,000 tasks, in roles of 500: four kinds of tasks with three to five arguments, half of them with templates, with conditions, loops and handlers. From texts to nodes, from nodes to the program, each in a fresh process that compiles once; and the whole of `run --syntax-check`.",
  measure: ({ sshd, rounds, say }) => compileTimes(join(sshd.dir, "compile"), { rounds, say }),
};

/** Makes the playbooks in a directory; each is compiled once a round, in turn. */
export async function compileTimes(dir: string, { rounds, say }: { readonly rounds: number; readonly say: (line: string) => void }): Promise<Row[]> {
  const projects = await Promise.all(sizes.map(async (tasks) => ({ tasks, path: await largeProject(join(dir, `tasks-${tasks}`), tasks), rows: rowsOf(tasks) })));
  const tsx = join(import.meta.dirname, "../../node_modules/.bin/tsx");
  for (let round = 1; round <= rounds; round += 1) {
    for (const { tasks, path, rows } of projects) {
      say(`compile: ${tasks} tasks: round ${round} of ${rounds}`);
      const said = JSON.parse((await clocked(tsx, [join(import.meta.dirname, "compile-once.ts"), path])).stdout) as CompiledOnce;
      if (said.tasks !== tasks) throw new Error(`${tasks} tasks were to be compiled, and not ${said.tasks}`);
      rows.compile.seconds.push(said.compile);
      rows.yaml.seconds.push(said.yaml);
      rows.whole.seconds.push((await clocked("node", [main, "run", path, "-i", join(path, "../inventory.yml"), "--syntax-check"])).seconds);
    }
  }
  return projects.flatMap(({ rows }) => Object.values(rows));
}

type Timing = Row & { readonly seconds: number[] };

function rowsOf(tasks: number): Readonly<Record<"compile" | "yaml" | "whole", Timing>> {
  return {
    compile: { name: `${tasks} tasks: nodes to a program`, seconds: [], ...(tasks === 10_000 ? { within: 1 } : {}) },
    yaml: { name: `${tasks} tasks: YAML to nodes`, seconds: [] },
    whole: { name: `${tasks} tasks: run --syntax-check`, seconds: [] },
  };
}
