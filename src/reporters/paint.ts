import type { Status } from "../events/event.ts";
import type { State } from "../events/summary.ts";

export type Color = "red" | "green" | "yellow" | "cyan" | "magenta" | "dim" | "bold";

const codes: Readonly<Record<Color, string>> = { red: "31", green: "32", yellow: "33", cyan: "36", magenta: "35", dim: "2", bold: "1" };

/** Text in a colour, or as it is. */
export function painter(color: boolean): (text: string, with_: Color) => string {
  return (text, with_) => (color && text !== "" ? `\u001b[${codes[with_]}m${text}\u001b[0m` : text);
}

export const statusColors: Readonly<Record<Status, Color>> = {
  ok: "green",
  changed: "yellow",
  skipped: "cyan",
  failed: "red",
  unreachable: "red",
  rescued: "yellow",
  ignored: "cyan",
  unknown: "magenta",
};

export const stateColors: Readonly<Record<State, Color>> = { up: "green", down: "red", warn: "yellow", "n/a": "dim" };
