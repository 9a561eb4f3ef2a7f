import { BowlineError } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import type { Position } from "../core/position.ts";
import type { Handler, Play } from "../compile/program.ts";

/** The handlers of a play, those that roles brought on the way too, in the order of their definition. */
export class Handlers {
  readonly all: Handler[];
  /** Names of roles, by id. */
  readonly #roles = new Map<string, string>();

  constructor(play: Play) {
    this.all = [...play.handlers];
    this.#learn(play.roles);
  }

  add(handlers: readonly Handler[], roles: Play["roles"]): void {
    this.#learn(roles);
    const known = new Set(this.all.map(({ at }) => `${at.file}:${at.line}:${at.column}`));
    this.all.push(...handlers.filter(({ at }) => !known.has(`${at.file}:${at.line}:${at.column}`)));
  }

  /**
   * The handlers that answer to a name: as in Ansible the last one of that name, and every one that listens to it.
   * E_PLAYBOOK when there is none.
   */
  answering(name: string, at: Position): readonly Handler[] {
    const named = this.all.findLast((handler) => handler.name === name || this.#longName(handler) === name);
    const found = [...new Set([...(named ? [named] : []), ...this.all.filter((handler) => handler.listen.includes(name))])];
    if (found.length > 0) return found;
    const hint = suggestion(name, this.all.flatMap((handler) => [handler.name, ...handler.listen]));
    throw new BowlineError({ code: "E_PLAYBOOK", message: `there is no handler "${name}" in this play`, at, ...(hint === undefined ? {} : { hint }) });
  }

  /** `role : handler`, as Ansible also calls it. */
  #longName({ role, name }: Handler): string | undefined {
    const owner = role === undefined ? undefined : this.#roles.get(role);
    return owner === undefined ? undefined : `${owner} : ${name}`;
  }

  #learn(roles: Play["roles"]): void {
    for (const { id, name } of Object.values(roles)) this.#roles.set(id, name);
  }
}
