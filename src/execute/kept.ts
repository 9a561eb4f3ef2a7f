import type { Answer } from "../core/step.ts";

/** What one host has in store, and how far it looks ahead. */
interface Store {
  readonly answers: Map<string, readonly Stored[]>;
  /** Looks that are not taken among others. */
  readonly apart: Set<string>;
  width: number;
  /** Counts the answers that came; what came with the last of them was seen just now. */
  last: number;
}

interface Stored {
  readonly answer: Answer;
  readonly came: number;
  readonly behindChange: boolean;
}

/** An answer in store. `isFresh`: it came right behind a change of the host, and the host was asked nothing since. */
export interface Taken {
  readonly answer: Answer;
  readonly isFresh: boolean;
}

/** Keys that are remembered to be shared, where each host has its own after all. */
const mostKeys = 1024;

/** Tasks that one look ahead reaches at most. */
export const widest = 64;

/**
 * Answers to looks that were taken before their tasks were reached, for every host of a run. One is used as often as it
 * was needed when it was asked for, and only if nothing on any host has changed since: the address that one host takes may
 * be what another one looks for. Where much changes, looking ahead is waste: a host whose answers were dropped because of
 * another one looks at one task only, one that changes itself at half as many as before, and each task that had nothing to
 * change doubles them.
 */
export class Kept {
  readonly #first: number;
  readonly #stores = new Map<string, Store>();
  /** One text of each key for all hosts: it holds a whole script, which is mostly the same on each of them. */
  readonly #keys = new Map<string, string>();
  /** Hosts that may have answers in store: most drops find none, and there is one for each change of each host. */
  readonly #stocked = new Set<string>();
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

  take(host: string, key: string): Taken | undefined {
    const { answers, last } = this.#store(host);
    const [stored, ...others] = answers.get(key) ?? [];
    if (others.length > 0) answers.set(key, others);
    else answers.delete(key);
    return stored && { answer: stored.answer, isFresh: stored.behindChange && stored.came === last };
  }

  has(host: string, key: string): boolean {
    return this.#store(host).answers.has(key);
  }

  /** A look was not answered together with others: it may be what holds all of them up. */
  setApart(host: string, key: string): void {
    this.#store(host).apart.add(key);
  }

  isApart(host: string, key: string): boolean {
    return this.#store(host).apart.has(key);
  }

  /** Keeps answers that were asked for in an era, as often as each stands there; those of an era that is over are no longer worth anything. */
  keep(host: string, era: number, answers: readonly (readonly [key: string, answer: Answer])[]): void {
    if (era === this.#era) this.#put(host, answers, false);
    else if (answers.length > 0) this.#store(host).width = 1;
  }

  /** The host had nothing to change in a task. */
  converged(host: string): void {
    const store = this.#store(host);
    store.width = Math.min(widest, store.width * 2);
  }

  /** Something on this host is about to change, or has just changed, or may have. */
  drop(host: string): void {
    this.#era += 1;
    for (const name of this.#stocked) {
      const store = this.#store(name);
      if (store.answers.size === 0) continue;
      store.answers.clear();
      store.width = name === host ? Math.max(2, store.width >> 1) : 1;
    }
    this.#stocked.clear();
    this.#keys.clear();
  }

  /** The next look at this host may come from another session. */
  forget(host: string): void {
    this.#store(host).answers.clear();
  }

  /** The change that began with `drop`, in `era`, has ended; these looks were taken behind it, before anything else could change. */
  changed(host: string, era: number, answers: readonly (readonly [key: string, answer: Answer])[]): void {
    const isAlone = era === this.#era;
    this.drop(host);
    if (isAlone) this.#put(host, answers, true);
    else if (answers.length > 0) this.#store(host).width = 1;
  }

  #put(host: string, answers: readonly (readonly [key: string, answer: Answer])[], behindChange: boolean): void {
    const store = this.#store(host);
    if (answers.length > 0) this.#stocked.add(host);
    store.last += 1;
    for (const [key, answer] of answers) {
      const others = store.answers.get(key) ?? [];
      store.answers.set(this.#shared(key), [...others, { answer, came: store.last, behindChange }]);
    }
  }

  #shared(key: string): string {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    if (this.#keys.size >= mostKeys) this.#keys.clear();
    this.#keys.set(key, key);
    return key;
  }

  #store(host: string): Store {
    let store = this.#stores.get(host);
    if (!store) this.#stores.set(host, (store = { answers: new Map(), apart: new Set(), width: this.#first, last: 0 }));
    return store;
  }
}
