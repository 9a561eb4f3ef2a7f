import type { Json } from "../core/json.ts";
import type { Script } from "../core/sh.ts";

/** A group of facts that is gathered together: `facts.os` and what is below it. */
export interface FactFamily<Value extends Json = Json> {
  /** One sentence, for the docs. */
  readonly summary: string;
  /** Reads the host within seconds, never asks for input, and prints what it finds; what is missing is left out. */
  readonly script: Script;
  /** Text to value. Every documented name is there, null when the host does not tell: a template may name it anywhere. */
  parse(text: string): Value;
  /** What is below the family; none for a family that is a plain text. */
  readonly fields: Fields;
  /** Names below it are the host's own, or it is a list: none can be called wrong beforehand. */
  readonly open?: boolean;
  /** What stands below each name, or in each item, of an open family. */
  readonly each?: Fields;
}

export type Fields = Readonly<Record<string, Field>>;

/** One name below a family. */
export interface Field {
  readonly type: "text" | "number" | "boolean" | "list" | "mapping";
  readonly words: string;
  /** What is below it, when its names are known. */
  readonly fields?: Fields;
}

export const text = (words: string): Field => ({ type: "text", words });
export const number = (words: string): Field => ({ type: "number", words });
export const boolean = (words: string): Field => ({ type: "boolean", words });
export const list = (words: string): Field => ({ type: "list", words });
export const mapping = (words: string, fields?: Fields): Field => ({ type: "mapping", words, ...(fields ? { fields } : {}) });

/** Lines of `key value`; a later line of the same key wins, and a line without a value has the empty one. */
export function pairsOf(text: string): ReadonlyMap<string, string> {
  return new Map(linesOf(text).map((line) => splitAt(line, " ")));
}

export function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** Before and behind the first separator; without one, all is before it. */
export function splitAt(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return at === -1 ? [line, ""] : [line.slice(0, at), line.slice(at + separator.length)];
}

/** Null for what was not told. */
export function told(value: string | undefined): string | null {
  return value === undefined || value === "" ? null : value;
}

/** A decimal number, or null. */
export function counted(value: string | undefined): number | null {
  return value !== undefined && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : null;
}
