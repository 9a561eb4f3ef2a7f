import { Listr, ListrTaskEventType, type ListrTask, type ListrTaskWrapper, type DefaultRenderer, type SimpleRenderer } from "listr2";
import type { Event, HostTaskEnd, Status, TaskLabel } from "../events/event.ts";
import { emptySummary, fold } from "../events/summary.ts";
import { closingLine, recapLines } from "./lines.ts";
import { painter, statusColors } from "./paint.ts";
import { hostLines } from "./plain.ts";
import { handle, type Handlers, type ReportOptions, type Reporter } from "./reporter.ts";

type Row = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** One task of the playbook in the live view. */
interface Live {
  readonly label: TaskLabel;
  readonly ends: HostTaskEnd[];
  readonly running: Set<string>;
  started: number;
  row?: Row;
  settle?: () => void;
  settled: boolean;
  lastLine: string;
}

/**
 * The live view of a terminal: a row for each task with the hosts at work, the elapsed time and the last line of
 * output; then what failed, in full, and the recap. Verdicts come from our events: a listr2 parent shows a tick even
 * when its child failed.
 */
export function ttyReporter(options: ReportOptions): Reporter {
  const lives = new Map<string, Live>();
  let view: Promise<unknown> = Promise.resolve();
  let summary = emptySummary();
  const after: string[] = [];
  const update = (task: string, change: (live: Live) => void) => {
    const live = lives.get(task);
    if (!live) return;
    change(live);
    draw(live, options);
  };
  const handlers: Handlers<void> = {
    "run:start": (event) => {
      const ordered = event.plays.flatMap((play) => (event.mode === "down" ? play.tasks.filter((task) => !task.handler).toReversed() : play.tasks));
      for (const label of ordered) lives.set(label.task, { label, ends: [], running: new Set(), started: 0, settled: false, lastLine: "" });
      view = show([...lives.values()], options);
    },
    "play:start": () => undefined,
    "play:end": (event) => settleBefore(lives, (live) => !live.label.task.startsWith(`${event.play}.`)),
    "task:start": (event) => settleBefore(lives, (live) => live.label.task === event.task, () => (lives.get(event.task)!.started = Date.now())),
    "host:start": (event) => update(event.task, (live) => live.running.add(event.host)),
    output: (event) => update(event.task, (live) => (live.lastLine = event.text)),
    "step:start": (event) => update(event.task, (live) => (live.lastLine = event.change)),
    "step:end": () => undefined,
    "host:end": (event) =>
      update(event.task, (live) => {
        live.running.delete(event.host);
        live.ends.push(event);
        if (event.result.status === "failed" || event.result.status === "unreachable") after.push("", ...hostLines(event, options));
      }),
    retry: (event) => update(event.task, (live) => (live.lastLine = `try ${event.attempt} of ${event.attempts} did not hold; next in ${event.delay}s`)),
    "handler:notified": () => undefined,
    warning: (event) => after.push(painter(options.color)(`warning: ${event.host === undefined ? "" : `[${event.host}] `}${event.message}`, "yellow")),
    "run:end": () => settleBefore(lives, () => false),
  };
  return {
    report(event: Event) {
      summary = fold(summary, event);
      handle<unknown>(handlers, event);
    },
    async end() {
      settleBefore(lives, () => false);
      await view;
      options.write([...after, "", ...recapLines(summary, options.color), "", closingLine(summary), ""].join("\n"));
    },
  };
}

function show(lives: readonly Live[], options: ReportOptions): Promise<unknown> {
  const list = new Listr(lives.map((live) => rowOf(live, options)), {
    concurrent: false,
    exitOnError: false,
    registerSignalListeners: false,
    rendererOptions: { collapseErrors: false, collapseSkips: true, showErrorMessage: false, suffixSkips: false },
  });
  return list.run().catch(() => undefined);
}

function rowOf(live: Live, options: ReportOptions): ListrTask<unknown, typeof DefaultRenderer, typeof SimpleRenderer> {
  return {
    title: live.label.name,
    task: async (_, row) => {
      live.row = row;
      const clock = setInterval(() => draw(live, options), 1000);
      row.task.on(ListrTaskEventType.CLOSED, () => clearInterval(clock));
      draw(live, options);
      if (!live.settled) await new Promise<void>((resolve) => (live.settle = resolve));
      clearInterval(clock);
      draw(live, options);
      if (live.ends.length === 0) row.skip();
      if (live.ends.some((end) => end.result.status === "failed" || end.result.status === "unreachable")) throw new Error(titleOf(live, options));
    },
  };
}

/** Rows run one after the other, so everything that stands before a task that starts is over. */
function settleBefore(lives: ReadonlyMap<string, Live>, isLast: (live: Live) => boolean, then?: () => void): void {
  for (const live of lives.values()) {
    if (isLast(live)) break;
    live.settled = true;
    live.settle?.();
  }
  then?.();
}

function draw(live: Live, options: ReportOptions): void {
  if (!live.row) return;
  live.row.title = titleOf(live, options);
  live.row.output = live.settled || live.running.size === 0 ? "" : live.lastLine;
}

const mostNames = 4;

function titleOf(live: Live, options: ReportOptions): string {
  const paint = painter(options.color);
  const seconds = live.started === 0 ? 0 : Math.round((Date.now() - live.started) / 1000);
  const elapsed = live.settled ? "" : seconds > 0 ? paint(` ${seconds}s`, "dim") : "";
  const names = [...live.running];
  const running = names.length === 0 ? "" : ` ${names.slice(0, mostNames).join(" ")}${names.length > mostNames ? ` and ${names.length - mostNames} more` : ""}`;
  return `${live.label.name}${endsOf(live, paint)}${running}${elapsed}`;
}

function endsOf(live: Live, paint: ReturnType<typeof painter>): string {
  const byStatus = new Map<Status, string[]>();
  for (const { host, result } of live.ends) byStatus.set(result.status, [...(byStatus.get(result.status) ?? []), host]);
  return [...byStatus].map(([status, hosts]) => ` ${paint(`${status}: ${hosts.length > mostNames ? `${hosts.length} hosts` : hosts.join(" ")}`, statusColors[status])}`).join("");
}
