import { overall, type State, type StateLine, type Summary } from "../events/summary.ts";
import { problemLines } from "./lines.ts";
import { painter, stateColors } from "./paint.ts";
import { padded, widthOf } from "./width.ts";

/**
 * The status of each host as a tree, in OpenSVC's manner: the whole first, then every resource with its state and
 * label, and the reasons below it, each after a `#`.
 */
export function treeLines(summary: Summary, color: boolean): string[] {
  const trees = Object.keys(summary.hosts).map((host) => hostTree(host, summary, color));
  return trees.flatMap((lines, index) => (index === 0 ? lines : ["", ...lines]));
}

function hostTree(host: string, summary: Summary, color: boolean): string[] {
  const lines = summary.states[host] ?? [];
  const width = Math.min(widest, Math.max(narrowest, ...lines.map((line) => widthOf(line.resource))));
  const lost = summary.failures.find((failure) => failure.host === host && failure.result.status === "unreachable");
  const reasons = lost?.result.problem ? problemLines(lost.result.problem) : [];
  return [
    host,
    `${"overall".padEnd(width + 3)}  ${stated(lost ? "unreachable" : overall(lines.map((line) => line.state)), color)}`.trimEnd(),
    ...remarks(reasons, "   ", width),
    ...lines.flatMap((line, index) => branch(line, { last: index === lines.length - 1, width, color })),
  ];
}

/** Columns for the names of resources: as many as they need, within reason. */
const narrowest = 14;
const widest = 50;

function branch(line: StateLine, look: { last: boolean; width: number; color: boolean }): string[] {
  const { last, width, color } = look;
  const head = `${last ? "'- " : "|- "}${padded(line.resource, width)}  ${stated(line.state, color)}  ${line.label || line.task}`.trimEnd();
  return [head, ...remarks(line.remarks, last ? "   " : "|  ", width)];
}

/** Below the label, which stands after the name and the four columns of the state. */
function remarks(texts: readonly string[], trunk: string, width: number): string[] {
  const lines = texts.flatMap((text) => text.trimEnd().split("\n"));
  return lines.map((line) => `${trunk}${" ".repeat(width + 8)}# ${line.trim()}`);
}

function stated(state: State | "unreachable", color: boolean): string {
  return painter(color)(state, state === "unreachable" ? "red" : stateColors[state]) + " ".repeat(Math.max(0, 4 - state.length));
}
