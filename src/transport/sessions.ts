import type { LiveOptions, Timing } from "./live.ts";
import { ShellSession } from "./session.ts";
import type { Become, Connection } from "./transport.ts";
import type { Wire } from "./wire.ts";

export const usualTiming: Timing = { lease: 60, alive: 15, grace: 15 };

/** The sessions of one connection: one for each user that tasks become. */
export class Sessions implements Connection {
  readonly #options: LiveOptions;
  readonly #open: (become: Become | undefined) => Promise<Wire>;
  readonly #end: () => Promise<void>;
  readonly #sessions = new Map<string, ShellSession>();
  #roundTrips = 0;

  constructor(options: LiveOptions, open: (become: Become | undefined) => Promise<Wire>, end: () => Promise<void>) {
    this.#options = options;
    this.#open = open;
    this.#end = end;
  }

  get roundTrips(): number {
    return this.#roundTrips;
  }

  session(become?: Become): Promise<ShellSession> {
    const key = become ? `${become.method} ${become.user}` : "";
    const known = this.#sessions.get(key);
    if (known) return Promise.resolve(known);
    const session = new ShellSession(() => this.#open(become), { ...this.#options, onRoundTrip: () => (this.#roundTrips += 1) });
    this.#sessions.set(key, session);
    return Promise.resolve(session);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
    await this.#end();
  }
}
