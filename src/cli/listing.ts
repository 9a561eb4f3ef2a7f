import type { Program } from "../pipeline.ts";
import type { RunOptions } from "./options.ts";

type Play = Program["plays"][number];

/** --list-hosts, --list-tasks and --syntax-check: what a playbook would do, without asking a host. */
export function listing(program: Program, options: Pick<RunOptions, "listHosts" | "listTasks" | "syntaxCheck">): string {
  if (!options.listHosts && !options.listTasks) return `${program.playbook}: no mistakes found\n`;
  const plays = program.plays.map((play) => ["", ...playLines(play, options)].join("\n"));
  return `playbook: ${program.playbook}\n${plays.join("\n")}\n`;
}

function playLines(play: Play, options: Pick<RunOptions, "listHosts" | "listTasks">): string[] {
  const hosts = options.listHosts ? [`    hosts (${play.hosts.length}):`, ...play.hosts.map((host) => `      ${host}`)] : [];
  const tasks = options.listTasks ? ["    tasks:", ...taskLines(play)] : [];
  return [`  play #${play.id.replace(/^p/, "")}: ${play.name}`, ...hosts, ...tasks];
}

function taskLines(play: Play): string[] {
  const width = Math.min(60, Math.max(0, ...play.tasks.map((task) => task.name.length)));
  return play.tasks.map((task) => `      ${task.name.padEnd(width)}  TAGS: [${task.tags.join(", ")}]`);
}
