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

/** Shorter values would turn ordinary words into `[redacted]`; they are refused where secrets are made. */
const shortest = 4;

/** Knows every secret of a run and takes them out of text, in plain, JSON, base64 and URL-encoded form. */
export class Redactor {
  /** Longest first: what is left when a part of a secret is taken out would not be found any more. */
  #needles: readonly string[] = [];

  add(secret: Secret | string): void {
    const value = typeof secret === "string" ? secret : secret.reveal();
    const lines = [value, ...value.split("\n")].filter((line) => line.trim().length >= shortest);
    const needles = new Set([...this.#needles, ...lines.flatMap(formsOf)]);
    if (needles.size > this.#needles.length) this.#needles = [...needles].sort((left, right) => right.length - left.length);
  }

  text(input: string): string {
    let output = input;
    for (const needle of this.#needles) if (output.includes(needle)) output = output.replaceAll(needle, redacted);
    return output;
  }

  /** The same value with every string in it cleaned; keys are cleaned too. */
  value<T>(input: T): T {
    if (this.#needles.length === 0) return input;
    return this.#clean(input) as T;
  }

  #clean(input: unknown): unknown {
    if (typeof input === "string") return this.text(input);
    if (Array.isArray(input)) return input.map((item) => this.#clean(item));
    if (typeof input !== "object" || input === null) return input;
    return Object.fromEntries(Object.entries(input).map(([key, value]) => [this.text(key), this.#clean(value)]));
  }
}

/** base64 depends on where in a text the value begins, so each of the three alignments gives its own inner part. */
function formsOf(value: string): string[] {
  const aligned = [0, 1, 2].map((shift) => {
    const encoded = Buffer.from("\0".repeat(shift) + value).toString("base64").replace(/=+$/, "");
    const head = shift === 0 ? 0 : shift + 1;
    const tail = (shift + Buffer.byteLength(value)) % 3 === 0 ? undefined : -1;
    return encoded.slice(head, tail);
  });
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), ...aligned.filter((form) => form.length >= 6)];
}
