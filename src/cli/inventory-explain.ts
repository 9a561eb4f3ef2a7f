import { relative, sep } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { formatPosition, type Position } from "../core/position.ts";
import { levels, type Definition } from "../core/scope.ts";
import { suggestion } from "../core/suggest.ts";
import type { InventoryHost } from "../load/inventory-model.ts";
import { printableText } from "../reporters/printable.ts";
import { shownValue } from "./inventory-values.ts";

/**
 * Every definition of a variable for a host, the weakest first, with its place and its value; `>` stands before the
 * one that wins. `others` are those that do not come from the inventory, in any order of their levels.
 */
export function explanation(variable: string, host: InventoryHost, others: readonly Definition[]): string {
  const all = [...host.variables, ...others];
  const found = all.filter(({ name }) => name === variable);
  if (found.length === 0) throw undefinedFor(variable, host.name, all);
  // The sort keeps the order within a level, where the later one wins.
  const rows = found
    .sort((left, right) => levels.indexOf(left.level) - levels.indexOf(right.level))
    .map(({ level, value }) => [level, shortPosition(value.at), JSON.stringify(shownValue(value))] as const);
  const [levelWidth, placeWidth] = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map(([level, place, value], index) => `${index === rows.length - 1 ? ">" : " "} ${level.padEnd(levelWidth!)}  ${place.padEnd(placeWidth!)}  ${value}`);
  return printableText([`${variable} on ${host.name}:`, ...lines].join("\n"));
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
