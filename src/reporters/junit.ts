import type { Event, HostTaskEnd, Result, TaskLabel } from "../events/event.ts";
import { problemLines } from "./lines.ts";
import type { Reporter, ReportOptions } from "./reporter.ts";

/** A JUnit report: a suite for each host, a case for each task; written when the run ends. */
export function junitReporter(options: Pick<ReportOptions, "write">): Reporter {
  const labels = new Map<string, TaskLabel>();
  const ends: HostTaskEnd[] = [];
  let playbook = "";
  return {
    report(event: Event) {
      if (event.type === "run:start") {
        playbook = event.playbook;
        for (const play of event.plays) for (const task of play.tasks) labels.set(task.task, task);
      }
      if (event.type === "host:end") ends.push(event);
      if (event.type === "run:end") options.write(document(playbook, ends, labels));
    },
    end: () => Promise.resolve(),
  };
}

function document(playbook: string, ends: readonly HostTaskEnd[], labels: ReadonlyMap<string, TaskLabel>): string {
  const hosts = [...new Set(ends.map((end) => end.host))];
  const suites = hosts.map((host) => suite(host, playbook, ends.filter((end) => end.host === host), labels));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escape(playbook)}" ${totals(ends)}>\n${suites.join("")}</testsuites>\n`;
}

function suite(host: string, playbook: string, ends: readonly HostTaskEnd[], labels: ReadonlyMap<string, TaskLabel>): string {
  const cases = ends.map((end) => testCase(end.result, labels.get(end.task), `${playbook}.${host}`));
  return `  <testsuite name="${escape(host)}" ${totals(ends)}>\n${cases.join("")}  </testsuite>\n`;
}

function totals(ends: readonly HostTaskEnd[]): string {
  const count = (statuses: readonly string[]) => ends.filter((end) => statuses.includes(end.result.status)).length;
  const time = ends.reduce((sum, end) => sum + end.result.elapsed, 0);
  return `tests="${ends.length}" failures="${count(["failed"])}" errors="${count(["unreachable"])}" skipped="${count(["skipped"])}" time="${time.toFixed(3)}"`;
}

function testCase(result: Result, label: TaskLabel | undefined, classname: string): string {
  const head = `    <testcase name="${escape(label?.name ?? "")}" classname="${escape(classname)}" time="${result.elapsed.toFixed(3)}"`;
  const output = result.changes.length > 0 ? `      <system-out>${escape(result.changes.map((change) => change.title).join("\n"))}</system-out>\n` : "";
  const body = verdict(result) + output;
  return body === "" ? `${head}/>\n` : `${head}>\n${body}    </testcase>\n`;
}

function verdict(result: Result): string {
  if (result.status === "skipped") return `      <skipped message="${escape(result.message ?? "")}"/>\n`;
  const element = result.status === "failed" ? "failure" : result.status === "unreachable" ? "error" : undefined;
  if (!element) return "";
  return `      <${element} message="${escape(result.problem?.message ?? "")}">${escape(problemLines(result).join("\n"))}</${element}>\n`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** XML 1.0 has no way to write most control characters; they become a question mark. */
function escape(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "?").replace(/[&<>"']/g, (character) => entities[character]!);
}
