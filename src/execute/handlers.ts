import { BowlineError } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import type { Position } from "../core/position.ts";
import type { Handler, Play } from "../compile/program.ts";
import { render } from "../template/render.ts";
import { attempt } from "./attempt.ts";
import type { HostState } from "./host.ts";

/** The handlers of a play, those that roles brought on the way too, in the order of their definition. */
export class Handlers {
  readonly all: Handler[];
  /** The play as each handler sees it, by id: those of an include see its roles and items. */
  readonly #plays = new Map<string, Play>();

  constructor(play: Play) {
    this.all = [];
    this.add(play.handlers, play);
  }

  add(handlers: readonly Handler[], play: Play): void {
    for (const handler of handlers) {
      if (!this.#plays.has(handler.id)) this.all.push(handler);
      this.#plays.set(handler.id, play);
    }
  }

  playOf({ id }: Handler): Play {
    return this.#plays.get(id)!;
  }

  /**
   * The handlers that answer to a name: as in Ansible the last one of that name, and every one that listens to it, of
   * those with the same name the last one. A name may be a template. E_PLAYBOOK when there is none.
   */
  answering(name: string, at: Position, host: HostState): readonly Handler[] {
    const nameOf = (handler: Handler) => this.#nameOn(host, handler);
    const named = this.all.findLast((handler) => [nameOf(handler), this.#longName(handler, nameOf(handler))].includes(name));
    const listening = this.all.filter((handler) => handler.listen.includes(name));
    const last = listening.filter((handler, index) => !isNamed(handler) || !listening.slice(index + 1).some((other) => nameOf(other) === nameOf(handler)));
    const found = [...new Set([...(named ? [named] : []), ...last])];
    if (found.length > 0) return found;
    const hint = suggestion(name, this.all.flatMap((handler) => [nameOf(handler), ...handler.listen]));
    throw new BowlineError({ code: "E_PLAYBOOK", message: `there is no handler "${name}" in this play`, at, ...(hint === undefined ? {} : { hint }) });
  }

  #nameOn(host: HostState, handler: Handler): string {
    const { name, at } = handler;
    if (!name.includes("{{")) return name;
    return attempt(() => String(render({ kind: "scalar", value: name, at }, host.context(this.playOf(handler), handler)))) ?? name;
  }

  /** `role : handler`, as Ansible also calls it. */
  #longName(handler: Handler, name: string): string | undefined {
    const owner = handler.role === undefined ? undefined : this.playOf(handler).roles[handler.role];
    return owner && `${owner.name} : ${name}`;
  }
}

/** One without a name is called as its module is. */
function isNamed({ name, module }: Handler): boolean {
  return name !== module;
}
