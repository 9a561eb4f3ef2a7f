import type { Answer } from "../core/step.ts";

/** What one host has in store, and how far it looks ahead. */
interface Store {
  readonly answers: Map<string, Answer>;
  width: number;
}

/** Tasks that one look ahead reaches at most. */
export const widest = 64;

/**
 * Answers to looks that were taken before their tasks were reached, for every host of a run. One is used once, and
 * only if nothing on any host has changed since it was asked for: the address that one host takes may be what another
 * one looks for. Where much changes, looking ahead is waste, so a host whose answers were dropped unused looks at one
 * task only, and at twice as many with each task that had nothing to change.
 */
export class Kept {
  readonly #first: number;
  readonly #stores = new Map<string, Store>();
  #era = 0;

  /** `first`: how many tasks the first look reaches. */
  constructor(first: number) {
    this.#first = first;
  }

  /** Two looks in the same era have seen the same hosts. */
  get era(): number {
    return this.#era;
  }

  /** How many tasks the host's next look reaches, the one that asks included. */
  width(host: string): number {
    return this.#store(host).width;
  }

  take(host: string, key: string): Answer | undefined {
    const { answers } = this.#store(host);
    const answer = answers.get(key);
    answers.delete(key);
    return answer;
  }

  has(host: string, key: string): boolean {
    return this.#store(host).answers.has(key);
  }

  /** Keeps answers that were asked for in an era; those of an era that is over are no longer worth anything. */
  keep(host: string, era: number, answers: readonly (readonly [key: string, answer: Answer])[]): void {
    const store = this.#store(host);
    if (era === this.#era) for (const [key, answer] of answers) store.answers.set(key, answer);
    else if (answers.length > 0) store.width = 1;
  }

  /** The host had nothing to change in a task. */
  converged(host: string): void {
    const store = this.#store(host);
    store.width = Math.min(widest, store.width * 2);
  }

  /** Something on a host is about to change, or has just changed, or may have. */
  drop(): void {
    this.#era += 1;
    for (const store of this.#stores.values()) {
      if (store.answers.size === 0) continue;
      store.answers.clear();
      store.width = 1;
    }
  }

  #store(host: string): Store {
    let store = this.#stores.get(host);
    if (!store) this.#stores.set(host, (store = { answers: new Map(), width: this.#first }));
    return store;
  }
}
