import type { Event } from "../events/event.ts";
import { emptySummary, fold, named, type Summary } from "../events/summary.ts";
import { closingLines, failedLines, hostLines, isWanted, recapLines, spokenLine, warningLines } from "./lines.ts";
import { painter } from "./paint.ts";
import { handle, type Handlers, type ReportOptions, type Reporter } from "./reporter.ts";
import { treeLines } from "./tree.ts";
import { Unfinished } from "./unfinished.ts";

/** Plain lines, for pipes, files and people who like to scroll: a line for each host of each task as it ends. */
export function plainReporter(options: ReportOptions): Reporter {
  let summary = emptySummary();
  const unfinished = new Unfinished();
  const now = () => summary;
  const ofRun = runHandlers(now, options);
  const ofStatus = statusHandlers(now, options);
  const print = (lines: readonly string[] = []) => {
    if (lines.length > 0) options.write(`${lines.join("\n")}\n`);
  };
  return {
    report(event: Event) {
      summary = fold(summary, event);
      unfinished.report(event);
      print(handle(summary.mode === "status" ? ofStatus : ofRun, event));
    },
    // A journal without an end is shown as far as it goes.
    end: () => Promise.resolve(summary.run !== "" && !summary.endedAt ? print(ending(summary, { ...options, unfinished: unfinished.lines() })) : undefined),
  };
}

function runHandlers(now: () => Summary, options: ReportOptions): Handlers<string[]> {
  const { color, verbosity } = options;
  const heading = (kind: string, name: string) => ["", painter(color)(`${kind} [${name}]`, "bold")];
  const nameOf = (task: string) => now().tasks[task]?.name ?? task;
  /** The task whose heading stands above: it has its name from a host, which knows it without templates. */
  let above: string | undefined;
  const headed = (task: string, name = nameOf(task)) => {
    if (task === above) return [];
    above = task;
    return heading(now().tasks[task]?.handler ? "HANDLER" : "TASK", name);
  };
  /** Where hosts go each at its own pace a heading stands only above what there is to say. */
  const isApart = (play: string) => now().apart.includes(play);
  return {
    "run:start": (event) => headings[event.mode],
    "play:start": (event) => {
      above = undefined;
      return heading("PLAY", now().plays[event.play] ?? event.play);
    },
    "play:end": () => [],
    "tasks:added": () => [],
    "task:start": (event) => {
      if (!isApart(event.play)) above = undefined;
      return [];
    },
    "host:start": (event) => (isApart(event.play) ? [] : headed(event.task, event.name)),
    output: (event) => (verbosity > 0 ? [spokenLine(event.host, "|", event.text, color)] : []),
    "step:start": (event) => (verbosity > 1 ? [spokenLine(event.host, ">", event.change, color)] : []),
    "step:end": () => [],
    "host:end": (event) => {
      const end = named(now(), event);
      return [...headed(end.task, end.name), ...hostLines(end, options)];
    },
    retry: (event) => [...headed(event.task, now().begun[event.host]?.name), `retrying: [${event.host}] try ${event.attempt} of ${event.attempts} did not hold; next in ${event.delay}s`],
    "handler:notified": (event) => (verbosity > 1 ? [spokenLine(event.host, ">", `notified: ${nameOf(event.handler)}`, color)] : []),
    warning: (event) => (isWanted(event, verbosity) ? warningLines(event, color) : []),
    "run:end": () => ending(now(), options),
  };
}

/** `status` shows the tree and nothing else. */
function statusHandlers(now: () => Summary, options: ReportOptions): Handlers<string[]> {
  const none = () => [];
  return {
    "run:start": none,
    "play:start": none,
    "play:end": none,
    "tasks:added": none,
    "task:start": none,
    "host:start": none,
    output: none,
    "step:start": none,
    "step:end": none,
    "host:end": none,
    retry: none,
    "handler:notified": none,
    warning: (event) => (isWanted(event, options.verbosity) ? warningLines(event, options.color) : []),
    "run:end": () => ending(now(), options),
  };
}

/** What a mode says before anything happens. */
export const headings: Readonly<Record<Summary["mode"], string[]>> = {
  run: [],
  check: ["CHECK: nothing will be changed"],
  status: [],
  down: ["DOWN: the last resource first"],
};

interface Ending {
  readonly color: boolean;
  /** Of the terminal, when there is one. */
  readonly columns?: number;
  /** Of a run that did not end. */
  readonly unfinished?: readonly string[];
}

/** The recap, or the tree of `status`, and the last line. */
export function ending(summary: Summary, { color, columns, unfinished = [] }: Ending): string[] {
  const closing = [...unfinished.map((line) => painter(color)(line, "red")), ...closingLines(summary, color)];
  if (summary.mode !== "status") {
    const failed = failedLines(summary, color);
    const recap = ["", painter(color)("PLAY RECAP", "bold"), ...recapLines(summary, color, columns), ""];
    return [...recap, ...failed, ...(failed.length > 0 ? [""] : []), ...closing];
  }
  const cut = summary.interrupted || !summary.endedAt || summary.problems.length > 0;
  return [...treeLines(summary, color), ...(cut ? ["", ...closing] : [])];
}
