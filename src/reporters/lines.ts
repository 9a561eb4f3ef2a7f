import { formatPosition } from "../core/position.ts";
import type { Problem } from "../core/errors.ts";
import type { ChangeReport, HostTaskEnd, Result } from "../events/event.ts";
import { recapColumns, type Counts, type Summary } from "../events/summary.ts";
import { diffLines } from "./diff.ts";
import { painter, statusColors, type Color } from "./paint.ts";

/** How much of a result is shown. */
export interface Detail {
  readonly color: boolean;
  readonly diff: boolean;
}

/** What a task came to on a host, for people: one block for the task, or one for each item of its loop. */
export function resultBlocks(result: Result): readonly Result[] {
  return result.items && result.items.length > 0 ? result.items : [result];
}

/** `changed: [web1] => (item=a) message`; below it the changes, and why it failed. */
export function hostLines(event: Pick<HostTaskEnd, "host" | "result">, detail: Detail): string[] {
  return resultBlocks(event.result).flatMap((result) => [headOf(event.host, result, detail.color), ...resultLines(result, detail)]);
}

/** The line of a result; what a message has beyond its first line stands below, so that it cannot pass for another host's. */
function headOf(host: string, result: Result, color: boolean): string {
  const [message = ""] = messageLines(result);
  const text = `${statusWords[result.status]}: [${host}]${itemOf(result)}${message === "" ? "" : ` ${message}`}`;
  return painter(color)(text, statusColors[result.status]);
}

/** Everything about a result below its line. */
export function resultLines(result: Result, detail: Detail): string[] {
  const lines = [...messageLines(result).slice(1), ...result.changes.flatMap((change) => changeLines(change, detail)), ...failureLines(result)];
  return lines.map((line) => `    ${line}`);
}

export function itemOf(result: Result): string {
  return result.item === undefined ? "" : ` => (item=${shown(result.item)})`;
}

/** What a module had to say: not repeated where the cause of a failure says it. */
export function messageLines(result: Result): string[] {
  if (result.message === undefined || result.message === result.problem?.message) return [];
  return result.message.trimEnd().replace(/^unknown, (?=because )/, "").split("\n");
}

function changeLines(change: ChangeReport, { color, diff }: Detail): string[] {
  if (!diff) return [change.title];
  const values = change.before === undefined && change.after === undefined ? [] : [`- ${shown(change.before)}`, `+ ${shown(change.after)}`];
  const text = change.diff ? diffLines(change.diff.path, change.diff.before, change.diff.after) : values;
  return [change.title, ...text.map((line) => `  ${paintDiff(line, color)}`)];
}

function paintDiff(line: string, color: boolean): string {
  const sign = diffColors[line.charAt(0)];
  return sign ? painter(color)(line, sign) : line;
}

const diffColors: Readonly<Record<string, Color>> = { "+": "green", "-": "red", "@": "cyan" };

/** Cause first, then where, what was expected and seen, what ran, and what to do next; nothing when all is well. */
export function failureLines(result: Result): string[] {
  const { problem, failedStep } = result;
  if (!problem || result.status === "unknown") return [];
  const [cause, ...rest] = problemLines(problem);
  const step = failedStep ? [`ran: ${failedStep.title} (exit code ${failedStep.code})`, ...block("stdout", failedStep.stdout), ...block("stderr", failedStep.stderr)] : [];
  const hint = rest.findIndex((line) => line.startsWith("hint: "));
  return [cause!, ...rest.slice(0, hint === -1 ? undefined : hint), ...step, ...(hint === -1 ? [] : rest.slice(hint))];
}

/** A problem for people; its cause is the first line. */
export function problemLines(problem: Problem): string[] {
  const parts = [
    problem.message,
    problem.at && `at ${formatPosition(problem.at)}`,
    problem.expected !== undefined && `expected: ${problem.expected}`,
    problem.seen !== undefined && `seen: ${problem.seen}`,
    problem.hint !== undefined && `hint: ${problem.hint}`,
  ];
  return parts.filter((part) => typeof part === "string").map(indentRest);
}

/** `host : ok=9    changed=3 …` in ansible-playbook's columns, a line for each host. */
export function recapLines(summary: Summary, color: boolean): string[] {
  const width = Math.max(...Object.keys(summary.hosts).map((host) => host.length), 26);
  return Object.entries(summary.hosts).map(([host, counts]) => `${host.padEnd(width)} : ${recapCells(counts, color)}`.trimEnd());
}

function recapCells(counts: Counts, color: boolean): string {
  const columns = [...recapColumns, ...(counts.unknown > 0 ? (["unknown"] as const) : [])];
  return columns.map((column) => recapCell(column, counts[column], color)).join(" ");
}

function recapCell(column: keyof Counts, count: number, color: boolean): string {
  const value = `${column}=${String(count).padEnd(4)}`;
  return count > 0 ? painter(color)(value, statusColors[column]) : value;
}

/** The end of a report: what cut the run short, how long it took, and how to see it again. */
export function closingLines(summary: Summary, color: boolean): string[] {
  const problems = summary.problems.flatMap((problem) => problemLines(problem).map((line) => painter(color)(line, "red")));
  const again = `bowline runs show ${summary.run} shows it again`;
  if (!summary.endedAt) return [...problems, painter(color)(`this run did not end: nothing is known of it after the lines above; ${again}`, "red")];
  const seconds = summary.startedAt ? (Date.parse(summary.endedAt) - Date.parse(summary.startedAt)) / 1000 : 0;
  return [...problems, `${summary.interrupted ? "interrupted after" : "took"} ${duration(seconds)}; ${again}`];
}

/** `0.4s`, `59.9s`, `2m 05s`, `1h 02m`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${Math.min(seconds, 59.9).toFixed(1)}s`;
  const two = (count: number) => String(count).padStart(2, "0");
  return whole < 3600 ? `${Math.floor(whole / 60)}m ${two(whole % 60)}s` : `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`;
}

export const statusWords: Readonly<Record<Result["status"], string>> = {
  ok: "ok",
  changed: "changed",
  skipped: "skipping",
  failed: "failed",
  unreachable: "unreachable",
  rescued: "rescued",
  ignored: "ignored",
  unknown: "unknown",
};

function block(name: string, text: string): string[] {
  return text.trim() === "" ? [] : [`${name}:`, ...text.trimEnd().split("\n").map((line) => `  ${line}`)];
}

function indentRest(text: string): string {
  return text.trimEnd().replaceAll("\n", "\n      ");
}

function shown(value: unknown): string {
  return value === undefined ? "(nothing)" : typeof value === "string" ? value : JSON.stringify(value);
}
