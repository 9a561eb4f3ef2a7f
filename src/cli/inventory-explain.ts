import { relative, sep } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { formatPosition, type Position } from "../core/position.ts";
import { levels, type Definition } from "../core/scope.ts";
import { suggestion } from "../core/suggest.ts";
import type { InventoryHost } from "../load/inventory-model.ts";
import { printableText } from "../reporters/printable.ts";
import type { NarrowDefinition } from "./inventory-playbook.ts";
import { shownValue } from "./inventory-values.ts";

/**
 * Every definition of a variable for a host, the weakest first, with its place and its value; `>` stands before the
 * one that wins. `others` are those that do not come from the inventory, in any order of their levels; `narrow` those
 * that only some tasks see.
 */
export function explanation(variable: string, host: InventoryHost, others: readonly Definition[], narrow: readonly NarrowDefinition[] = []): string {
  const all = [...host.variables, ...others];
  const found = all.filter(({ name }) => name === variable);
  const inTasks = narrow.filter(({ definition }) => definition.name === variable);
  if (found.length === 0 && inTasks.length === 0) throw undefinedFor(variable, host.name, [...all, ...narrow.map(({ definition }) => definition)]);
  const sorted = inOrder(found, (definition) => definition);
  const winner = sorted.at(-1);
  const rows = [...sorted.map((definition) => rowOf(definition)), ...inOrder(inTasks, ({ definition }) => definition).map(({ definition, where }) => rowOf(definition, where))];
  const [levelWidth, placeWidth] = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map(([level, place, value], index) => `${winner && index === sorted.length - 1 ? ">" : " "} ${level!.padEnd(levelWidth!)}  ${place!.padEnd(placeWidth!)}  ${value!}`);
  const parts = inTasks.length === 0 ? lines : [...lines.slice(0, sorted.length), "and in the tasks named, the stronger of it and these:", ...lines.slice(sorted.length)];
  return printableText([`${variable} on ${host.name}:`, ...parts].join("\n"));
}

/** The sort keeps the order within a level, where the later one wins. */
function inOrder<Item>(items: readonly Item[], definitionOf: (item: Item) => Definition): Item[] {
  return [...items].sort((left, right) => levels.indexOf(definitionOf(left).level) - levels.indexOf(definitionOf(right).level));
}

function rowOf({ level, value }: Definition, where?: string): string[] {
  return [level, shortPosition(value.at), `${JSON.stringify(shownValue(value))}${where === undefined ? "" : `  (${where})`}`];
}

function undefinedFor(variable: string, host: string, definitions: readonly Definition[]): BowlineError {
  const hint = suggestion(variable, [...new Set(definitions.map(({ name }) => name))]);
  return new BowlineError({ code: "E_OPTIONS", message: `nothing defines "${variable}" for ${host}`, ...(hint === undefined ? {} : { hint }) });
}

/** Files below the working directory are named from there. */
function shortPosition(at: Position): string {
  const path = relative(process.cwd(), at.file);
  return formatPosition(at.file.startsWith(sep) && !path.startsWith("..") ? { ...at, file: path } : at);
}
