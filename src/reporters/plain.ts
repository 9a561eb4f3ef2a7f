import type { Event, HostTaskEnd, Result, TaskLabel } from "../events/event.ts";
import { emptySummary, fold } from "../events/summary.ts";
import { closingLine, recapLines, resultLines } from "./lines.ts";
import { painter, statusColors } from "./paint.ts";
import { handle, type Handlers, type ReportOptions, type Reporter } from "./reporter.ts";
import { treeLines } from "./tree.ts";

/** Plain lines, for pipes, files and people who like to scroll: a line for each host of each task as it ends. */
export function plainReporter(options: ReportOptions): Reporter {
  const paint = painter(options.color);
  const plays = new Map<string, string>();
  const names = new Map<string, TaskLabel>();
  let summary = emptySummary();
  const quiet = () => summary.mode === "status";
  const handlers: Handlers<string[]> = {
    "run:start": (event) => {
      for (const play of event.plays) {
        plays.set(play.play, play.name);
        for (const task of play.tasks) names.set(task.task, task);
      }
      return event.mode === "check" ? ["CHECK: nothing will be changed"] : [];
    },
    "play:start": (event) => (quiet() ? [] : ["", paint(`PLAY [${plays.get(event.play) ?? event.play}]`, "bold")]),
    "play:end": () => [],
    "task:start": (event) => {
      const label = names.get(event.task);
      return quiet() ? [] : ["", paint(`${label?.handler ? "HANDLER" : "TASK"} [${label?.name ?? event.task}]`, "bold")];
    },
    "host:start": () => [],
    output: (event) => (options.verbosity > 0 ? [paint(`  ${event.host} | ${event.text}`, "dim")] : []),
    "step:start": () => [],
    "step:end": () => [],
    "host:end": (event) => (quiet() && !isBad(event) ? [] : hostLines(event, options)),
    retry: (event) => [`retrying: [${event.host}] try ${event.attempt} of ${event.attempts} did not hold; next in ${event.delay}s`],
    "handler:notified": (event) => (options.verbosity > 1 ? [`  notified: ${names.get(event.handler)?.name ?? event.handler}`] : []),
    warning: (event) => [paint(`warning: ${event.host === undefined ? "" : `[${event.host}] `}${event.message}`, "yellow")],
    "run:end": () => (quiet() ? treeLines(summary, options.color) : ["", paint("PLAY RECAP", "bold"), ...recapLines(summary, options.color), "", closingLine(summary)]),
  };
  return {
    report(event: Event) {
      summary = fold(summary, event);
      const lines = handle(handlers, event);
      if (lines.length > 0) options.write(`${lines.join("\n")}\n`);
    },
    end: () => Promise.resolve(),
  };
}

function isBad(event: HostTaskEnd): boolean {
  return event.result.status === "failed" || event.result.status === "unreachable";
}

/** One host's result: a line for itself or for each item of its loop, and the details below. */
export function hostLines(event: HostTaskEnd, options: Pick<ReportOptions, "color" | "diff">): string[] {
  const { host, result } = event;
  const { items } = result;
  if (items && items.length > 0) return items.flatMap((item) => [`${headOf(host, item, options.color)}`, ...resultLines(item, options)]);
  return [headOf(host, result, options.color), ...resultLines(result, options)];
}

function headOf(host: string, result: Result, color: boolean): string {
  const item = result.item === undefined ? "" : ` => (item=${typeof result.item === "string" ? result.item : JSON.stringify(result.item)})`;
  const message = result.message === undefined ? "" : ` ${result.message}`;
  return painter(color)(`${words[result.status]}: [${host}]${item}${message}`, statusColors[result.status]);
}

const words: Readonly<Record<Result["status"], string>> = {
  ok: "ok",
  changed: "changed",
  skipped: "skipping",
  failed: "failed",
  unreachable: "unreachable",
  rescued: "rescued",
  ignored: "ignored",
  unknown: "unknown",
};
