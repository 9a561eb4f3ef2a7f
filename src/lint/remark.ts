import type { Problem } from "../core/errors.ts";
import { nearPath } from "../core/near-path.ts";
import type { SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Remark } from "./rule.ts";

/** A problem that has no place of its own is put at `place`. */
export function remarkOf({ message, at, expected, seen, hint }: Problem, place: Position): Remark {
  const details = { ...(expected === undefined ? {} : { expected }), ...(seen === undefined ? {} : { seen }), ...(hint === undefined ? {} : { hint }) };
  return { at: at ? { ...at, file: nearPath(at.file) } : place, message, ...details };
}

/** Every text in a node, all the way down. */
export function textsOf(node: SourceNode): { readonly text: string; readonly node: SourceNode }[] {
  if (node.kind === "scalar") return typeof node.value === "string" ? [{ text: node.value, node }] : [];
  if (node.kind === "sequence") return node.items.flatMap(textsOf);
  return node.kind === "mapping" ? node.entries.flatMap(({ value }) => textsOf(value)) : [];
}

/** The texts that a key holds: one, or a list of them. */
export function listOf(node: SourceNode | undefined): { readonly text: string; readonly at: Position }[] {
  if (node?.kind === "sequence") return node.items.flatMap(listOf);
  return node?.kind === "scalar" && typeof node.value === "string" ? [{ text: node.value, at: node.at }] : [];
}
