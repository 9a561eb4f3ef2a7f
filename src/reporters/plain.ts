import type { Event } from "../events/event.ts";
import { emptySummary, fold, type Summary } from "../events/summary.ts";
import { closingLines, hostLines, recapLines } from "./lines.ts";
import { painter } from "./paint.ts";
import { handle, type Handlers, type ReportOptions, type Reporter } from "./reporter.ts";
import { treeLines } from "./tree.ts";

/** Plain lines, for pipes, files and people who like to scroll: a line for each host of each task as it ends. */
export function plainReporter(options: ReportOptions): Reporter {
  let summary = emptySummary();
  const print = (lines: readonly string[] = []) => {
    if (lines.length > 0) options.write(`${lines.join("\n")}\n`);
  };
  return {
    report(event: Event) {
      summary = fold(summary, event);
      print(handle(summary.mode === "status" ? statusHandlers(summary, options) : runHandlers(summary, options), event));
    },
    // A journal without an end is shown as far as it goes.
    end: () => Promise.resolve(summary.run !== "" && !summary.endedAt ? print(ending(summary, options)) : undefined),
  };
}

function runHandlers(summary: Summary, options: ReportOptions): Handlers<string[]> {
  const { color, verbosity } = options;
  const paint = painter(color);
  const nameOf = (task: string) => summary.tasks[task]?.name ?? task;
  return {
    "run:start": (event) => headings[event.mode],
    "play:start": (event) => ["", paint(`PLAY [${summary.plays[event.play] ?? event.play}]`, "bold")],
    "play:end": () => [],
    "task:start": (event) => ["", paint(`${summary.tasks[event.task]?.handler ? "HANDLER" : "TASK"} [${nameOf(event.task)}]`, "bold")],
    "host:start": () => [],
    output: (event) => (verbosity > 0 ? [paint(`  ${event.host} | ${event.text}`, "dim")] : []),
    "step:start": (event) => (verbosity > 1 ? [paint(`  ${event.host} > ${event.change}`, "dim")] : []),
    "step:end": () => [],
    "host:end": (event) => hostLines(event, options),
    retry: (event) => [`retrying: [${event.host}] try ${event.attempt} of ${event.attempts} did not hold; next in ${event.delay}s`],
    "handler:notified": (event) => (verbosity > 1 ? [paint(`  ${event.host} > notified: ${nameOf(event.handler)}`, "dim")] : []),
    warning: (event) => warningLines(event, color),
    "run:end": () => ending(summary, options),
  };
}

/** `status` shows the tree and nothing else. */
function statusHandlers(summary: Summary, options: ReportOptions): Handlers<string[]> {
  const none = () => [];
  return {
    "run:start": none,
    "play:start": none,
    "play:end": none,
    "task:start": none,
    "host:start": none,
    output: none,
    "step:start": none,
    "step:end": none,
    "host:end": none,
    retry: none,
    "handler:notified": none,
    warning: (event) => warningLines(event, options.color),
    "run:end": () => ending(summary, options),
  };
}

/** What a mode says before anything happens. */
export const headings: Readonly<Record<Summary["mode"], string[]>> = {
  run: [],
  check: ["CHECK: nothing will be changed"],
  status: [],
  down: ["DOWN: the last resource first"],
};

export function warningLines(event: Extract<Event, { type: "warning" }>, color: boolean): string[] {
  const host = event.host === undefined ? "" : `[${event.host}] `;
  const hint = event.hint === undefined ? [] : [`    hint: ${event.hint}`];
  return [painter(color)(`warning: ${host}${event.message}`, "yellow"), ...hint];
}

/** The recap, or the tree of `status`, and the last line. */
export function ending(summary: Summary, options: Pick<ReportOptions, "color">): string[] {
  const { color } = options;
  const closing = closingLines(summary, color);
  if (summary.mode !== "status") return ["", painter(color)("PLAY RECAP", "bold"), ...recapLines(summary, color), "", ...closing];
  const cut = summary.interrupted || !summary.endedAt || summary.problems.length > 0;
  return [...treeLines(summary, color), ...(cut ? ["", ...closing] : [])];
}
