import type { Result, Status } from "../events/event.ts";
import type { Begun, NamedEnd, Summary } from "../events/summary.ts";
import { duration, fewNames, hostLines, messageLines, mostNames, resultBlocks, resultLines } from "./lines.ts";
import { Notices } from "./notices.ts";
import { painter, statusColors } from "./paint.ts";
import type { ReportOptions } from "./reporter.ts";
import { cut, padded, widthOf } from "./width.ts";

/** What stands at the bottom of the terminal while it goes on. */
export interface Moving {
  /** Resolves when it is over. */
  readonly closed: Promise<void>;
  readonly over: boolean;
  /** Whether it goes when it is over, and leaves nothing. */
  readonly passing: boolean;
  readonly verdict: "done" | "skipped" | "failed";
  readonly notices: Notices;
  title(): string;
  lines(): string[];
  /** What stays below it. */
  details(): string[];
  close(): void;
}

/** What a host is at, since when (milliseconds), and what it said last. */
export interface AtWork {
  readonly host: string;
  readonly since: number;
  readonly line: string;
}

/** A task that hosts are at work on, as the live view shows it. */
export class Live implements Moving {
  readonly task: string;
  readonly closed: Promise<void>;
  /** `status` leaves only its tree. */
  readonly passing: boolean;
  readonly notices = new Notices();
  readonly #label: string;
  readonly #place: string;
  readonly #options: ReportOptions;
  readonly #ends: NamedEnd[] = [];
  readonly #running = new Map<string, { since: number; line: string }>();
  /** The task's name as each host renders it. */
  readonly #names = new Set<string>();
  /** Hosts that do the work in the place of others. */
  readonly #others = new Set<string>();
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

  start({ host, name, on }: Begun & { readonly host: string }): void {
    this.#running.set(host, { since: Date.now(), line: "" });
    this.#names.add(name);
    if (on !== undefined) this.#others.add(on);
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

  end(event: NamedEnd): void {
    this.#running.delete(event.host);
    this.#ends.push(event);
  }

  close(): void {
    this.#over = Date.now();
    this.#resolve();
  }

  get verdict(): Moving["verdict"] {
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
    const name = `${paint(this.#place, "dim")} ${this.name}${this.#others.size > 0 ? ` on ${fewNames([...this.#others])}` : ""}`;
    const line = [name, ...parts].join("  ");
    return widthOf(line) > this.#options.size().columns - mark ? `${name}\n${parts.join("  ")}`.trimEnd() : line;
  }

  /** As its hosts render it; with templates where they differ. */
  get name(): string {
    const [only = this.#label, another] = this.#names;
    return another === undefined ? only : this.#label;
  }

  /** The longest first. */
  atWork(): AtWork[] {
    return [...this.#running].map(([host, work]) => ({ host, ...work }));
  }

  lines(): string[] {
    return this.#over === undefined ? workLines(this.atWork(), this.notices, this.#options) : [];
  }

  /** Hosts that have the same to say say it once. */
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
    return hostLines({ ...end, host: isBad(end) ? hosts.join(", ") : fewNames(hosts), result }, this.#options);
  }

  #counts(): [Status, string[]][] {
    const byStatus = new Map<Status, string[]>();
    for (const { host, result } of this.#ends) byStatus.set(result.status, [...(byStatus.get(result.status) ?? []), host]);
    return [...byStatus];
  }
}

/** A line for each host at work, as many as fit below the row; then the last of what was noticed. */
export function workLines(working: readonly AtWork[], notices: Notices, { color, size }: Pick<ReportOptions, "color" | "size">): string[] {
  const { columns, rows } = size();
  const noticed = notices.lines(color).slice(-mostNotices);
  const hosts = working.slice(0, Math.max(1, Math.min(mostHosts, rows - roomAround - noticed.length)));
  const width = Math.min(Math.floor(columns / 3), Math.max(...hosts.map(({ host }) => widthOf(host)), 0));
  const lines = hosts.map(({ host, since, line }) => `${padded(cut(host, width), width)}  ${age(since)}  ${line}`.trimEnd());
  const hidden = working.length - hosts.length;
  return [...[...lines, ...(hidden > 0 ? [`and ${hidden} more`] : [])].map((line) => cut(line, columns - 8)), ...noticed];
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
  readonly end: NamedEnd;
}

/** Hosts that came to the same, put together. */
function grouped(ends: readonly NamedEnd[]): Group[] {
  const groups = new Map<string, Group>();
  for (const end of ends) {
    const key = JSON.stringify({ on: end.on, ...end.result, ...blank, items: end.result.items?.map((item) => ({ ...item, ...blank })) });
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
function hasMore(end: NamedEnd, verbosity: number): boolean {
  if (end.result.status === "skipped") return verbosity > 0 || /^left alone/.test(end.result.message ?? "");
  return isBad(end) || resultBlocks(end.result).some(itemHasMore);
}

function itemHasMore(result: Result): boolean {
  return result.changes.length > 0 || messageLines(result).length > 0 || result.problem !== undefined;
}

function isBad({ result }: NamedEnd): boolean {
  return result.status === "failed" || result.status === "unreachable";
}

function age(since: number): string {
  return `${Math.floor((Date.now() - since) / 1000)}s`.padStart(4);
}
