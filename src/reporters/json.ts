import type { Reporter, ReportOptions } from "./reporter.ts";

/** The events as they are, one JSON object on each line (docs/events.md). */
export function jsonReporter(options: Pick<ReportOptions, "write">): Reporter {
  return { report: (event) => options.write(`${JSON.stringify(event)}\n`), end: () => Promise.resolve() };
}
