import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments, stringify, type Document, type Node, type Pair, type Scalar } from "yaml";
import { throwProblems, type Problem } from "../core/errors.ts";
import { textAt, type MappingEntry, type MappingNode, type Seal, type SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import { anchorHint, bareBraces, lineFrom, openBracket, openQuote, syntaxWords, tagHint, tooDeepLine } from "./yaml-words.ts";

/**
 * YAML 1.2 (core schema) to nodes with positions. Duplicate keys are refused; anchors, merge keys and `!expr` work;
 * `!secret` and `!vault` come as sealed scalars.
 * Throws one BowlineError (E_YAML) with every mistake of the text, the first of each line.
 */
export function parseYaml(text: string, file: string): SourceNode {
  const lines = new LineCounter();
  const options = { lineCounter: lines, version: "1.2" as const, merge: true, uniqueKeys: false, customTags: textTags, prettyErrors: false, logLevel: "silent" as const };
  const documents = parseAllDocuments(text, options);
  const [document, second] = Array.isArray(documents) ? (documents as Document.Parsed[]) : [];
  const reading = new Reading(text, file, lines);
  for (const error of untilOpenQuote(document?.errors ?? [])) reading.syntax(error.message, error.pos[0]);
  for (const warning of document?.warnings ?? []) reading.tag(warning.message, warning.pos[0]);
  if (second) reading.add("a file holds one document", second.range[0], { hint: "take the second --- away" });
  const root = document?.contents ? reading.node(document.contents as Node, 0) : scalarNull(reading.at(0));
  throwProblems(firstOfEachLine(reading.problems));
  return root;
}

/** A value as YAML that every reader takes for the same: texts in quotes, so that 1.1 finds no Norway in them either. */
export function yamlText(value: unknown): string {
  return stringify(value, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0, aliasDuplicateObjects: false });
}

/** The second word for a vault is older than the first. */
const sealOfTag: Readonly<Record<string, Seal>> = { "!secret": "age", "!vault": "vault", "!vault-encrypted": "vault" };
const textTags = ["!expr", ...Object.keys(sealOfTag)].map((tag) => ({ tag, resolve: (source: string) => source }));

/** Deeper nesting is a mistake or an attack. */
const deepest = 64;
/** So many nodes come from a thousand-line file; more come from aliases that multiply each other. */
const mostNodes = 2_000_000;

class Reading {
  readonly problems: Problem[] = [];
  readonly #text: string;
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, { readonly node: SourceNode; readonly size: number }>();
  #nodes = 0;

  constructor(text: string, file: string, lines: LineCounter) {
    this.#text = text;
    this.#file = file;
    this.#lines = lines;
  }

  /** A byte order mark is no column. */
  at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    const mark = line === 1 && this.#text.startsWith("\uFEFF") ? 1 : 0;
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col - mark) };
  }

  add(message: string, offset: number, details: Partial<Problem> = {}): void {
    this.problems.push({ code: "E_YAML", message, at: this.at(offset), ...details });
  }

  syntax(message: string, offset: number): void {
    const quote = openQuote(message, this.#text, offset);
    if (quote !== undefined) return this.add("this quote is not closed", quote, { hint: "end it with the same sign; a ' inside '…' is written twice" });
    const bracket = openBracket(message, this.#text, offset);
    if (bracket !== undefined) return this.add(`this ${this.#text[bracket]!} is not closed`, bracket, { hint: "close it with ] or }" });
    const deep = tooDeepLine(message, this.#text, offset);
    if (deep !== undefined) return this.add("this line is indented too far", deep, { hint: "begin it in the column of its neighbours; or put the value above it in quotes" });
    const { cause, hint } = syntaxWords(message, lineFrom(this.#text, offset));
    if (!this.#braces(offset)) this.add(cause, offset, hint === undefined ? {} : { hint });
  }

  tag(message: string, offset: number): void {
    const tag = /^Unresolved tag: (.*)$/.exec(message.split("\n")[0]!)?.[1];
    if (tag === "!expr") this.add("!expr stands before a text", offset, { hint: 'write it in quotes: !expr "…"' });
    else if (tag !== undefined && Object.hasOwn(sealOfTag, tag)) this.add(`${tag} stands before the text that was encrypted`, offset, { hint: "bowline secrets encrypt-value makes one" });
    else if (tag !== undefined) this.add(`unknown tag ${tag}`, offset, { hint: tagHint(tag) });
  }

  node(node: Node, depth: number): SourceNode {
    const offset = node.range?.[0] ?? 0;
    const at = this.at(offset);
    const before = this.#nodes;
    if (depth > deepest || ++this.#nodes > mostNodes) {
      if (this.problems.length === 0) this.add("this is nested too deeply or repeats itself too often", offset);
      return scalarNull(at);
    }
    const made = this.#made(node, at, depth);
    const anchor = isAlias(node) ? undefined : (node as Scalar).anchor;
    if (anchor) this.#anchors.set(anchor, { node: made, size: this.#nodes - before });
    return made;
  }

  #made(node: Node, at: Position, depth: number): SourceNode {
    if (isAlias(node)) return this.#alias(node.source, at);
    if (isSeq(node)) return { kind: "sequence", items: node.items.map((item) => this.node(item as Node, depth + 1)), at };
    if (isMap(node)) return this.#mapping(node.items as Pair[], at, depth);
    if (!isScalar(node)) return scalarNull(at);
    if (node.tag === "!expr") return { kind: "expression", source: String(node.value ?? ""), at: this.#bodyAt(node, at) };
    const sealed = node.tag === undefined ? undefined : sealOfTag[node.tag];
    if (sealed) return { kind: "scalar", value: String(node.value ?? ""), at, sealed };
    return this.#scalar(node, at);
  }

  /** An alias counts for all that it stands for: whoever walks the values meets it again and again. */
  #alias(name: string, at: Position): SourceNode {
    const anchor = this.#anchors.get(name);
    this.#nodes += anchor?.size ?? 0;
    if (anchor) return anchor.node;
    this.problems.push({ code: "E_YAML", message: `there is no anchor &${name} before this`, at, ...anchorHint(name, [...this.#anchors.keys()]) });
    return scalarNull(at);
  }

  #scalar(node: Scalar, at: Position): SourceNode {
    const value = plainValue(node.value);
    if (typeof value === "number" && !isExact(value)) this.#inexact(node, at);
    if (isBlock(node)) return { kind: "scalar", value, at, block: this.#block(at.line) };
    return { kind: "scalar", value, at: this.#bodyAt(node, at) };
  }

  /** Such a number would silently become another one, or nothing at all. */
  #inexact(node: Scalar, at: Position): void {
    const written = node.source ?? String(node.value);
    this.problems.push({ code: "E_YAML", message: `${written} is not a number that can be kept exactly`, at, hint: `put it in quotes: "${written}"` });
  }

  #block(headLine: number): { firstLine: number; indent: number } {
    const line = this.#text.slice(this.#lines.lineStarts[headLine] ?? this.#text.length);
    return { firstLine: headLine + 1, indent: /^ */.exec(line)![0].length };
  }

  #mapping(pairs: readonly Pair[], at: Position, depth: number): MappingNode {
    const entries: MappingEntry[] = [];
    const merged: MappingEntry[] = [];
    // The parser's own check compares every key with every other one: minutes for a mapping of 20,000 hosts.
    const own = new Set<string>();
    for (const pair of pairs) {
      const key = pair.key as Node | null;
      const keyOffset = key?.range?.[0] ?? 0;
      if (isMap(key) || isSeq(key) || isPair(key)) {
        if (!this.#braces(keyOffset)) this.add("a key must be text", keyOffset, { hint: "a list or mapping cannot be a key: put it behind the colon" });
        continue;
      }
      const name = isScalar(key) ? key.value : null;
      const value = pair.value ? this.node(pair.value as Node, depth + 1) : scalarNull(this.at(keyOffset));
      if (isMergeKey(name)) merged.push(...this.#merge(value));
      else if (own.has(String(name))) this.syntax("Map keys must be unique", keyOffset);
      else entries.push({ key: String(name), keyAt: this.at(keyOffset), value });
      own.add(String(name));
    }
    return { kind: "mapping", entries: [...entries, ...firstOfEachKey(merged).filter((entry) => !own.has(entry.key))], at };
  }

  #merge(value: SourceNode): readonly MappingEntry[] {
    if (value.kind === "mapping") return value.entries;
    if (value.kind === "sequence") return value.items.flatMap((item) => this.#merge(item));
    this.problems.push({ code: "E_YAML", message: "<< merges mappings only", at: value.at, hint: "write <<: *name, or <<: [*one, *other]" });
    return [];
  }

  /** `key: {{ name }}` is read as a mapping in a mapping; everybody writes it once. */
  #braces(offset: number): boolean {
    const start = this.#text.lastIndexOf("\n", offset - 1) + 1;
    const braces = bareBraces(this.#text.slice(start).split("\n")[0]!);
    if (braces) this.add("a value that begins with {{ must stand in quotes", start + braces.index, { hint: `write "${braces.text}"` });
    return braces !== undefined;
  }

  #bodyAt(node: Scalar, at: Position): Position {
    if (isBlock(node)) return textAt({ kind: "scalar", value: null, at, block: this.#block(at.line) });
    return node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE" ? { ...at, column: at.column + 1 } : at;
  }
}

/** Behind a quote that nothing closes all is text, and what the parser misses there is only that quote. */
function untilOpenQuote<Mistake extends { readonly message: string }>(errors: readonly Mistake[]): readonly Mistake[] {
  const index = errors.findIndex(({ message }) => /^Missing closing ["']/.test(message));
  return index < 0 ? errors : errors.slice(0, index + 1);
}

function isBlock(node: Scalar): boolean {
  return node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED";
}

/** The parser gives a bare `<<` as a symbol; in quotes it is text like any other. */
function isMergeKey(name: unknown): boolean {
  return typeof name === "symbol" || name === "<<";
}

function firstOfEachKey(entries: readonly MappingEntry[]): MappingEntry[] {
  return [...new Map([...entries].reverse().map((entry) => [entry.key, entry])).values()].reverse();
}

/** One mistake often makes the parser complain about the rest of its line too. */
function firstOfEachLine(problems: readonly Problem[]): Problem[] {
  const sorted = [...problems].sort((left, right) => left.at!.line - right.at!.line);
  return sorted.filter((problem, index) => problem.at!.line !== sorted[index - 1]?.at!.line);
}

function plainValue(value: unknown): string | number | boolean | null {
  if (value === undefined) return null;
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null ? value : String(value);
}

function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

function scalarNull(at: Position): SourceNode {
  return { kind: "scalar", value: null, at };
}
