import type { SourceNode } from "./node.ts";

/** One definition of a variable: what was written, where, and how strong it is. */
export interface Definition {
  readonly name: string;
  readonly value: SourceNode;
  readonly level: Level;
}

/** Precedence, weakest first; the order is Ansible's, less the levels nobody can tell apart. */
export const levels = [
  "role defaults",
  "inventory group",
  "group_vars/all of the inventory",
  "group_vars/all of the playbook",
  "group_vars of the inventory",
  "group_vars of the playbook",
  "inventory host",
  "host_vars of the inventory",
  "host_vars of the playbook",
  "facts",
  "play vars",
  "vars_prompt",
  "vars_files",
  "role vars",
  "block vars",
  "task vars",
  "include_vars",
  "set_fact and register",
  "role parameters",
  "extra vars",
  "magic",
] as const;

export type Level = (typeof levels)[number];

/**
 * The variables that one task on one host sees: frozen, the strongest definition of each name. Values are as written;
 * the template engine renders them when they are used. A scope is a thin layer over another one, since every task on
 * every host makes one.
 */
export class Scope {
  readonly #own: ReadonlyMap<string, Definition>;
  readonly #below: Scope | undefined;

  private constructor(own: ReadonlyMap<string, Definition>, below?: Scope) {
    this.#own = own;
    this.#below = below;
  }

  static readonly empty = new Scope(new Map());

  /** A scope with these definitions laid over this one: a stronger level wins, and at the same level the later one. */
  with(definitions: readonly Definition[]): Scope {
    if (definitions.length === 0) return this;
    const own = new Map<string, Definition>();
    for (const definition of definitions) {
      const present = own.get(definition.name) ?? this.get(definition.name);
      if (!present || strength[definition.level] >= strength[present.level]) own.set(definition.name, definition);
    }
    return new Scope(own, this);
  }

  get(name: string): Definition | undefined {
    return this.#own.get(name) ?? this.#below?.get(name);
  }

  names(): string[] {
    return [...new Set([...(this.#below?.names() ?? []), ...this.#own.keys()])];
  }
}

const strength = Object.fromEntries(levels.map((level, index) => [level, index])) as Readonly<Record<Level, number>>;

export function isStronger(level: Level, than: Level): boolean {
  return strength[level] > strength[than];
}
