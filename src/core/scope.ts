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
 * the template engine renders them when they are used.
 */
export class Scope {
  readonly #definitions: ReadonlyMap<string, Definition>;

  private constructor(definitions: ReadonlyMap<string, Definition>) {
    this.#definitions = definitions;
  }

  static readonly empty = new Scope(new Map());

  /** A scope with these definitions laid over this one: a stronger level wins, and at the same level the later one. */
  with(definitions: readonly Definition[]): Scope {
    if (definitions.length === 0) return this;
    const merged = new Map(this.#definitions);
    for (const definition of definitions) {
      const present = merged.get(definition.name);
      if (!present || strength(definition.level) >= strength(present.level)) merged.set(definition.name, definition);
    }
    return new Scope(merged);
  }

  get(name: string): Definition | undefined {
    return this.#definitions.get(name);
  }

  names(): string[] {
    return [...this.#definitions.keys()];
  }
}

function strength(level: Level): number {
  return levels.indexOf(level);
}
