import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A page of docs/, by its path there. */
export function page(name: string): string {
  return readFileSync(join(import.meta.dirname, "../../docs", name), "utf8");
}

interface Fenced {
  /** What stands behind the language: the path of a file of the example project. */
  readonly name: string | undefined;
  readonly text: string;
}

/** The fenced blocks of a language. */
export function fenced(text: string, language: string): Fenced[] {
  return [...text.matchAll(/^```(\S+)(?: (.*))?\n([\s\S]*?)^```$/gm)].filter(([, words]) => words === language).map(([, , name, body]) => ({ name, text: body! }));
}

/** The cells of every table with this heading line, row by row. */
export function table(text: string, head: string): string[][] {
  return text.split(`\n${head}\n`).slice(1).flatMap(rowsOf);
}

function rowsOf(text: string): string[][] {
  const lines = text.split("\n").slice(1);
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(0, end).map((line) => line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|")));
}

/** The part of a page under a heading. */
export function section(text: string, heading: string): string {
  const [, rest] = text.split(new RegExp(`^## ${heading}$`, "m"));
  if (rest === undefined) throw new Error(`the page has no "## ${heading}"`);
  return rest.split(/^## /m)[0]!;
}

/** What stands in backticks. */
export function codes(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}
