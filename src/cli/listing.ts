import type { Prepared } from "../pipeline.ts";
import type { RunOptions } from "./options.ts";

type Play = Prepared["program"]["plays"][number];
type Part = Play["flow"][number];

/** What of a playbook is listed. */
export type Listed = Pick<RunOptions, "listHosts" | "listTasks" | "listTags" | "syntaxCheck">;

/** --list-hosts, --list-tasks, --list-tags and --syntax-check: what a playbook would do, without asking a host. */
export function listing({ program, tags }: Pick<Prepared, "program" | "tags">, listed: Listed): string {
  if (!listed.listHosts && !listed.listTasks && !listed.listTags) return `${program.playbook}: no mistakes found\n`;
  const plays = program.plays.map((play) => ["", ...playLines(play, listed)].join("\n"));
  const chosen = new Set(program.plays.flatMap((play) => play.tasks.flatMap((task) => task.tags)));
  const others = listed.listTags ? tags.filter((tag) => !chosen.has(tag)) : [];
  return `playbook: ${program.playbook}\n${plays.join("\n")}\n${others.length > 0 ? `\n  tags of tasks that would not run: ${others.join(", ")}\n` : ""}`;
}

function playLines(play: Play, { listHosts, listTasks, listTags }: Listed): string[] {
  return [
    `  play #${play.id.replace(/^p/, "")}: ${play.name}`,
    ...(listHosts ? hostLines(play) : []),
    ...(listTasks ? taskLines(play) : []),
    ...(listTags ? [`    tags: ${[...new Set(play.tasks.flatMap((task) => task.tags))].sort().join(", ")}`.trimEnd()] : []),
  ];
}

function hostLines({ hosts, batches }: Play): string[] {
  if (batches.length < 2) return [`    hosts (${hosts.length}):`, ...hosts.map((host) => `      ${host}`)];
  const lines = batches.flatMap((batch, index) => [`      batch ${index + 1} (${batch.length}):`, ...batch.map((host) => `        ${host}`)]);
  return [`    hosts (${hosts.length}) in ${batches.length} batches:`, ...lines];
}

interface Line {
  readonly text: string;
  readonly tags?: readonly string[];
}

/** The sections of the play, each with its tasks; what stands in a block that catches failures, below the keys of that block. */
function taskLines(play: Play): string[] {
  const lines = sectionsOf(play).flatMap(({ name, parts }): Line[] => [{ text: `    ${name}:` }, ...parts.flatMap((part) => partLines(part, play, "      "))]);
  const all: Line[] = lines.length > 0 ? lines : [{ text: "    tasks:" }];
  const width = Math.min(66, Math.max(0, ...all.map(({ text, tags }) => (tags ? text.length : 0))));
  return all.map(({ text, tags }) => (tags ? `${text.padEnd(width)}  TAGS: [${tags.join(", ")}]` : text));
}

/** Each section ends with what its handlers do. */
function sectionsOf({ flow }: Play): { name: string; parts: Part[] }[] {
  const sections: { name: string; parts: Part[] }[] = [];
  const parts: Part[] = [];
  for (const part of flow) {
    if (part.kind !== "flush") parts.push(part);
    else if (parts.length > 0) sections.push({ name: part.section, parts: parts.splice(0) });
  }
  return sections;
}

function partLines(part: Part, play: Play, margin: string): Line[] {
  switch (part.kind) {
    case "task": {
      const task = play.tasks.find((each) => each.id === part.task)!;
      const role = task.role === undefined ? undefined : play.roles[task.role];
      return [{ text: `${margin}${role ? `${role.name} : ` : ""}${task.name}`, tags: task.tags }];
    }
    case "block": {
      const within = (key: string, parts: readonly Part[]): Line[] =>
        parts.length === 0 ? [] : [{ text: `${margin}${key}:` }, ...parts.flatMap((each) => partLines(each, play, `${margin}  `))];
      const isPlain = part.rescue.length === 0 && part.always.length === 0;
      if (isPlain) return part.body.flatMap((each) => partLines(each, play, margin));
      return [...within("block", part.body), ...within("rescue", part.rescue), ...within("always", part.always)];
    }
    case "flush":
      return [];
    default:
      return part satisfies never;
  }
}
