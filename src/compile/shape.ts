import type { Problem } from "../core/errors.ts";
import { isTemplated, textAt, type MappingEntry, type MappingNode, type SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import { suggestion } from "../core/suggest.ts";
import type { Expression } from "./program.ts";

/** Collects what is wrong while a playbook is read, so that all of it is reported at once. */
export class Problems {
  readonly list: Problem[];

  /** With those that are known already. */
  constructor(known: readonly Problem[] = []) {
    this.list = [...known];
  }

  add(at: Position, message: string, details: Partial<Problem> = {}): void {
    this.list.push({ code: "E_PLAYBOOK", message, at, ...details });
  }
}

/** The kind of a node in the words of a person. */
export function kindOf(node: SourceNode): string {
  if (node.kind === "sequence") return "a list";
  if (node.kind === "mapping") return "a mapping";
  if (node.kind === "expression") return "an expression";
  return node.value === null ? "nothing" : `${typeof node.value === "object" ? "nothing" : typeof node.value} ${JSON.stringify(node.value)}`;
}

/** Reports keys that are not in the table, with the nearest one that is. `later` knows words that are at home elsewhere. */
export function checkKeys(node: MappingNode, known: readonly string[], words: { what: string; later: (key: string) => string | undefined }, problems: Problems): void {
  for (const entry of node.entries) {
    if (known.includes(entry.key)) continue;
    const later = words.later(entry.key);
    if (later !== undefined) problems.add(entry.keyAt, `"${entry.key}" is not a key of ${words.what}`, { hint: later });
    else problems.add(entry.keyAt, `"${entry.key}" is not a key of ${words.what}`, hintOf(entry.key, known));
  }
}

/** Reads typed parts of a mapping; what has the wrong type is reported and read as absent. */
export class Reader {
  readonly #node: MappingNode;
  /** A task is asked for forty keys, of which it has five. */
  readonly #entries: ReadonlyMap<string, MappingEntry>;
  readonly #problems: Problems;

  constructor(node: MappingNode, problems: Problems) {
    this.#node = node;
    this.#entries = new Map(node.entries.map((entry) => [entry.key, entry]));
    this.#problems = problems;
  }

  get at(): Position {
    return this.#node.at;
  }

  /** Whether this is so of every key. */
  hasOnly(holds: (key: string) => boolean): boolean {
    return this.#node.entries.every(({ key }) => holds(key));
  }

  entry(key: string): MappingEntry | undefined {
    return this.#entries.get(key);
  }

  node(key: string): SourceNode | undefined {
    return this.entry(key)?.value;
  }

  text(key: string): string | undefined {
    const entry = this.entry(key);
    if (!entry) return undefined;
    if (entry.value.kind === "scalar" && typeof entry.value.value === "string") return entry.value.value;
    return this.#wrong(entry, "text");
  }

  /** A name that templates can use: letters, digits and _, not beginning with a digit. */
  identifier(key: string): string | undefined {
    const name = this.text(key);
    return name === undefined || !this.checkName(name, this.node(key)!.at) ? undefined : name;
  }

  /** Reports a name that templates cannot use. */
  checkName(name: string, at: Position): boolean {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return true;
    this.#problems.add(at, `"${name}" cannot be the name of a variable`, { expected: "letters, digits and _, not beginning with a digit" });
    return false;
  }

  flag(key: string): boolean | undefined {
    const entry = this.entry(key);
    if (!entry) return undefined;
    if (entry.value.kind === "scalar" && typeof entry.value.value === "boolean") return entry.value.value;
    return this.#wrong(entry, "true or false", yesNoHint(entry.value));
  }

  /** A value that is a literal of the given type, or a template that will give it. */
  templated(key: string, type: "boolean" | "number"): SourceNode | undefined {
    const entry = this.entry(key);
    if (!entry) return undefined;
    if (isTemplated(entry.value) || (entry.value.kind === "scalar" && typeof entry.value.value === type)) return entry.value;
    return this.#wrong(entry, type === "boolean" ? "true or false" : "a number", yesNoHint(entry.value));
  }

  /** A list of texts; one text stands for a list of one, and with `commas` "a,b" for a list of two. */
  texts(key: string, options: { commas?: boolean } = {}): { text: string; at: Position }[] {
    const entry = this.entry(key);
    if (!entry) return [];
    const items = entry.value.kind === "sequence" ? entry.value.items : [entry.value];
    return items.flatMap((item) => {
      if (item.kind !== "scalar" || item.value === null || typeof item.value === "boolean") {
        this.#wrong({ ...entry, value: item }, "text");
        return [];
      }
      const words = options.commas ? String(item.value).split(",").map((word) => word.trim()).filter(Boolean) : [String(item.value)];
      return words.map((text) => ({ text, at: item.at }));
    });
  }

  /** Conditions: one, or a list of which all must hold. `true` and `false` may stand bare. */
  conditions(key: string): Expression[] | undefined {
    const entry = this.entry(key);
    if (!entry) return undefined;
    const items = entry.value.kind === "sequence" ? entry.value.items : [entry.value];
    return items.flatMap((item) => {
      if (item.kind === "expression") return [{ source: item.source, at: item.at }];
      if (item.kind === "scalar" && typeof item.value === "boolean") return [{ source: String(item.value), at: item.at }];
      if (item.kind === "scalar" && typeof item.value === "string") return [{ source: item.value, at: textAt(item) }];
      this.#wrong({ ...entry, value: item }, "a condition");
      return [];
    });
  }

  /** A text or a number, as it stands or as a template will give it. */
  word(key: string): SourceNode | undefined {
    const entry = this.entry(key);
    if (!entry) return undefined;
    const { value } = entry;
    if (isTemplated(value) || (value.kind === "scalar" && ["string", "number"].includes(typeof value.value))) return value;
    return this.#wrong(entry, "text");
  }

  /** Texts that may hold templates: one, or a list of them. */
  names(key: string): readonly SourceNode[] {
    const entry = this.entry(key);
    if (!entry || (entry.value.kind === "scalar" && entry.value.value === null)) return [];
    const items = entry.value.kind === "sequence" ? entry.value.items : [entry.value];
    return items.filter((item) => {
      const isName = item.kind === "expression" || (item.kind === "scalar" && typeof item.value === "string");
      if (!isName) this.#wrong({ ...entry, value: item }, "text");
      return isName;
    });
  }

  /** `true`, `false`, `batch`, or a template of one of them. */
  runOnce(): SourceNode | undefined {
    const entry = this.entry("run_once");
    if (!entry) return undefined;
    const { value } = entry;
    if (isTemplated(value) || (value.kind === "scalar" && (typeof value.value === "boolean" || value.value === "batch"))) return value;
    return this.#wrong(entry, "true, false or batch", yesNoHint(value));
  }

  /** One of these words. */
  choice<const Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const entry = this.entry(key);
    if (!entry) return undefined;
    const word = entry.value.kind === "scalar" ? words.find((each) => each === (entry.value as { value: unknown }).value) : undefined;
    return word ?? this.#wrong(entry, `one of ${words.join(", ")}`);
  }

  mapping(key: string): MappingNode | undefined {
    const entry = this.entry(key);
    if (!entry) return undefined;
    if (entry.value.kind === "mapping") return entry.value;
    return this.#wrong(entry, "a mapping");
  }

  /** A mapping, a template of one, or a list of those. */
  mappings(key: string): readonly SourceNode[] {
    const entry = this.entry(key);
    if (!entry) return [];
    const items = entry.value.kind === "sequence" ? entry.value.items : [entry.value];
    return items.filter((item) => {
      const isGood = item.kind === "mapping" || isTemplated(item) || (item.kind === "scalar" && item.value === null);
      if (!isGood) this.#wrong({ ...entry, value: item }, "a mapping", "write NAME: value for each");
      return isGood;
    });
  }

  sequence(key: string): readonly SourceNode[] {
    const entry = this.entry(key);
    if (!entry || (entry.value.kind === "scalar" && entry.value.value === null)) return [];
    if (entry.value.kind === "sequence") return entry.value.items;
    this.#wrong(entry, "a list");
    return [];
  }

  #wrong(entry: MappingEntry, expected: string, hint?: string): undefined {
    const details = hint === undefined ? {} : { hint };
    this.#problems.add(entry.value.at, `"${entry.key}" must be ${expected}`, { expected, seen: kindOf(entry.value), ...details });
    return undefined;
  }
}

function yesNoHint(node: SourceNode): string | undefined {
  const yesNo = node.kind === "scalar" && typeof node.value === "string" && /^(yes|no|on|off)$/i.test(node.value);
  return yesNo ? "YAML 1.2 has only true and false" : undefined;
}

export function hintOf(word: string, known: readonly string[]): { hint?: string } {
  const hint = suggestion(word, known);
  return hint === undefined ? {} : { hint };
}
