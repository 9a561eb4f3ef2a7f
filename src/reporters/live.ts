import type { HostTaskEnd, Result, Status } from "../events/event.ts";
import type { Summary } from "../events/summary.ts";
import { duration, fewNames, hostLines, messageLines, mostNames, resultBlocks, resultLines } from "./lines.ts";
import { Notices } from "./notices.ts";
import { painter, statusColors } from "./paint.ts";
import type { ReportOptions } from "./reporter.ts";
import { cut, padded, widthOf } from "./width.ts";

/** A task that hosts are at work on, as the live view shows it. */
export class Live {
  readonly task: string;
  /** Resolves when no host will begin the task any more. */
  readonly closed: Promise<void>;
  /** Whether the row goes when the task is over: `status` leaves only its tree. */
  readonly passing: boolean;
  readonly notices = new Notices();
  readonly #label: string;
  readonly #place: string;
  readonly #options: ReportOptions;
  readonly #ends: HostTaskEnd[] = [];
  readonly #running = new Map<string, { since: number; line: string }>();
  /** The task's name as each host renders it. */
  readonly #names = new Set<string>();
  #kept: string[] = [];
  #dropped = 0;
  readonly #started = Date.now();
  #over: number | undefined;
  #resolve: () => void = () => undefined;

  constructor(task: string, summary: Summary, options: ReportOptions) {
    this.task = task;
    this.closed = new Promise((resolve) => (this.#resolve = resolve));
    this.passing = summary.mode === "status";
    this.#label = summary.tasks[task]?.name ?? task;
    this.#place = placeOf(task, summary);
    this.#options = options;
  }

  start(host: string, name: string): void {
    this.#running.set(host, { since: Date.now(), line: "" });
    this.#names.add(name);
  }

  say(host: string, text: string): void {
    const work = this.#running.get(host);
    if (work) work.line = text;
  }

  /** A line that stays below the row when it is over. */
  keep(line: string): void {
    this.#kept.push(line);
    if (this.#kept.length < 2 * mostKept) return;
    this.#dropped += this.#kept.length - mostKept;
    this.#kept = this.#kept.slice(-mostKept);
  }

  end(event: HostTaskEnd): void {
    this.#running.delete(event.host);
    this.#ends.push(event);
  }

  close(): void {
    this.#over = Date.now();
    this.#resolve();
  }

  get verdict(): "done" | "skipped" | "failed" {
    const statuses = this.#ends.map((end) => end.result.status);
    if (statuses.some((status) => status === "failed" || status === "unreachable")) return "failed";
    return statuses.every((status) => status === "skipped") ? "skipped" : "done";
  }

  get over(): boolean {
    return this.#over !== undefined;
  }

  /** `[3/12] name  ok: web1 web2  changed: 47 hosts  at work: 3  12s`, on two lines where one is too short. */
  title(): string {
    const paint = painter(this.#options.color);
    const seconds = Math.floor(((this.#over ?? Date.now()) - this.#started) / 1000);
    const running = this.#running.size > 1 || this.#ends.length > 0 ? this.#running.size : 0;
    const parts = [
      ...this.#counts().map(([status, hosts]) => paint(`${status}: ${hosts.length > mostNames ? `${hosts.length} hosts` : hosts.join(" ")}`, statusColors[status])),
      ...(running > 0 ? [`at work: ${running}`] : []),
      ...(seconds > 0 ? [paint(duration(seconds).replace(/\.0s$/, "s"), "dim")] : []),
    ];
    const [only = this.#label, another] = this.#names;
    const name = `${paint(this.#place, "dim")} ${another === undefined ? only : this.#label}`;
    const line = [name, ...parts].join("  ");
    return widthOf(line) > this.#options.size().columns - mark ? `${name}\n${parts.join("  ")}`.trimEnd() : line;
  }

  /** A line for each host at work, longest first, as many as fit below the row; then the last of what was noticed. */
  lines(): string[] {
    const { columns, rows } = this.#options.size();
    const notices = this.notices.lines(this.#options.color).slice(-mostNotices);
    if (this.#over !== undefined) return [];
    const hosts = [...this.#running].slice(0, Math.max(1, Math.min(mostHosts, rows - roomAround - notices.length)));
    const width = Math.min(Math.floor(columns / 3), Math.max(...hosts.map(([host]) => widthOf(host)), 0));
    const lines = hosts.map(([host, { since, line }]) => `${padded(cut(host, width), width)}  ${age(since)}  ${line}`.trimEnd());
    const hidden = this.#running.size - hosts.length;
    return [...[...lines, ...(hidden > 0 ? [`and ${hidden} more`] : [])].map((line) => cut(line, columns - 8)), ...notices];
  }

  /** What stays below the row: hosts that have the same to say say it once. */
  details(): string[] {
    if (this.passing) return [];
    const { verbosity, diff } = this.#options;
    const groups = grouped(this.#ends.filter((each) => hasMore(each, verbosity)));
    const shown = groups.filter(({ end }, index) => verbosity > 0 || diff || isBad(end) || index < mostGroups);
    const rest = groups.length - shown.length;
    const lines = shown.flatMap((group) => this.#groupLines(group));
    const more = rest > 0 ? [`… and ${rest} more like these; -v shows them`] : [];
    const dropped = this.#dropped > 0 ? [`  … ${this.#dropped} lines before; the journal has them all`] : [];
    return [...dropped, ...this.#kept, ...[...lines, ...more].map((line) => `  ${line}`)];
  }

  /** The row says already who came to which status, so hosts are named only where that leaves a question. */
  #groupLines({ hosts, end }: Group): string[] {
    const items = end.result.items?.filter((item) => this.#options.verbosity > 0 || itemHasMore(item));
    const result = items ? { ...end.result, items } : end.result;
    const named = !isBad(end) || hosts.length <= mostNames;
    const all = this.#ends.filter((each) => each.result.status === result.status).length === hosts.length;
    if (all && named && !result.items?.length) return [...messageLines(result).slice(0, 1).map((line) => `    ${line}`), ...resultLines(result, this.#options)];
    return hostLines({ host: isBad(end) ? hosts.join(", ") : fewNames(hosts), result }, this.#options);
  }

  #counts(): [Status, string[]][] {
    const byStatus = new Map<Status, string[]>();
    for (const { host, result } of this.#ends) byStatus.set(result.status, [...(byStatus.get(result.status) ?? []), host]);
    return [...byStatus];
  }
}

/** Lines of hosts at work, and what must stay free around them for the row itself and the line above it. */
const mostHosts = 8;
const roomAround = 6;
const mostNotices = 3;
/** Different things that hosts may say below a row; what failed is always said. */
const mostGroups = 10;
/** Lines of output that -v shows of one task. */
const mostKept = 1000;
/** Columns of the mark before a row and of its margin. */
const mark = 4;

interface Group {
  readonly hosts: string[];
  readonly end: HostTaskEnd;
}

/** Hosts that came to the same, put together. */
function grouped(ends: readonly HostTaskEnd[]): Group[] {
  const groups = new Map<string, Group>();
  for (const end of ends) {
    const key = JSON.stringify({ ...end.result, ...blank, items: end.result.items?.map((item) => ({ ...item, ...blank })) });
    const same = groups.get(key);
    if (same) same.hosts.push(end.host);
    else groups.set(key, { hosts: [end.host], end });
  }
  return [...groups.values()];
}

/** What differs between two hosts that did the same. */
const blank = { elapsed: 0, data: undefined };

function placeOf(task: string, summary: Summary): string {
  const label = summary.tasks[task];
  if (label?.handler) return "[handler]";
  const play = task.split(".")[0];
  const tasks = Object.values(summary.tasks).filter((each) => !each.handler && each.task.split(".")[0] === play);
  const index = tasks.findIndex((each) => each.task === task);
  return `[${summary.mode === "down" ? tasks.length - index : index + 1}/${tasks.length}]`;
}

/** Whether a host has more to say than its status. What was skipped explains itself on request, and in `down`, where it is left alone. */
function hasMore(end: HostTaskEnd, verbosity: number): boolean {
  if (end.result.status === "skipped") return verbosity > 0 || /^left alone/.test(end.result.message ?? "");
  return isBad(end) || resultBlocks(end.result).some(itemHasMore);
}

function itemHasMore(result: Result): boolean {
  return result.changes.length > 0 || messageLines(result).length > 0 || result.problem !== undefined;
}

function isBad({ result }: HostTaskEnd): boolean {
  return result.status === "failed" || result.status === "unreachable";
}

function age(since: number): string {
  return `${Math.floor((Date.now() - since) / 1000)}s`.padStart(4);
}
