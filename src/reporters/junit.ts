import type { Event, Result } from "../events/event.ts";
import { emptySummary, fold, named, type NamedEnd, type Summary } from "../events/summary.ts";
import { failureLines, itemOf, messageLines, problemLines, resultBlocks, statusWords } from "./lines.ts";
import type { Reporter, ReportOptions } from "./reporter.ts";

/**
 * A JUnit report, as Jenkins and GitLab read it: a suite for each host, a case for each of its tasks, in the order in
 * which they ended. Written when the run is over, or when nothing more comes.
 */
export function junitReporter(options: Pick<ReportOptions, "write">): Reporter {
  let summary = emptySummary();
  const ends: NamedEnd[] = [];
  return {
    report(event: Event) {
      summary = fold(summary, event);
      if (event.type === "host:end") ends.push(named(summary, event));
    },
    end: () => Promise.resolve(options.write(document(summary, ends))),
  };
}

function document(summary: Summary, ends: readonly NamedEnd[]): string {
  const byHost = new Map<string, NamedEnd[]>(Object.keys(summary.hosts).map((host) => [host, []]));
  for (const end of ends) byHost.get(end.host)?.push(end);
  const suites = [...byHost].map(([host, own]) => suite(host, summary, own));
  const whole = runSuite(summary);
  const attributes = { name: summary.playbook, ...totals(ends, whole === "" ? 0 : 1) };
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${written(attributes)}>\n${suites.join("")}${whole}</testsuites>\n`;
}

function suite(host: string, summary: Summary, ends: readonly NamedEnd[]): string {
  const cases = ends.map((end) => testCase(end, summary));
  const attributes = { name: host, hostname: host, timestamp: (summary.startedAt ?? "").slice(0, 19), ...totals(ends, 0) };
  return `  <testsuite${written(attributes)}>\n${cases.join("")}  </testsuite>\n`;
}

/** A run that was cut short is an error, even if every task until then was well. */
function runSuite(summary: Summary): string {
  if (summary.endedAt && !summary.interrupted && summary.problems.length === 0) return "";
  const message = summary.interrupted ? "the run was interrupted" : (summary.problems[0]?.message ?? "the run did not end");
  const text = summary.problems.flatMap(problemLines).join("\n");
  const failed = `      <error${written({ message, type: "run" })}>${escape(text)}</error>\n`;
  const testcase = `    <testcase${written({ name: "the run as a whole", classname: summary.playbook, time: "0.000" })}>\n${failed}    </testcase>\n`;
  return `  <testsuite${written({ name: "run", tests: 1, failures: 0, errors: 1, skipped: 0, time: "0.000" })}>\n${testcase}  </testsuite>\n`;
}

function totals(ends: readonly NamedEnd[], more: number) {
  const count = (verdict: Verdict) => ends.filter((end) => verdictOf(end.result) === verdict).length;
  const time = ends.reduce((sum, end) => sum + end.result.elapsed, 0).toFixed(3);
  return { tests: ends.length + more, failures: count("failure"), errors: count("error") + more, skipped: count("skipped"), time };
}

function testCase({ name, host, task, result }: NamedEnd, summary: Summary): string {
  const at = summary.tasks[task]?.at;
  const place = at ? { file: at.file, line: at.line } : {};
  const head = `    <testcase${written({ name, classname: `${summary.playbook}.${host}`, time: result.elapsed.toFixed(3), ...place })}`;
  const body = verdictElement(result) + outputElement(result);
  return body === "" ? `${head}/>\n` : `${head}>\n${body}    </testcase>\n`;
}

type Verdict = "failure" | "error" | "skipped" | "none";

/** In `status` a resource that is not up is what a test would call a failure. */
function verdictOf(result: Result): Verdict {
  const states = resultBlocks(result).map((block) => block.state?.state);
  if (states.some((state) => state === "down" || state === "warn")) return "failure";
  return verdicts[result.status];
}

const verdicts: Readonly<Record<Result["status"], Verdict>> = {
  ok: "none",
  changed: "none",
  skipped: "skipped",
  failed: "failure",
  unreachable: "error",
  rescued: "none",
  ignored: "none",
  unknown: "skipped",
};

function verdictElement(result: Result): string {
  const verdict = verdictOf(result);
  if (verdict === "none") return "";
  if (verdict === "skipped") return `      <skipped${written({ message: messageLines(result).join(" ") })}/>\n`;
  const lines = resultBlocks(result).flatMap(reasons);
  const message = result.problem?.message ?? lines[0] ?? verdict;
  return `      <${verdict}${written({ message, type: result.problem?.code ?? "status" })}>${escape(lines.join("\n"))}</${verdict}>\n`;
}

function reasons(result: Result): string[] {
  const { state } = result;
  const states = state && state.state !== "up" ? [[state.state, state.label, ...state.remarks.map((remark) => `# ${remark}`)].join(" ")] : [];
  return [...states, ...failureLines(result)];
}

/** What was changed, and what was forgiven. */
function outputElement(result: Result): string {
  const forgiven = result.status === "ignored" || result.status === "rescued";
  const lines = resultBlocks(result).flatMap((block) => [
    ...(block.item === undefined ? [] : [`${statusWords[block.status]}${itemOf(block)}`]),
    ...(block.problem && block.status !== "unknown" ? [] : block.changes.map((change) => change.title)),
    ...(result.status === "skipped" || result.status === "unknown" ? [] : messageLines(block)),
    ...(forgiven ? failureLines(block) : []),
  ]);
  return lines.length > 0 ? `      <system-out>${escape(lines.join("\n"))}</system-out>\n` : "";
}

/** In an attribute a reader turns line ends and tabs into blanks, unless they are written as numbers. */
function written(attributes: Readonly<Record<string, string | number>>): string {
  const value = (text: string) => escape(text).replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
  return Object.entries(attributes).map(([name, text]) => ` ${name}="${value(String(text))}"`).join("");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** XML 1.0 has no way to write most control characters, nor half of a surrogate pair; they become a question mark. */
function escape(text: string): string {
  const writable = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "?");
  return writable.replace(/[&<>"']/g, (character) => entities[character]!);
}
