import { formsOf } from "./secret-forms.ts";

/** What stands in the place of a secret wherever a person or a log could see it. */
export const redacted = "[redacted]";

/**
 * A value that must not be seen: it prints as `[redacted]` in every form that printing has. Only `reveal` gives the
 * value, and only the places that send it to a host call that.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return redacted;
  }
}

/** Shorter values would turn ordinary words into `[redacted]`: the redactor leaves them, and whoever adds one is told. */
export const shortestSecret = 4;
/** So long must a line of a secret of several lines be: `spec:` and `}` are words of everybody. */
const shortestLine = 8;

/**
 * Knows every secret of a run and takes them out of text, in every form that programs give a text on its way (see
 * {@link formsOf}). One pass over the text, however many secrets there are: a table tells for each place whether any
 * needle begins with its four characters. Where needles overlap, all that they cover goes.
 */
export class Redactor {
  readonly #values = new Set<string>();
  readonly #needles = new Set<string>();
  /** Needles by the hash of their first four characters, the longest first. */
  readonly #byHead = new Map<number, string[]>();
  readonly #heads = new Uint8Array(heads);

  get isEmpty(): boolean {
    return this.#needles.size === 0;
  }

  /** False for a value that is too short to be taken out. */
  add(secret: Secret | string): boolean {
    const value = typeof secret === "string" ? secret : secret.reveal();
    const parts = partsOf(value);
    if (this.#values.has(value)) return parts.length > 0;
    this.#values.add(value);
    for (const needle of parts.flatMap(formsOf)) if (needle.length >= shortestSecret) this.#learn(needle);
    return parts.length > 0;
  }

  text(input: string): string {
    const spans = this.isEmpty ? [] : this.#spansIn(input);
    if (spans.length === 0) return input;
    const kept = spans.map(({ from }, index) => input.slice(spans[index - 1]?.to ?? 0, from));
    return [...kept, input.slice(spans.at(-1)!.to)].join(redacted);
  }

  /** The same value with every string in it cleaned; keys are cleaned too. */
  value<T>(input: T): T {
    if (this.isEmpty) return input;
    return this.#clean(input) as T;
  }

  #learn(needle: string): void {
    if (this.#needles.has(needle)) return;
    this.#needles.add(needle);
    const head = hashAt(needle, 0);
    const others = this.#byHead.get(head) ?? [];
    this.#heads[head] = 1;
    this.#byHead.set(head, [...others, needle].sort((left, right) => right.length - left.length));
  }

  /** What needles cover, in the order of the text; overlapping ones as one span. */
  #spansIn(input: string): { from: number; to: number }[] {
    const spans: { from: number; to: number }[] = [];
    let last = { from: 0, to: 0 };
    let end = endAfter(input, 0);
    for (let at = 0; at + shortestSecret <= input.length; at += 1) {
      const head = hashAt(input, at);
      if (this.#heads[head] === 0) continue;
      if (at > end) end = endAfter(input, at);
      const to = this.#endOfNeedle(input, at, end);
      if (to === undefined) continue;
      if (at < last.to) last.to = Math.max(last.to, to);
      else spans.push((last = { from: at, to }));
    }
    return spans;
  }

  /** Where the needle ends that begins here; the end of the text, when that was cut off in the middle of one. */
  #endOfNeedle(input: string, at: number, end: number): number | undefined {
    const candidates = this.#byHead.get(hashAt(input, at))!;
    const whole = candidates.find((each) => input.startsWith(each, at));
    if (whole !== undefined) return at + whole.length;
    if (end - at < shortestCut || end - at > candidates[0]!.length) return undefined;
    const rest = input.slice(at, end);
    return candidates.some((each) => each.startsWith(rest)) ? end : undefined;
  }

  #clean(input: unknown): unknown {
    if (typeof input === "string") return this.text(input);
    if (Array.isArray(input)) return input.map((item) => this.#clean(item));
    if (typeof input !== "object" || input === null) return input;
    return Object.fromEntries(Object.entries(input).map(([key, value]) => [this.text(key), this.#clean(value)]));
  }
}

/** What is looked for: the value, without the blanks and newlines around it too, and its lines, for output comes line by line. */
function partsOf(value: string): string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim()).filter((line) => line.length >= shortestLine);
  return [value, value.trim(), ...lines].filter((part) => part.trim().length >= shortestSecret);
}

/** Errors show the beginning of what they saw; so much of a secret is a secret too. */
const shortestCut = 6;

/** Where a text ends, or was cut off. */
function endAfter(text: string, at: number): number {
  const ellipsis = text.indexOf("…", at);
  return ellipsis < 0 ? text.length : ellipsis;
}

/** A power of two. */
const heads = 1 << 18;

function hashAt(text: string, at: number): number {
  const first = (text.charCodeAt(at) << 16) ^ text.charCodeAt(at + 1);
  const second = (text.charCodeAt(at + 2) << 16) ^ text.charCodeAt(at + 3);
  const mixed = Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) & (heads - 1);
}
