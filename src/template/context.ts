import { BowlineError } from "../core/errors.ts";
import type { Position } from "../core/position.ts";
import type { SourceNode } from "../core/node.ts";
import { isStronger, type Scope } from "../core/scope.ts";
import { Secret } from "../core/secret.ts";
import { suggestion } from "../core/suggest.ts";

/** How a variable as written becomes a value; handed in, because values are rendered over a context again. */
export type Render = (node: SourceNode, context: Context) => unknown;

/**
 * The variables of a scope as values: each is rendered when it is first used, and once. A variable may refer to
 * others; a circle is an error that shows the chain. Values that were never templates stand beside it: `extras`, which
 * nothing overrules (the item of a loop), and `values`, what tasks have set, which only stronger definitions do.
 */
export class Context {
  readonly #scope: Scope;
  readonly #extras: Readonly<Record<string, unknown>>;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #render: Render;
  readonly #rendered = new Map<string, unknown>();
  readonly #inProgress: string[] = [];

  constructor(scope: Scope, { extras, values }: RawValues, render: Render) {
    this.#scope = scope;
    this.#extras = extras;
    this.#values = values;
    this.#render = render;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#extras, name) || name in this.#values || this.#scope.get(name) !== undefined;
  }

  /** The value of a variable; undefined for a name that nothing defines. */
  get(name: string): unknown {
    if (Object.hasOwn(this.#extras, name)) return this.#extras[name];
    if (this.#rendered.has(name)) return this.#rendered.get(name);
    const definition = this.#scope.get(name);
    if (name in this.#values && !(definition && isStronger(definition.level, "set_fact and register"))) return this.#values[name];
    if (!definition) return undefined;
    if (this.#inProgress.includes(name)) throw circle([...this.#inProgress, name], definition.value.at);
    this.#inProgress.push(name);
    try {
      const value = asText(this.#render(definition.value, this));
      this.#rendered.set(name, value);
      return value;
    } finally {
      this.#inProgress.pop();
    }
  }

  names(): string[] {
    const names = new Set([...Object.keys(this.#extras), ...this.#scope.names()]);
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

/** Values that were never templates. Those of `values` may stand on a chain of prototypes that ends in null. */
export interface RawValues {
  readonly extras: Readonly<Record<string, unknown>>;
  readonly values: Readonly<Record<string, unknown>>;
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
