import { parse } from "handlebars/dist/cjs/handlebars/compiler/base.js";
import { BowlineError, throwProblems, type Problem } from "../core/errors.ts";
import type { ScalarNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import { callMistakes, type Mistake } from "./calls.ts";
import { syntaxMistake } from "./handlebars-words.ts";

/** A text as Handlebars understands it, with what it takes to say where in a file something stands. */
export interface Parsed {
  readonly ast: hbs.AST.Program;
  readonly place: Place;
}

/** From a line (from 1) and column (from 0) inside the text to its place in the file. */
export type Place = (line: number, column: number) => Position;

/** Parses a text and checks its calls; E_TEMPLATE with the place of every mistake. */
export function parseText(source: string, place: Place): Parsed {
  const { problems, ...parsed } = parseAsFarAsGood(source, place);
  throwProblems(problems);
  return parsed;
}

/** What of a text can be understood, and what cannot: for those who look for more mistakes in the rest. */
export function parseAsFarAsGood(source: string, place: Place): Parsed & { readonly problems: readonly Problem[] } {
  const { ast, mistakes } = read(source);
  return { ast, place, problems: mistakes.map(({ line, column, ...problem }) => ({ code: "E_TEMPLATE", at: place(line, column), ...problem })) };
}

/** Where a scalar's text stands in its file: behind a quote, or on the lines of a block. */
export function placeOf(node: ScalarNode): Place {
  const { at, block } = node;
  return (line, column) => {
    if (block) return { file: at.file, line: block.firstLine + line - 1, column: block.indent + column + 1 };
    return line === 1 ? { ...at, column: at.column + column } : { ...at, line: at.line + line - 1, column: column + 1 };
  };
}

/** The text of a file: lines and columns are its own. */
export function placeInFile(file: string): Place {
  return (line, column) => ({ file, line, column: column + 1 });
}

/** A mistake that is found while a template is rendered, at a part of it. */
export function templateError(node: hbs.AST.Node, parsed: Parsed, message: string, hint?: string): BowlineError {
  const at = parsed.place(node.loc.start.line, node.loc.start.column);
  return new BowlineError({ code: "E_TEMPLATE", message, at, ...(hint === undefined ? {} : { hint }) });
}

interface Reading {
  readonly ast: hbs.AST.Program;
  readonly mistakes: readonly Mistake[];
}

const readings = new Map<string, Reading>();

function read(source: string): Reading {
  const known = readings.get(source);
  if (known) return known;
  const made = firstReading(source);
  readings.set(source, made);
  return made;
}

/** So many mistakes of one text are enough at once. */
const mostMistakes = 50;

/** The parser stops at the first mistake; with that one taken out, or what is lacking put in, it finds the next. */
function firstReading(source: string): Reading {
  const mistakes: Mistake[] = [];
  let rest = source;
  while (mistakes.length < mostMistakes) {
    try {
      const ast = parse(rest);
      const all = [...mistakes, ...callMistakes(ast)].sort((left, right) => left.line - right.line || left.column - right.column);
      return { ast, mistakes: all };
    } catch (error) {
      const { span, closing, ...mistake } = syntaxMistake(error, rest);
      mistakes.push(mistake);
      if (closing !== undefined) rest += closing;
      else if (span) rest = rest.slice(0, span[0]) + rest.slice(...span).replace(/[^\n]/g, " ") + rest.slice(span[1]);
      else break;
    }
  }
  return { ast: nothing, mistakes };
}

const nothing: hbs.AST.Program = { type: "Program", body: [], blockParams: [], loc: undefined as never };
