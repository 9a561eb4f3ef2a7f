import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document, type Node, type Pair, type Scalar } from "yaml";
import { throwProblems, type Problem } from "../core/errors.ts";
import type { MappingEntry, MappingNode, SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";

/**
 * YAML 1.2 (core schema) to nodes with positions. Duplicate keys are refused; anchors, merge keys and `!expr` work.
 * Throws one BowlineError (E_YAML) with every mistake of the text.
 */
export function parseYaml(text: string, file: string): SourceNode {
  const lines = new LineCounter();
  const options = { lineCounter: lines, version: "1.2" as const, merge: true, uniqueKeys: true, customTags: [expressionTag], prettyErrors: false, logLevel: "silent" as const };
  const documents = parseAllDocuments(text, options);
  const [document, second] = Array.isArray(documents) ? (documents as Document.Parsed[]) : [];
  const reading = new Reading(text, file, lines);
  for (const each of document ? [document] : []) for (const error of each.errors) reading.syntax(error.message, error.pos[0]);
  if (second) reading.add("a file holds one document", second.range[0], { hint: "take the second --- away" });
  const root = document?.contents ? reading.node(document.contents as Node, 0) : scalarNull(reading.at(0));
  throwProblems(reading.problems);
  return root;
}

const expressionTag = { tag: "!expr", resolve: (source: string) => source };

/** Deeper nesting is a mistake or an attack. */
const deepest = 64;
/** So many nodes come from a thousand-line file; more come from aliases that multiply each other. */
const mostNodes = 2_000_000;

class Reading {
  readonly problems: Problem[] = [];
  readonly #text: string;
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, SourceNode>();
  #nodes = 0;

  constructor(text: string, file: string, lines: LineCounter) {
    this.#text = text;
    this.#file = file;
    this.#lines = lines;
  }

  at(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col) };
  }

  add(message: string, offset: number, details: Partial<Problem> = {}): void {
    this.problems.push({ code: "E_YAML", message, at: this.at(offset), ...details });
  }

  syntax(message: string, offset: number): void {
    const words = message.split("\n")[0]!;
    if (/tabs/i.test(words)) this.add("a tab where YAML wants blanks", offset, { hint: "indent with blanks" });
    else if (/Map keys must be unique/.test(words)) this.add("this key stands here twice", offset, { hint: "take one of them away; the second would silently win" });
    else if (/Unresolved tag/.test(words)) this.add(words.replace("Unresolved tag:", "unknown tag"), offset, { hint: "!expr is the only one" });
    else this.add(`this is no YAML: ${words.charAt(0).toLowerCase()}${words.slice(1)}`, offset, this.#hintAt(offset));
  }

  node(node: Node, depth: number): SourceNode {
    const offset = node.range?.[0] ?? 0;
    const at = this.at(offset);
    if (depth > deepest || ++this.#nodes > mostNodes) {
      if (this.problems.length === 0) this.add("this is nested too deeply or repeats itself too often", offset);
      return scalarNull(at);
    }
    const made = this.#made(node, at, depth);
    const anchor = isAlias(node) ? undefined : (node as Scalar).anchor;
    if (anchor) this.#anchors.set(anchor, made);
    return made;
  }

  #made(node: Node, at: Position, depth: number): SourceNode {
    if (isAlias(node)) return this.#anchors.get(node.source) ?? this.#unknownAlias(node.source, at);
    if (isSeq(node)) return { kind: "sequence", items: node.items.map((item) => this.node(item as Node, depth + 1)), at };
    if (isMap(node)) return this.#mapping(node.items as Pair[], at, depth);
    if (!isScalar(node)) return scalarNull(at);
    if (node.tag === "!expr") return { kind: "expression", source: String(node.value), at: this.at(this.#bodyOffset(node)) };
    return this.#scalar(node, at);
  }

  #unknownAlias(name: string, at: Position): SourceNode {
    this.problems.push({ code: "E_YAML", message: `there is no anchor &${name} before this`, at });
    return scalarNull(at);
  }

  #scalar(node: Scalar, at: Position): SourceNode {
    const { value } = node;
    const plain = typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null ? value : String(value);
    if (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED") return { kind: "scalar", value: plain, at, block: this.#block(at.line) };
    const quoted = node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE";
    return { kind: "scalar", value: plain, at: quoted ? { ...at, column: at.column + 1 } : at };
  }

  #block(headLine: number): { firstLine: number; indent: number } {
    const line = this.#text.split("\n")[headLine] ?? "";
    return { firstLine: headLine + 1, indent: /^ */.exec(line)![0].length };
  }

  #mapping(pairs: readonly Pair[], at: Position, depth: number): MappingNode {
    const entries: MappingEntry[] = [];
    const merged: MappingEntry[] = [];
    for (const pair of pairs) {
      const key = pair.key as Node;
      const keyOffset = key?.range?.[0] ?? 0;
      if (isMap(key) || isSeq(key)) {
        this.add("a key must be text", keyOffset, this.#hintAt(keyOffset) );
        continue;
      }
      const name = String((key as Scalar).value);
      const value = pair.value ? this.node(pair.value as Node, depth + 1) : scalarNull(this.at(keyOffset));
      if (name === "<<") merged.push(...this.#merge(value));
      else entries.push({ key: name, keyAt: this.at(keyOffset), value });
    }
    const own = new Set(entries.map((entry) => entry.key));
    return { kind: "mapping", entries: [...entries, ...merged.filter((entry) => !own.has(entry.key))], at };
  }

  #merge(value: SourceNode): readonly MappingEntry[] {
    if (value.kind === "mapping") return value.entries;
    if (value.kind === "sequence") {
      const all = value.items.flatMap((item) => this.#merge(item));
      return all.filter((entry, index) => all.findIndex((other) => other.key === entry.key) === index);
    }
    this.problems.push({ code: "E_YAML", message: "<< merges mappings only", at: value.at });
    return [];
  }

  /** `key: {{ name }}` is read as a mapping in a mapping; everybody writes it once. */
  #hintAt(offset: number): { hint?: string } {
    const line = this.#text.slice(this.#text.lastIndexOf("\n", offset - 1) + 1).split("\n")[0]!;
    const braces = /:\s*(\{\{.*)$/.exec(line)?.[1] ?? /^\s*-\s*(\{\{.*)$/.exec(line)?.[1];
    return braces === undefined ? {} : { hint: `quote it: "${braces.trim()}"` };
  }

  #bodyOffset(node: Scalar): number {
    const start = node.range?.[0] ?? 0;
    return node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE" ? start + 1 : start;
  }
}

function scalarNull(at: Position): SourceNode {
  return { kind: "scalar", value: null, at };
}
