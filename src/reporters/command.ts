import type { Event, Result, Status } from "../events/event.ts";
import { emptySummary, fold, named, type NamedEnd, type Summary } from "../events/summary.ts";
import { closingLines, isWanted, messageLines, resultLines, spokenLine, warningLines } from "./lines.ts";
import { painter, statusColors } from "./paint.ts";
import { handle, type Handlers, type ReportOptions, type Reporter } from "./reporter.ts";

/** How the report of one command is written. */
export interface CommandOptions extends ReportOptions {
  /** What hosts write is shown as it comes; else below the line of its host, when that has ended. */
  readonly isLive: boolean;
}

/** What one command came to on each host, in ansible's words: `web1 | CHANGED | rc=0 >>` and below it what the host wrote. */
export function commandReporter(options: CommandOptions): Reporter {
  let summary = emptySummary();
  const handlers = handlersOf(() => summary, options);
  const print = (lines: readonly string[] = []) => {
    if (lines.length > 0) options.write(`${lines.join("\n")}\n`);
  };
  return {
    report(event: Event) {
      summary = fold(summary, event);
      print(handle(handlers, event));
    },
    end: () => Promise.resolve(summary.run !== "" && !summary.endedAt ? print(closingLines(summary, options.color)) : undefined),
  };
}

function handlersOf(now: () => Summary, { isLive, ...options }: CommandOptions): Handlers<string[]> {
  const { color, verbosity } = options;
  const none = () => [];
  return {
    "run:start": none,
    "play:start": none,
    "play:end": none,
    "tasks:added": none,
    "task:start": none,
    "host:start": none,
    output: ({ host, text }) => (isLive ? [Object.keys(now().hosts).length > 1 ? `${painter(color)(`${host} |`, "dim")} ${text}` : text] : []),
    "step:start": ({ host, change }) => (verbosity > 1 ? [spokenLine(host, ">", change, color)] : []),
    "step:end": none,
    "host:end": (event) => endLines(named(now(), event), { isLive, ...options }),
    retry: none,
    "handler:notified": none,
    warning: (event) => (isWanted(event, verbosity) ? warningLines(event, color) : []),
    "run:end": ({ interrupted, problems = [] }) => (interrupted || problems.length > 0 ? closingLines(now(), color) : []),
  };
}

/** A process ended with a code and wrote something; anything else has changes, words, or a reason why not. */
function endLines({ host, on, result }: NamedEnd, { isLive, ...options }: CommandOptions): string[] {
  const ran = processOf(result);
  const [message = "", ...more] = messageLines(result);
  const written = ran && !isLive ? [ran.stdout, ran.stderr].map((text) => text.replace(/\n$/, "")).filter(Boolean) : [];
  const parts = [on === undefined ? host : `${host} -> ${on}`, words[result.status], ...(ran ? [`rc=${ran.code}`] : [])];
  const head = `${parts.join(" | ")}${written.length > 0 ? " >>" : ""}${message === "" ? "" : ` ${message}`}`;
  const below = ran ? more.map((line) => `    ${line}`) : resultLines(result, options);
  return [painter(options.color)(head, statusColors[result.status]), ...written, ...below];
}

const words: Readonly<Record<Status, string>> = {
  ok: "SUCCESS",
  changed: "CHANGED",
  skipped: "SKIPPED",
  failed: "FAILED",
  unreachable: "UNREACHABLE",
  rescued: "RESCUED",
  ignored: "IGNORED",
  unknown: "UNKNOWN",
};

/** What `register` would see of a process, where the task was one. */
function processOf({ data }: Result): { code: number; stdout: string; stderr: string } | undefined {
  const { rc, stdout, stderr } = data ?? {};
  return typeof rc === "number" && typeof stdout === "string" && typeof stderr === "string" ? { code: rc, stdout, stderr } : undefined;
}
