import type { Position } from "./position.ts";
import { redacted } from "./secret.ts";

/**
 * A value as somebody wrote it in a file, every part with its position. The loader makes it from YAML, the compiler
 * reads it, the template engine renders it; strings in it may hold `{{ … }}`.
 */
export type SourceNode = ScalarNode | ExpressionNode | SequenceNode | MappingNode;

/** A string, number, boolean or null. `block` says that a string began on the line after its `|` or `>`. */
export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  readonly at: Position;
  readonly block?: { readonly firstLine: number; readonly indent: number };
  /** It came out of something encrypted: whoever shows nodes as they are written shows it with {@link shownOf}. */
  readonly secret?: true;
  /** `!secret` and `!vault` as they stand in the file: the value is what was encrypted. The loader leaves none. */
  readonly sealed?: Seal;
}

/** How a value or a file is encrypted: by age, or by ansible-vault. */
export type Seal = "age" | "vault";

/** `!expr …`: a CEL expression in the place of any value. */
export interface ExpressionNode {
  readonly kind: "expression";
  readonly source: string;
  readonly at: Position;
}

export interface SequenceNode {
  readonly kind: "sequence";
  readonly items: readonly SourceNode[];
  readonly at: Position;
}

/** Entries keep the order of the file; keys are unique (the loader refuses duplicates). */
export interface MappingNode {
  readonly kind: "mapping";
  readonly entries: readonly MappingEntry[];
  readonly at: Position;
}

export interface MappingEntry {
  readonly key: string;
  readonly keyAt: Position;
  readonly value: SourceNode;
}

/** The value of one key of a mapping, or undefined. */
export function entryOf(node: MappingNode, key: string): MappingEntry | undefined {
  return node.entries.find((entry) => entry.key === key);
}

/** Where the text of a scalar begins: that of a block on the line below its `|`. */
export function textAt({ at, block }: ScalarNode): Position {
  return block ? { file: at.file, line: block.firstLine, column: block.indent + 1 } : at;
}

/** A node for a value that no file holds (an extra variable, a fact), placed at `at`. */
export function nodeOf(value: unknown, at: Position): SourceNode {
  if (Array.isArray(value)) return { kind: "sequence", items: value.map((item) => nodeOf(item, at)), at };
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => ({ key, keyAt: at, value: nodeOf(inner, at) }));
    return { kind: "mapping", entries, at };
  }
  return { kind: "scalar", value: scalarOf(value), at };
}

/** True for strings with `{{ … }}` and for `!expr`: their value is known only on a host. */
export function isTemplated(node: SourceNode): boolean {
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "string" && node.value.includes("{{");
    case "expression":
      return true;
    case "sequence":
      return node.items.some(isTemplated);
    case "mapping":
      return node.entries.some((entry) => isTemplated(entry.value));
    default:
      return node satisfies never;
  }
}

/** The plain value of a node with its templates unrendered; an expression gives its source. */
export function plainOf(node: SourceNode): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "expression":
      return node.source;
    case "sequence":
      return node.items.map(plainOf);
    case "mapping":
      return Object.fromEntries(node.entries.map((entry) => [entry.key, plainOf(entry.value)]));
    default:
      return node satisfies never;
  }
}

/** {@link plainOf} for people: a secret is `[redacted]`. */
export function shownOf(node: SourceNode): unknown {
  if (node.kind === "scalar") return node.secret && node.value !== null ? redacted : node.value;
  if (node.kind === "sequence") return node.items.map(shownOf);
  return node.kind === "mapping" ? Object.fromEntries(node.entries.map((entry) => [entry.key, shownOf(entry.value)])) : plainOf(node);
}

function scalarOf(value: unknown): string | number | boolean | null {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return value === undefined || value === null ? null : String(value);
}
