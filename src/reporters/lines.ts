import { formatPosition } from "../core/position.ts";
import type { ChangeReport, Result } from "../events/event.ts";
import { recapColumns, type Summary } from "../events/summary.ts";
import { diffLines } from "./diff.ts";
import { painter, statusColors } from "./paint.ts";

/** How much of a result is shown. */
export interface Detail {
  readonly color: boolean;
  readonly diff: boolean;
}

/** What stands below the line of a host: its changes, and why it failed. */
export function resultLines(result: Result, detail: Detail): string[] {
  return [...result.changes.flatMap((change) => changeLines(change, detail)), ...problemLines(result)].map((line) => `    ${line}`);
}

function changeLines(change: ChangeReport, detail: Detail): string[] {
  const { color, diff } = detail;
  if (!diff) return [change.title];
  const values = change.before === undefined && change.after === undefined ? [] : [`- ${shown(change.before)}`, `+ ${shown(change.after)}`];
  const text = change.diff ? diffLines(change.diff.path, change.diff.before, change.diff.after) : values;
  const paint = painter(color);
  const colored = text.map((line) => (line.startsWith("+") ? paint(line, "green") : line.startsWith("-") ? paint(line, "red") : line));
  return [change.title, ...colored.map((line) => `  ${line}`)];
}

/** Cause first, then where, what was expected and seen, what ran, and what to do next. */
export function problemLines(result: Result): string[] {
  const { problem, failedStep } = result;
  if (!problem || result.status === "unknown") return [];
  const step = failedStep ? [`ran: ${failedStep.title} (exit code ${failedStep.code})`, ...block("stdout", failedStep.stdout), ...block("stderr", failedStep.stderr)] : [];
  return [
    problem.message,
    ...(problem.at ? [`at ${formatPosition(problem.at)}`] : []),
    ...(problem.expected === undefined ? [] : [`expected: ${problem.expected}`]),
    ...(problem.seen === undefined ? [] : [`seen: ${problem.seen}`]),
    ...step,
    ...(problem.hint === undefined ? [] : [`hint: ${problem.hint}`]),
  ];
}

/** `host : ok=9 changed=3 …`, a line for each host. */
export function recapLines(summary: Summary, color: boolean): string[] {
  const paint = painter(color);
  const width = Math.max(...Object.keys(summary.hosts).map((host) => host.length), 10);
  return Object.entries(summary.hosts).map(([host, counts]) => {
    const columns = [...recapColumns, ...(counts.unknown > 0 ? (["unknown"] as const) : [])];
    const cells = columns.map((column) => {
      const cell = `${column}=${counts[column]}`.padEnd(column.length + 4);
      return counts[column] > 0 ? paint(cell, statusColors[column]) : cell;
    });
    return `${host.padEnd(width)} : ${cells.join(" ")}`.trimEnd();
  });
}

/** `took 12.3s`, and how to see it again. */
export function closingLine(summary: Summary): string {
  const took = summary.startedAt && summary.endedAt ? `${((Date.parse(summary.endedAt) - Date.parse(summary.startedAt)) / 1000).toFixed(1)}s` : "";
  return `${summary.interrupted ? "interrupted after" : "took"} ${took}; bowline runs show ${summary.run} shows it again`;
}

function block(name: string, text: string): string[] {
  return text.trim() === "" ? [] : [`${name}:`, ...text.trimEnd().split("\n").map((line) => `  ${line}`)];
}

function shown(value: unknown): string {
  return value === undefined ? "(nothing)" : typeof value === "string" ? value : JSON.stringify(value);
}
