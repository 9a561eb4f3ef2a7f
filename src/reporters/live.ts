import type { HostTaskEnd, Status } from "../events/event.ts";
import type { Summary } from "../events/summary.ts";
import { duration, hostLines, messageLines, resultBlocks } from "./lines.ts";
import { painter, statusColors } from "./paint.ts";
import type { ReportOptions } from "./reporter.ts";

/** A task that hosts are at work on, as the live view shows it. */
export class Live {
  readonly task: string;
  /** Resolves when no host will begin the task any more. */
  readonly closed: Promise<void>;
  /** Whether the row goes when the task is over: `status` leaves only its tree. */
  readonly passing: boolean;
  readonly #name: string;
  readonly #place: string;
  readonly #options: ReportOptions;
  readonly #ends: HostTaskEnd[] = [];
  readonly #running = new Map<string, { since: number; line: string }>();
  readonly #started = Date.now();
  #over: number | undefined;
  #resolve: () => void = () => undefined;

  constructor(task: string, summary: Summary, options: ReportOptions) {
    this.task = task;
    this.closed = new Promise((resolve) => (this.#resolve = resolve));
    this.passing = summary.mode === "status";
    this.#name = summary.tasks[task]?.name ?? task;
    this.#place = placeOf(task, summary);
    this.#options = options;
  }

  start(host: string): void {
    this.#running.set(host, { since: Date.now(), line: "" });
  }

  say(host: string, text: string): void {
    const work = this.#running.get(host);
    if (work) work.line = text;
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

  /** `[3/12] name  ok: web1 web2  changed: 47 hosts  at work: 3  12.0s` */
  title(): string {
    const paint = painter(this.#options.color);
    const seconds = Math.floor(((this.#over ?? Date.now()) - this.#started) / 1000);
    const running = this.#running.size > 1 || this.#ends.length > 0 ? this.#running.size : 0;
    const parts = [
      `${paint(this.#place, "dim")} ${this.#name}`,
      ...this.#counts().map(([status, hosts]) => paint(`${status}: ${hosts.length > mostNames ? `${hosts.length} hosts` : hosts.join(" ")}`, statusColors[status])),
      ...(running > 0 ? [`at work: ${running}`] : []),
      ...(seconds > 0 ? [paint(duration(seconds).replace(/\.0s$/, "s"), "dim")] : []),
    ];
    return parts.join("  ");
  }

  /** A line for each host at work, longest first, as many as fit below the row. */
  lines(): string[] {
    const { columns, rows } = this.#options.size();
    const most = Math.max(1, Math.min(mostHosts, rows - 6));
    const hosts = [...this.#running].slice(0, most);
    const width = Math.max(...hosts.map(([host]) => host.length), 0);
    const lines = hosts.map(([host, { since, line }]) => `${host.padEnd(width)}  ${age(since)}  ${line}`.trimEnd());
    const hidden = this.#running.size - hosts.length;
    return [...lines, ...(hidden > 0 ? [`and ${hidden} more`] : [])].map((line) => cut(line, columns - 8));
  }

  /** What stays below the row: hosts that have the same to say say it once. */
  details(): string[] {
    if (this.passing) return [];
    const { verbosity, diff } = this.#options;
    const texts = new Map<string, { hosts: string[]; end: HostTaskEnd }>();
    for (const end of this.#ends.filter((each) => hasMore(each, verbosity))) {
      const key = JSON.stringify({ ...end.result, ...blank, items: end.result.items?.map((item) => ({ ...item, ...blank })) });
      const same = texts.get(key);
      if (same) same.hosts.push(end.host);
      else texts.set(key, { hosts: [end.host], end });
    }
    const groups = [...texts.values()];
    const shown = groups.filter(({ end }, index) => verbosity > 0 || diff || isBad(end) || index < mostGroups);
    const rest = groups.length - shown.length;
    const lines = shown.flatMap(({ hosts, end }) => hostLines({ host: hosts.join(", "), result: end.result }, this.#options));
    return [...lines, ...(rest > 0 ? [`… and ${rest} more like these; -v shows them`] : [])].map((line) => `  ${line}`);
  }

  #counts(): [Status, string[]][] {
    const byStatus = new Map<Status, string[]>();
    for (const { host, result } of this.#ends) byStatus.set(result.status, [...(byStatus.get(result.status) ?? []), host]);
    return [...byStatus];
  }
}

/** More hosts than this are counted and not named. */
const mostNames = 4;
/** Lines of hosts at work. */
const mostHosts = 8;
/** Different things that hosts may say below a row; what failed is always said. */
const mostGroups = 10;

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
  return isBad(end) || resultBlocks(end.result).some((block) => block.changes.length > 0 || messageLines(block).length > 0 || block.problem !== undefined);
}

function isBad({ result }: HostTaskEnd): boolean {
  return result.status === "failed" || result.status === "unreachable";
}

function age(since: number): string {
  return `${Math.floor((Date.now() - since) / 1000)}s`.padStart(4);
}

function cut(line: string, columns: number): string {
  return line.length > columns ? `${line.slice(0, Math.max(1, columns - 1))}…` : line;
}
