import { isAbsolute, relative } from "node:path";
import type { Problem } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Remark } from "./rule.ts";

/** A problem that has no place of its own is put at `place`. */
export function remarkOf({ message, at, expected, seen, hint }: Problem, place: Position): Remark {
  const details = { ...(expected === undefined ? {} : { expected }), ...(seen === undefined ? {} : { seen }), ...(hint === undefined ? {} : { hint }) };
  return { at: at ? { ...at, file: nearPath(at.file) } : place, message, ...details };
}

/** As the files of the project are named: from where the command was given. */
function nearPath(path: string): string {
  const near = isAbsolute(path) ? relative(process.cwd(), path) : path;
  return near.startsWith("..") ? path : near;
}

/** Its value is known only on a host. */
export function isTemplated(node: SourceNode): boolean {
  if (node.kind === "scalar") return typeof node.value === "string" && node.value.includes("{{");
  if (node.kind === "sequence") return node.items.some(isTemplated);
  return node.kind !== "mapping" || node.entries.some(({ value }) => isTemplated(value));
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
