import { BowlineError } from "../core/errors.ts";
import type { Position } from "../core/position.ts";
import type { SourceNode } from "../core/node.ts";
import { isStronger, type Scope } from "../core/scope.ts";
import { Secret } from "../core/secret.ts";
import { suggestion } from "../core/suggest.ts";
import { omit } from "./functions/values.ts";
import type { Lookups, Surroundings, TemplateSource } from "./lookups.ts";

/** How a variable as written becomes a value, and a template file text; handed in, because both are rendered over a context again. */
export interface Render {
  readonly node: (node: SourceNode, context: Context) => unknown;
  readonly file: (source: TemplateSource, context: Context) => string;
}

/**
 * The variables of a scope as values: each is rendered when it is first used, and once. A variable may refer to
 * others; a circle is an error that shows the chain. Values that were never templates stand beside it: `extras`, which
 * nothing overrules (the item of a loop), `values`, what tasks have set, and `facts`; these two are as strong as their
 * level in the precedence says.
 */
export class Context {
  readonly #scope: Scope;
  readonly #extras: Readonly<Record<string, unknown>>;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #facts: Readonly<Record<string, unknown>>;
  readonly #render: Render;
  /** What reads from the controller; undefined where nothing may be read. */
  readonly lookups: Lookups | undefined;
  readonly #rendered = new Map<string, unknown>();
  readonly #inProgress: string[] = [];

  constructor(scope: Scope, { extras, values, facts, lookups }: Beside, render: Render) {
    this.lookups = lookups;
    this.#scope = scope;
    this.#extras = extras;
    this.#values = values;
    this.#facts = facts;
    this.#render = render;
  }

  has(name: string): boolean {
    return name === "omit" || Object.hasOwn(this.#extras, name) || name in this.#values || Object.hasOwn(this.#facts, name) || this.#scope.get(name) !== undefined;
  }

  /** The value of a variable; undefined for a name that nothing defines. */
  get(name: string): unknown {
    if (Object.hasOwn(this.#extras, name)) return this.#extras[name];
    if (name === "omit") return omit;
    if (this.#rendered.has(name)) return this.#rendered.get(name);
    const definition = this.#scope.get(name);
    if (name in this.#values && !(definition && isStronger(definition.level, "set_fact and register"))) return this.#values[name];
    if (Object.hasOwn(this.#facts, name) && !(definition && isStronger(definition.level, "facts"))) return this.#facts[name];
    if (!definition) return undefined;
    if (this.#inProgress.includes(name)) throw circle([...this.#inProgress, name], definition.value.at);
    this.#inProgress.push(name);
    try {
      const value = asText(this.#render.node(definition.value, this));
      this.#rendered.set(name, value);
      return value;
    } finally {
      this.#inProgress.pop();
    }
  }

  /** What a lookup needs to know beside its arguments. */
  around(): Omit<Surroundings, "at"> {
    return { port: this.lookups, variable: (name) => this.get(name), render: (source) => this.#render.file(source, this) };
  }

  names(): string[] {
    const names = new Set([...Object.keys(this.#extras), ...Object.keys(this.#facts), ...this.#scope.names()]);
    for (const name in this.#values) names.add(name);
    return [...names];
  }

  /** An object with every variable as a getter, as template engines want it. */
  asObject(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (const name of this.names()) Object.defineProperty(object, name, { enumerable: true, get: () => this.get(name) });
    return object;
  }
}

/** What a context gets beside its scope: values that were never templates, each with its own strength, and what reads files. */
export interface Beside {
  readonly extras: Readonly<Record<string, unknown>>;
  /** May stand on a chain of prototypes that ends in null. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly lookups: Lookups | undefined;
}

/** E_UNDEFINED for a name, with the nearest ones, or with the better hint that is given. */
export function undefinedName(name: string, at: Position, known: readonly string[], better?: string): BowlineError {
  const hint = better ?? suggestion(name, known);
  return new BowlineError({ code: "E_UNDEFINED", message: `"${name}" is not defined`, at, ...(hint === undefined ? {} : { hint }) });
}

function circle(chain: readonly string[], at: Position): BowlineError {
  return new BowlineError({ code: "E_TEMPLATE", message: `variables refer to each other in a circle: ${chain.join(" → ")}`, at });
}

/** Text that is made of a secret is known to the redactor by its value, so the value may go on from here. */
function asText(value: unknown): unknown {
  return value instanceof Secret ? value.reveal() : value;
}
