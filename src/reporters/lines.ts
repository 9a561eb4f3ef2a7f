import { formatPosition } from "../core/position.ts";
import type { Problem } from "../core/errors.ts";
import type { ChangeReport, Result } from "../events/event.ts";
import { recapColumns, type Counts, type NamedEnd, type Summary } from "../events/summary.ts";
import { diffLines } from "./diff.ts";
import { painter, statusColors, type Color } from "./paint.ts";
import { padded, widthOf } from "./width.ts";

/** Something to know that is no result: of a host, or of the run as a whole. */
export interface Notice {
  readonly message: string;
  readonly host?: string;
  readonly hint?: string;
  /** For those who ask for more, with -v. */
  readonly minor?: true;
}

/** How much of a result is shown. */
export interface Detail {
  readonly color: boolean;
  readonly diff: boolean;
}

/** What a task came to on a host, for people: one block for the task, or one for each item of its loop. */
export function resultBlocks({ items, ...result }: Result): readonly Result[] {
  if (!items || items.length === 0) return [result];
  return result.showDiff ? items.map((item) => ({ ...item, showDiff: true })) : items;
}

/** `changed: [web1 -> lb1] => (item=a) message`; below it the changes, and why it failed. */
export function hostLines({ host, on, result }: Pick<NamedEnd, "host" | "on" | "result">, detail: Detail): string[] {
  const who = on === undefined ? host : `${host} -> ${on}`;
  return resultBlocks(result).flatMap((block) => [headOf(who, block, detail.color), ...resultLines(block, detail)]);
}

/** The line of a result; what a message has beyond its first line stands below, so that it cannot pass for another host's. */
function headOf(host: string, result: Result, color: boolean): string {
  const [message = ""] = messageLines(result);
  const text = `${statusWords[result.status]}: [${host}]${itemOf(result)}${message === "" ? "" : ` ${message}`}`;
  return painter(color)(text, statusColors[result.status]);
}

/** Everything about a result below its line; the cause of a failure stands out. */
export function resultLines(result: Result, { color, ...detail }: Detail): string[] {
  const diff = detail.diff || result.showDiff === true;
  const [cause, ...rest] = failureLines(result);
  const why = cause === undefined ? result.changes.flatMap((change) => changeLines(change, { color, diff })) : [painter(color)(cause, statusColors[result.status]), ...rest];
  return [...messageLines(result).slice(1), ...why].map((line) => `    ${line}`);
}

/** Names of hosts; of many, the first and how many more there are. */
export function fewNames(hosts: readonly string[]): string {
  return hosts.length <= mostNames ? hosts.join(", ") : `${hosts.slice(0, mostNames).join(", ")} and ${hosts.length - mostNames} more`;
}

/** More hosts than this are counted and not named. */
export const mostNames = 4;

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

/**
 * Cause first, then where, what was expected and seen, what ran, what had been changed by then, and what to do next;
 * nothing when all is well.
 */
export function failureLines(result: Result): string[] {
  const { problem, failedStep, changes } = result;
  if (!problem || result.status === "unknown") return [];
  const { hint, ...facts } = problem;
  const step = failedStep ? [`ran: ${failedStep.title} (exit code ${failedStep.code})`, ...block("stdout", failedStep.stdout), ...block("stderr", failedStep.stderr)] : [];
  const made = changes.map((change) => `changed before that: ${change.title}`);
  return [...problemLines(facts), ...step, ...made, ...(hint === undefined ? [] : [indentRest(hintLine(hint))])];
}

/** A problem for people; its cause is the first line. */
export function problemLines(problem: Problem): string[] {
  const parts = [
    problem.message,
    problem.at && `at ${formatPosition(problem.at)}`,
    problem.expected !== undefined && `expected: ${problem.expected}`,
    problem.seen !== undefined && `seen: ${problem.seen}`,
    problem.hint !== undefined && hintLine(problem.hint),
  ];
  return parts.filter((part) => typeof part === "string").map(indentRest);
}

function hintLine(hint: string): string {
  return `hint: ${hint}`;
}

/**
 * `host : ok=9    changed=3 …` in ansible-playbook's columns, a line for each host; where that is wider than the
 * terminal, in columns as narrow as their numbers allow.
 */
export function recapLines(summary: Summary, color: boolean, columns = Infinity): string[] {
  const hosts = Object.entries(summary.hosts);
  const longest = Math.max(0, ...hosts.map(([host]) => widthOf(host)));
  const shown = recapColumns.map((column): keyof Counts => column).concat(hosts.some(([, counts]) => counts.unknown > 0) ? ["unknown"] : []);
  const roomy = { name: Math.max(longest, 26), counts: shown.map(() => 4) };
  const narrow = { name: longest, counts: shown.map((column) => Math.max(...hosts.map(([, counts]) => String(counts[column]).length))) };
  const width = roomy.name + 2 + shown.reduce((sum, column) => sum + column.length + 6, 0);
  const { name, counts: digits } = width > columns ? narrow : roomy;
  const cells = (counts: Counts) => shown.map((column, index) => recapCell(column, counts[column], { digits: digits[index]!, color })).join(" ");
  return hosts.map(([host, counts]) => `${padded(host, name)} : ${cells(counts)}`.trimEnd());
}

function recapCell(column: keyof Counts, count: number, { digits, color }: { digits: number; color: boolean }): string {
  const value = `${column}=${count}`;
  const blanks = " ".repeat(Math.max(0, digits - String(count).length));
  return (count > 0 ? painter(color)(value, statusColors[column]) : value) + blanks;
}

/**
 * What failed, once more, a line for each: between a failure and the end of a report there may be many lines of other
 * hosts. With one host there are none.
 */
export function failedLines(summary: Summary, color: boolean): string[] {
  if (Object.keys(summary.hosts).length < 2) return [];
  const causes = new Map<string, { status: Result["status"]; hosts: string[] }>();
  for (const { host, task, name, result } of summary.failures) {
    const at = result.problem?.at ?? summary.tasks[task]?.at;
    const [cause] = (result.problem?.message ?? "").split("\n");
    const text = [at && formatPosition(at), name, cause].filter(Boolean).join(": ");
    const same = causes.get(text) ?? { status: result.status, hosts: [] };
    causes.set(text, { ...same, hosts: [...same.hosts, host] });
  }
  return [...causes].map(([text, { status, hosts }]) => painter(color)(`${statusWords[status]}: [${hosts.join(", ")}] ${text}`, statusColors[status]));
}

/** The end of a report: what cut the run short, how long it took, and how to see it again. */
export function closingLines(summary: Summary, color: boolean): string[] {
  const problems = summary.problems.flatMap((problem) => problemLines(problem).map((line) => painter(color)(line, "red")));
  const again = `bowline runs show ${summary.run} shows it again`;
  if (!summary.endedAt) return [...problems, painter(color)(`this run did not end, or is still at work: nothing is known of it after the lines above; ${again}`, "red")];
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

/** A line that a host wrote, and a change as its steps begin: for those who ask for more with -v and -vv. */
export function spokenLine(host: string, mark: "|" | ">", text: string, color: boolean): string {
  return painter(color)(`  ${host} ${mark} ${text}`, "dim");
}

/** Whether a person who asked for so much is to see it. */
export function isWanted({ minor }: Notice, verbosity: number): boolean {
  return minor !== true || verbosity > 0;
}

export function warningLines({ host, message, hint }: Notice, color: boolean): string[] {
  const whose = host === undefined ? "" : `[${host}] `;
  return [painter(color)(`warning: ${whose}${message}`, "yellow"), ...(hint === undefined ? [] : [`    hint: ${hint}`])];
}

function block(name: string, text: string): string[] {
  return text.trim() === "" ? [] : [`${name}:`, ...text.trimEnd().split("\n").map((line) => `  ${line}`)];
}

function indentRest(text: string): string {
  return text.trimEnd().replaceAll("\n", "\n      ");
}

function shown(value: unknown): string {
  return value === undefined ? "(nothing)" : typeof value === "string" ? value : JSON.stringify(value);
}
