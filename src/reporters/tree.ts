import { overall, type State, type StateLine, type Summary } from "../events/summary.ts";
import { painter, stateColors } from "./paint.ts";

/**
 * The status of each host as a tree, in OpenSVC's manner: the whole first, then every resource with its state and
 * label, and the reasons below it.
 */
export function treeLines(summary: Summary, color: boolean): string[] {
  return Object.entries(summary.hosts).flatMap(([host, counts]) => {
    const lines = summary.states[host] ?? [];
    const state = counts.unreachable > 0 ? "unreachable" : overall(lines.map((line) => line.state));
    return [host, `${"overall".padEnd(nameWidth + 3)} ${stated(state, color)}`, ...lines.flatMap((line, index) => branch(line, index === lines.length - 1, color))];
  });
}

const nameWidth = 42;

function branch(line: StateLine, last: boolean, color: boolean): string[] {
  const trunk = last ? "   " : "|  ";
  const head = `${last ? "'- " : "|- "}${line.task.padEnd(nameWidth)} ${stated(line.state, color)} ${line.label}`;
  return [head, ...line.remarks.map((remark) => `${trunk}${" ".repeat(nameWidth + 6)}# ${remark}`)];
}

function stated(state: State | "unreachable", color: boolean): string {
  return painter(color)(state.padEnd(4), state === "unreachable" ? "red" : stateColors[state]);
}
