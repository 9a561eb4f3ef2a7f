import { setTimeout as sleep } from "node:timers/promises";
import { BowlineError } from "../core/errors.ts";
import { framed, type Framed } from "./frame.ts";
import { isAccepted, Live, type Answered, type LiveOptions } from "./live.ts";
import type { AskOptions, Reply, Request, Session } from "./transport.ts";
import type { OpenWire } from "./wire.ts";

export interface SessionOptions extends LiveOptions {
  readonly onRoundTrip: () => void;
}

/** The controller's half of the session protocol (docs/session.md). */
export class ShellSession implements Session {
  readonly #open: OpenWire;
  readonly #options: SessionOptions;
  #live: Promise<Live> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** The lock that this session holds: a new shell takes it again before anything else. */
  #lock: Framed | undefined;

  constructor(open: OpenWire, options: SessionOptions) {
    this.#open = open;
    this.#options = options;
  }

  ask(requests: readonly Request[], options: AskOptions = {}): Promise<readonly Reply[]> {
    const turn = this.#turn.then(() => this.#askNow(requests.map(framed), options));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const live = await this.#live?.catch(() => undefined);
    if (!live) return;
    live.wire.stdin.end();
    await live.wire.closed;
  }

  /** In as few batches as may be. A stray child costs a new shell; what had not begun is sent again. */
  async #askNow(requests: readonly Framed[], options: AskOptions): Promise<Reply[]> {
    const replies: Reply[] = [];
    while (replies.length < requests.length) {
      if (options.signal?.aborted) {
        replies.push({ status: "cancelled", code: 143, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) });
        break;
      }
      const answered = await this.#sendOn(oneBatch(requests.slice(replies.length)), shifted(options, requests.length, replies.length));
      replies.push(...answered.replies);
      if (answered.lost) break;
      const last = replies.at(-1);
      if (last && !isAccepted(last, requests[replies.length - 1]!)) break;
    }
    return replies;
  }

  /** In the shell that there is, or in a new one. */
  async #sendOn(batch: readonly Framed[], options: AskOptions): Promise<Answered> {
    let live: Live;
    try {
      live = await this.#shell();
    } catch (error) {
      if ((options.vital ?? batch.length) > 0) throw error;
      return { replies: [], stray: false, lost: true };
    }
    const answered = await this.#send(live, batch, options);
    if (answered.stray) this.#replace(live);
    return answered;
  }

  async #send(live: Live, batch: readonly Framed[], options: AskOptions): ReturnType<Live["batch"]> {
    this.#options.onRoundTrip();
    const answered = await live.batch(batch, options);
    if (batch[0]?.lock !== undefined && answered.replies[0]?.code === 0) this.#lock = batch[0];
    return answered;
  }

  #shell(): Promise<Live> {
    if (this.#closed) throw new BowlineError({ code: "E_BUG", message: `the session with ${this.#options.name} is closed` });
    this.#live ??= this.#started();
    return this.#live;
  }

  async #started(): Promise<Live> {
    return Live.start(await this.#open(), this.#options);
  }

  #replace(old: Live): void {
    old.wire.close();
    this.#live = this.#again();
    // Whoever asks next is told.
    this.#live.catch(() => undefined);
  }

  async #again(): Promise<Live> {
    const live = await this.#started();
    if (this.#lock) await this.#lockAgain(live, this.#lock);
    return live;
  }

  /** The old shell may hold the lock for another moment; anybody else who has it now has taken it from us. */
  async #lockAgain(live: Live, lock: Framed): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const { replies } = await this.#send(live, [lock], {});
      if (replies[0]?.code === 0) return;
      const seen = replies[0]?.stderr.toString("utf8").trim() ?? "";
      // Two names of one machine have the same run on both: the other one's lock looks like our own old one.
      if (tries === mostTries || !seen.startsWith(`held by run ${lock.lock} by `)) throw new BowlineError({ code: "E_LOCKED", message: `the lock of ${this.#options.name} was lost to another run`, seen });
      await sleep(50);
    }
  }
}

/** Each a round trip and 50 ms apart, while an old shell comes to its end. */
const mostTries = 200;

/** Input that is sent ahead can only stand first: what is before it must have been done. */
function oneBatch(requests: readonly Framed[]): readonly Framed[] {
  const next = requests.findIndex((item, index) => index > 0 && item.ahead);
  return next < 0 ? requests : requests.slice(0, next);
}

/** For what is left of so many requests when `by` of them have an answer. */
function shifted({ onLine, vital, ...options }: AskOptions, count: number, by: number): AskOptions {
  return {
    ...options,
    vital: (vital ?? count) - by,
    ...(onLine ? { onLine: (line) => onLine({ ...line, request: line.request + by }) } : {}),
  };
}
