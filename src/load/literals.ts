/**
 * The value of a text that an INI inventory holds: a Python literal, as in Ansible (ast.literal_eval in its plugin
 * `ini`), with a `# comment` behind it if there is one. What is no literal is text, to its last character. Beyond
 * Ansible `true`, `false` and `null` are what they are in JSON and YAML; a number that cannot be kept exactly is text.
 */
export function literalOf(text: string): unknown {
  const value = new Literal(text).whole();
  return value === undefined ? text : value.plain;
}

type Plain = { readonly plain: unknown };

const words: Readonly<Record<string, Plain>> = {
  True: { plain: true },
  true: { plain: true },
  False: { plain: false },
  false: { plain: false },
  None: { plain: null },
  null: { plain: null },
};

/** Reads one literal from the left; each part gives undefined where there is none. */
class Literal {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text as one literal; `80, 443` is a tuple without its brackets. */
  whole(): Plain | undefined {
    const items = [this.#value()];
    let commas = 0;
    while (this.#take(/\s*,/y) !== undefined) {
      commas += 1;
      if (!this.#atEnd()) items.push(this.#value());
    }
    if (!this.#atEnd() || items.includes(undefined) || items.length < commas) return undefined;
    return commas === 0 ? items[0] : { plain: items.map((item) => item!.plain) };
  }

  #value(): Plain | undefined {
    this.#take(/\s*/y);
    const opening = this.#text[this.#at];
    if (opening === "[" || opening === "(") return this.#list(opening === "[" ? "]" : ")");
    if (opening === "{") return this.#mapping();
    if (opening === '"' || opening === "'") return this.#texts();
    const word = this.#take(/[+-]?[\w.]+(?:(?<=[eE])[+-]\d+)?/y);
    if (word === undefined) return undefined;
    return Object.hasOwn(words, word) ? words[word] : numberOf(word);
  }

  #atEnd(): boolean {
    this.#take(/\s*(?:#.*)?/y);
    return this.#at === this.#text.length;
  }

  /** A tuple needs a comma: (1) is 1. */
  #list(end: string): Plain | undefined {
    const items: unknown[] = [];
    let commas = 0;
    this.#at += 1;
    while (this.#take(end === "]" ? /\s*\]/y : /\s*\)/y) === undefined) {
      if (items.length > commas) return undefined;
      const item = this.#value();
      if (item === undefined) return undefined;
      items.push(item.plain);
      if (this.#take(/\s*,/y) !== undefined) commas += 1;
    }
    return end === ")" && items.length === 1 && commas === 0 ? { plain: items[0] } : { plain: items };
  }

  #mapping(): Plain | undefined {
    const entries: [string, unknown][] = [];
    let commas = 0;
    this.#at += 1;
    while (this.#take(/\s*\}/y) === undefined) {
      if (entries.length > commas) return undefined;
      const key = this.#value();
      if (key === undefined || this.#take(/\s*:/y) === undefined) return undefined;
      const value = this.#value();
      if (value === undefined) return undefined;
      entries.push([String(key.plain), value.plain]);
      if (this.#take(/\s*,/y) !== undefined) commas += 1;
    }
    return { plain: Object.fromEntries(entries) };
  }

  /** Texts that stand beside each other are one. */
  #texts(): Plain | undefined {
    let plain = "";
    for (let found = this.#take(quoted); ; found = this.#take(quoted)) {
      if (found === undefined) return undefined;
      plain += found.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/g, (whole, code: string) => escaped(code) ?? whole);
      if (this.#take(/\s*(?=["'])/y) === undefined) return { plain };
    }
  }

  #take(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}

const quoted = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y;

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0", "\\": "\\", "'": "'", '"': '"' };

/** A backslash before anything else stays, as in Python. */
function escaped(code: string): string | undefined {
  return code.length > 1 ? String.fromCharCode(parseInt(code.slice(1), 16)) : escapes[code];
}

/** Whole numbers have no leading zero in Python 3: 0644 is text. */
function numberOf(word: string): Plain | undefined {
  const plain = word.replace(/(?<=[\da-fA-FxXoObB])_(?=[\da-fA-F])/g, "");
  if (/^[+-]?(?:0+|[1-9]\d*)$/.test(plain)) return exact(Number(plain));
  if (/^[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?$/.test(plain)) return exact(Number(plain));
  const [, sign, digits] = /^([+-]?)(0(?:[xX][\da-fA-F]+|[oO][0-7]+|[bB][01]+))$/.exec(plain) ?? [];
  return digits === undefined ? undefined : exact(sign === "-" ? -Number(digits) : Number(digits));
}

function exact(value: number): Plain | undefined {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)) ? { plain: value } : undefined;
}
