import { setTimeout as sleep } from "node:timers/promises";
import { BowlineError } from "../core/errors.ts";
import type { Target } from "./transport.ts";

/** The other side hung up before it had said who it is. */
export class TurnedAway extends BowlineError {}

export interface DoorsOptions {
  /** Connections begun in one second at most; 0 or absent: no limit. */
  readonly startRate?: number;
  readonly clock?: Clock;
}

/** Milliseconds, from any beginning. A sleep ends early, without an error, when the signal is aborted. */
export interface Clock {
  readonly now: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Who comes, and whom a try that begins anew is told to. */
export interface Visitor {
  readonly signal: AbortSignal;
  /** A login that is tried again. */
  readonly onRetry?: (message: string, host: string) => void;
}

/**
 * Where the logins of a run wait for their turn. An sshd drops some of those who come while ten others have not logged in
 * yet (MaxStartups 10:30:100), so fewer than ten of ours are at one sshd at the same time, however many hosts lie behind it
 * as a jump host; other people's logins count there too, so one that is turned away comes again. All together begin at a
 * bounded rate: firewalls, name servers and directories between here and the hosts see every one of them.
 */
export class Doors {
  readonly #queues = new Map<string, Queue>();
  readonly #startRate: number;
  readonly #clock: Clock;
  /** When the last ones began, or are to begin, the earliest first; as many as may begin in a second. */
  readonly #starts: number[] = [];

  constructor({ startRate = 0, clock = realClock }: DoorsOptions = {}) {
    this.#startRate = startRate;
    this.#clock = clock;
  }

  /** Tries to log in at a target as soon as it may, and again when it is turned away. An aborted signal ends waiting at once: the work is then to see it. */
  async enter<Value>(target: Target, visitor: Visitor, work: () => Promise<Value>): Promise<Value> {
    for (let turned = 0; ; turned += 1) {
      try {
        return await this.#inTurn(`${target.host}:${target.port}`, visitor, work);
      } catch (error) {
        const pause = pauses[turned];
        if (!(error instanceof TurnedAway) || visitor.signal.aborted) throw error;
        if (pause === undefined) throw gaveUp(error, turned + 1);
        visitor.onRetry?.(`${target.host}:${target.port} turned a login away, as sshd does when too many come at once (MaxStartups); try ${turned + 2} of ${pauses.length + 1} follows`, target.name);
        // Those who were turned away together do not come back together.
        await this.#clock.sleep(pause * (0.5 + Math.random()), visitor.signal);
      }
    }
  }

  async #inTurn<Value>(door: string, { signal }: Visitor, work: () => Promise<Value>): Promise<Value> {
    const queue = this.#queue(door);
    await queue.enter(signal);
    try {
      await this.#started(signal);
      return await work();
    } finally {
      queue.leave();
      if (queue.isEmpty) this.#queues.delete(door);
    }
  }

  #queue(door: string): Queue {
    let queue = this.#queues.get(door);
    if (!queue) this.#queues.set(door, (queue = new Queue()));
    return queue;
  }

  /** The next one begins a second after the one that began so many before it. */
  async #started(signal: AbortSignal): Promise<void> {
    if (this.#startRate === 0 || signal.aborted) return;
    const now = this.#clock.now();
    const before = this.#starts.length < this.#startRate ? undefined : this.#starts.shift();
    const start = before === undefined ? now : Math.max(now, before + 1000);
    this.#starts.push(start);
    if (start > now) await this.#clock.sleep(start - now, signal);
  }
}

/** Logins at one sshd at the same time: below the ten from which on it drops some, with room for somebody else's. */
const mostAtOnce = 8;

/** Milliseconds until a login that was turned away comes again, give or take half of it. */
const pauses: readonly number[] = [500, 1000, 2000, 4000];

/** Those who log in at one sshd, and those who wait for it, the first one first. */
class Queue {
  #busy = 0;
  readonly #waiting = new Set<() => void>();

  get isEmpty(): boolean {
    return this.#busy === 0 && this.#waiting.size === 0;
  }

  async enter(signal: AbortSignal): Promise<void> {
    if (this.#busy < mostAtOnce || signal.aborted) return void (this.#busy += 1);
    await new Promise<void>((resolve) => {
      const enter = () => {
        signal.removeEventListener("abort", enter);
        this.#waiting.delete(enter);
        this.#busy += 1;
        resolve();
      };
      this.#waiting.add(enter);
      signal.addEventListener("abort", enter, { once: true });
    });
  }

  leave(): void {
    this.#busy -= 1;
    const [next] = this.#waiting;
    if (next && this.#busy < mostAtOnce) next();
  }
}

function gaveUp({ problems: [first] }: BowlineError, times: number): BowlineError {
  return new BowlineError({ ...first, message: `${first.message}, ${times} times`, hint: "a firewall may refuse this address, or its sshd has too many logins at once: MaxStartups in sshd_config, and --forks, say how many" });
}

const realClock: Clock = {
  now: () => performance.now(),
  // Aborted: whoever waited goes on and sees it.
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }).catch(() => undefined),
};
