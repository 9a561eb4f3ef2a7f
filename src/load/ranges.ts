import { BowlineError } from "../core/errors.ts";
import type { Position } from "../core/position.ts";

/**
 * `web[01:50]`, `db-[a:f]`, `n[1:9:2]`, several in one name: every host that the name stands for. Both ends are in;
 * a leading zero makes all numbers as wide as the first.
 */
export function expandRange(name: string, at: Position): string[] {
  const match = /\[([^\]]*)\]/.exec(name);
  if (!match) return [name];
  const before = name.slice(0, match.index);
  const after = name.slice(match.index + match[0].length);
  return rangeItems(match[1]!, at).flatMap((item) => expandRange(after, at).map((rest) => before + item + rest));
}

function rangeItems(range: string, at: Position): string[] {
  const numbers = /^(\d+):(\d+)(?::(\d+))?$/.exec(range);
  const letters = /^([A-Za-z]):([A-Za-z])(?::(\d+))?$/.exec(range);
  if (numbers) {
    const [, from, to, step] = numbers;
    const width = from!.startsWith("0") ? from!.length : 0;
    return steps(Number(from), Number(to), Number(step ?? 1), at).map((number) => String(number).padStart(width, "0"));
  }
  if (letters) {
    const [, from, to, step] = letters;
    return steps(from!.charCodeAt(0), to!.charCodeAt(0), Number(step ?? 1), at).map((code) => String.fromCharCode(code));
  }
  throw new BowlineError({ code: "E_INVENTORY", message: `[${range}] is not a range of hosts`, at, expected: "[1:50], [01:50], [a:f] or [1:9:2]" });
}

function steps(from: number, to: number, step: number, at: Position): number[] {
  if (from > to || step < 1) throw new BowlineError({ code: "E_INVENTORY", message: "a range of hosts must go upwards", at });
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}
