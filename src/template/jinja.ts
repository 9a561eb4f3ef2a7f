/** An expression of Jinja, as far as playbooks have them. */
export type Jinja =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "item"; readonly of: Jinja; readonly key: Jinja }
  | { readonly kind: "call"; readonly of: Jinja; readonly name: string; readonly args: Arguments }
  | { readonly kind: "function"; readonly name: string; readonly args: Arguments }
  | { readonly kind: "filter"; readonly of: Jinja; readonly name: string; readonly args: Arguments }
  | { readonly kind: "test"; readonly of: Jinja; readonly name: string; readonly args: Arguments; readonly not: boolean }
  | { readonly kind: "unary"; readonly sign: "not" | "-"; readonly of: Jinja }
  | { readonly kind: "binary"; readonly sign: string; readonly left: Jinja; readonly right: Jinja }
  | { readonly kind: "choice"; readonly condition: Jinja; readonly yes: Jinja; readonly no: Jinja }
  | { readonly kind: "list"; readonly items: readonly Jinja[] }
  | { readonly kind: "mapping"; readonly entries: readonly (readonly [Jinja, Jinja])[] };

export interface Arguments {
  readonly values: readonly Jinja[];
  readonly named: readonly (readonly [string, Jinja])[];
}

/** The expression that a text is, or undefined when it is none that can be read. */
export function parseJinja(source: string): Jinja | undefined {
  const tokens = tokensOf(source);
  if (!tokens) return undefined;
  try {
    return new Reader(tokens).whole();
  } catch (error) {
    if (error instanceof NoJinja) return undefined;
    throw error;
  }
}

class NoJinja extends Error {}

interface Token {
  readonly kind: "name" | "number" | "string" | "sign";
  readonly text: string;
}

const shapes = /\s+|(?<name>[A-Za-z_]\w*)|(?<number>\d+(?:\.\d+)?)|(?<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<sign>==|!=|<=|>=|\/\/|\*\*|[-+*/%~<>=|.,:()[\]{}])/y;

function tokensOf(source: string): Token[] | undefined {
  const tokens: Token[] = [];
  shapes.lastIndex = 0;
  while (shapes.lastIndex < source.length) {
    const found = shapes.exec(source)?.groups;
    if (!found) return undefined;
    for (const kind of ["name", "number", "string", "sign"] as const) if (found[kind] !== undefined) tokens.push({ kind, text: found[kind] });
  }
  return tokens;
}

/** What binds looser stands first; `not` lies between and/or and comparisons. */
const levels: readonly (readonly string[])[] = [["or"], ["and"], ["==", "!=", "<", "<=", ">", ">=", "in"], ["~"], ["+", "-"], ["*", "/", "//", "%"]];
const comparisons = 2;
const words: Readonly<Record<string, boolean | null>> = { true: true, True: true, false: false, False: false, none: null, None: null };
const reserved = new Set(["and", "or", "not", "is", "in", "if", "else"]);

class Reader {
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Jinja {
    const found = this.#choice();
    if (this.#index < this.#tokens.length) throw new NoJinja();
    return found;
  }

  #choice(): Jinja {
    const yes = this.#level(0);
    if (!this.#takes("if")) return yes;
    const condition = this.#level(0);
    this.#need("else");
    return { kind: "choice", condition, yes, no: this.#choice() };
  }

  #level(level: number): Jinja {
    if (level === levels.length) return this.#unary();
    if (level === comparisons && this.#takes("not")) return { kind: "unary", sign: "not", of: this.#level(level) };
    let left = this.#level(level + 1);
    for (;;) {
      const negated = level === comparisons && this.#peek() === "not" && this.#peek(1) === "in";
      if (negated) this.#index += 1;
      const sign = levels[level]!.find((each) => this.#takes(each));
      if (sign === undefined) return left;
      const binary: Jinja = { kind: "binary", sign, left, right: this.#level(level + 1) };
      left = negated ? { kind: "unary", sign: "not", of: binary } : binary;
    }
  }

  #unary(): Jinja {
    if (this.#takes("-")) return { kind: "unary", sign: "-", of: this.#unary() };
    let value = this.#postfix(this.#primary());
    for (;;) {
      if (this.#takes("|")) value = this.#postfix({ kind: "filter", of: value, name: this.#dotted(), args: this.#maybeArguments() });
      else if (this.#takes("is")) value = this.#test(value);
      else return value;
    }
  }

  #test(of: Jinja): Jinja {
    const not = this.#takes("not");
    const name = this.#takes("in") ? "in" : this.#dotted();
    const next = this.#tokens[this.#index];
    const bare = next !== undefined && (next.kind === "string" || next.kind === "number" || (next.kind === "name" && !reserved.has(next.text)) || next.text === "[");
    const args = bare ? { values: [this.#postfix(this.#primary())], named: [] } : this.#maybeArguments();
    return { kind: "test", of, name, args, not };
  }

  #postfix(start: Jinja): Jinja {
    let value = start;
    for (;;) {
      if (this.#takes(".")) value = this.#member(value);
      else if (this.#takes("[")) {
        value = { kind: "item", of: value, key: this.#choice() };
        this.#need("]");
      } else return value;
    }
  }

  #member(of: Jinja): Jinja {
    const { kind, text } = this.#next();
    if (kind === "number" && /^\d+$/.test(text)) return { kind: "item", of, key: { kind: "literal", value: Number(text) } };
    if (kind !== "name") throw new NoJinja();
    return this.#peek() === "(" ? { kind: "call", of, name: text, args: this.#maybeArguments() } : { kind: "item", of, key: { kind: "literal", value: text } };
  }

  #primary(): Jinja {
    const { kind, text } = this.#next();
    if (kind === "string") return { kind: "literal", value: unquoted(text) };
    if (kind === "number") return { kind: "literal", value: Number(text) };
    if (text === "(") return this.#closed(this.#choice(), ")");
    if (text === "[") return { kind: "list", items: this.#items("]", () => this.#choice()) };
    if (text === "{") return { kind: "mapping", entries: this.#items("}", () => this.#entry()) };
    if (kind !== "name" || reserved.has(text)) throw new NoJinja();
    if (Object.hasOwn(words, text)) return { kind: "literal", value: words[text]! };
    return this.#peek() === "(" ? { kind: "function", name: text, args: this.#maybeArguments() } : { kind: "name", name: text };
  }

  #entry(): readonly [Jinja, Jinja] {
    const key = this.#choice();
    this.#need(":");
    return [key, this.#choice()];
  }

  #maybeArguments(): Arguments {
    const named: (readonly [string, Jinja])[] = [];
    const values: Jinja[] = [];
    if (!this.#takes("(")) return { values, named };
    this.#items(")", () => {
      const isNamed = this.#tokens[this.#index]?.kind === "name" && this.#peek(1) === "=";
      if (!isNamed) return void values.push(this.#choice());
      const name = this.#next().text;
      this.#need("=");
      named.push([name, this.#choice()]);
    });
    return { values, named };
  }

  #items<Item>(end: string, read: () => Item): Item[] {
    const items: Item[] = [];
    while (!this.#takes(end)) {
      items.push(read());
      if (this.#peek() !== end) this.#need(",");
    }
    return items;
  }

  #closed(value: Jinja, sign: string): Jinja {
    this.#need(sign);
    return value;
  }

  /** A filter or test may have a collection's name before its own: the last part counts. */
  #dotted(): string {
    const { kind, text } = this.#next();
    if (kind !== "name") throw new NoJinja();
    return this.#takes(".") ? this.#dotted() : text;
  }

  #peek(ahead = 0): string | undefined {
    const token = this.#tokens[this.#index + ahead];
    return token?.kind === "string" ? undefined : token?.text;
  }

  #takes(text: string): boolean {
    const taken = this.#peek() === text;
    if (taken) this.#index += 1;
    return taken;
  }

  #need(text: string): void {
    if (!this.#takes(text)) throw new NoJinja();
  }

  #next(): Token {
    const token = this.#tokens[this.#index];
    if (!token) throw new NoJinja();
    this.#index += 1;
    return token;
  }
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function unquoted(written: string): string {
  return written.slice(1, -1).replace(/\\(.)/gs, (whole, letter: string) => escapes[letter] ?? (/['"\\]/.test(letter) ? letter : whole));
}
