import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BowlineError } from "../core/errors.ts";
import { AnswerReader, type Trailer } from "./answers.ts";
import { framed, frameText, type Framed } from "./frame.ts";
import type { AskOptions, Reply, Request, Session } from "./transport.ts";

/** What a session runs over: three byte streams to one `sh` and back. */
export interface Wire {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Ends it at once; safe to call twice. */
  readonly close: () => void;
  /** Resolves when the other side is gone, with the reason if one is known. */
  readonly closed: Promise<string | undefined>;
}

/** Opens a wire to a fresh shell that runs {@link bootstrap}; again when a stray child has spoilt the last one. */
export type OpenWire = () => Promise<Wire>;

export interface SessionOptions {
  /** The host, for messages. */
  readonly name: string;
  /** The shell that runs the scripts. */
  readonly shell: string;
  readonly onRoundTrip: () => void;
}

/** Seconds without a sign of life after which the host stops what it runs, and between signs. */
const leaseSeconds = 60;
const aliveSeconds = 15;
/** Milliseconds that a host has to answer a cancel before the session is cut. */
const cancelGrace = 15_000;

/** Reads the host's half from its input, so that it stands in no argument list; one line, and plain to csh too. */
export const bootstrap = `sh -c 'n=$(printf "\\nx"); n=\${n%x}; b=; while IFS= read -r l; do case $l in .) break;; esac; b=$b$l$n; done; eval "$b"'`;

const hostHalf = readFileSync(new URL("./session.sh", import.meta.url), "utf8");

/** The controller's half of the session protocol (docs/session.md). */
export class ShellSession implements Session {
  readonly #open: OpenWire;
  readonly #options: SessionOptions;
  #wire: Promise<Live> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

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
    const live = await this.#wire?.catch(() => undefined);
    if (!live) return;
    live.wire.stdin.end();
    await live.wire.closed;
  }

  /** A raw input stands in a batch of its own; a stray child costs a new shell, and what had not begun is sent again. */
  async #askNow(requests: readonly Framed[], options: AskOptions): Promise<Reply[]> {
    const replies: Reply[] = [];
    while (replies.length < requests.length) {
      const rest = requests.slice(replies.length);
      const rawAt = rest.findIndex((item) => item.raw);
      const batch = rawAt < 0 ? rest : rest.slice(0, Math.max(1, rawAt));
      const live = await this.#live();
      this.#options.onRoundTrip();
      const offset = replies.length;
      const { onLine } = options;
      const lines = onLine ? { onLine: (line: Parameters<typeof onLine>[0]) => onLine({ ...line, request: line.request + offset }) } : {};
      const answered = await live.batch(batch, { ...options, ...lines });
      replies.push(...answered.replies);
      if (answered.stray) this.#wire = undefined;
      const last = replies.at(-1);
      if (!last || !isAccepted(last, requests[replies.length - 1]!)) break;
    }
    return replies;
  }

  #live(): Promise<Live> {
    if (this.#closed) throw new BowlineError({ code: "E_BUG", message: `the session with ${this.#options.name} is closed` });
    this.#wire ??= this.#open().then((wire) => Live.start(wire, this.#options));
    return this.#wire;
  }
}

function isAccepted(reply: Reply, item: Framed): boolean {
  return reply.status === "done" && (item.accept === "any" || item.accept.includes(reply.code));
}

type Stream = "stdout" | "stderr";

interface Answered {
  readonly replies: Reply[];
  /** The shell ended itself because a child of a script went on writing; what had not begun must be sent again. */
  readonly stray: boolean;
}

/** One running shell: one batch at a time. */
class Live {
  readonly wire: Wire;
  readonly #nonce = randomBytes(16).toString("hex");
  readonly #lost: Promise<never>;
  #onTrailer: (stream: Stream, trailer: Trailer, output: Buffer) => void = () => undefined;
  #onLine: (stream: Stream, text: string) => void = () => undefined;

  private constructor(wire: Wire, options: SessionOptions) {
    this.wire = wire;
    for (const stream of ["stdout", "stderr"] as const) this.#listen(stream);
    wire.stdin.on("error", () => undefined);
    this.#lost = wire.closed.then((reason) => {
      throw lostConnection(options.name, reason);
    });
    this.#lost.catch(() => undefined);
  }

  /** Sends the host's half; its first trailer ends whatever a login shell printed before. Nobody waits for it. */
  static start(wire: Wire, options: SessionOptions): Live {
    const live = new Live(wire, options);
    wire.stdin.write(`${hostHalf}.\nhello ${live.#nonce} ${leaseSeconds} ${options.shell}\n`);
    return live;
  }

  async batch(batch: readonly Framed[], options: AskOptions): Promise<Answered> {
    const collecting = this.#collect(batch, options);
    const raw = batch[0]?.raw;
    this.wire.stdin.write(frameText(batch, this.#nonce, randomBytes(16).toString("hex")));
    // Between the bytes of a raw input nothing else may stand, a sign of life neither.
    const alive = raw ? undefined : setInterval(() => this.wire.stdin.write("alive\n"), aliveSeconds * 1000);
    const sent = raw ? pipeline(raw.open(), this.wire.stdin, { end: false }) : Promise.resolve();
    try {
      const [answered] = await Promise.race([Promise.all([collecting.done, sent]), this.#lost]);
      return answered;
    } finally {
      clearInterval(alive);
      collecting.stop();
    }
  }

  #listen(stream: Stream): void {
    let greeted = false;
    const onTrailer = (trailer: Trailer, output: Buffer) => {
      if (trailer.request === "hello") greeted = true;
      else this.#onTrailer(stream, trailer, output);
    };
    const reader = new AnswerReader(this.#nonce, onTrailer, (text) => {
      if (greeted) this.#onLine(stream, text);
    });
    this.wire[stream].on("data", (chunk: Buffer) => reader.push(chunk));
    this.wire[stream].on("error", () => undefined);
  }

  /** Puts the two streams' halves of each answer together; done when the batch is, or when it stopped. */
  #collect(batch: readonly Framed[], options: AskOptions): { done: Promise<Answered>; stop: () => void } {
    const replies: Reply[] = [];
    const halves: Record<Stream, Buffer[]> = { stdout: [], stderr: [] };
    const canceller = this.#canceller(options.signal);
    const done = new Promise<Answered>((resolve) => {
      this.#onTrailer = (stream, { code, flags }, output) => {
        halves[stream].push(output);
        const index = replies.length;
        const [stdout, stderr] = [halves.stdout[index], halves.stderr[index]];
        if (!stdout || !stderr) return;
        const status = flags.includes("timeout") ? "timeout" : canceller.cancelled() ? "cancelled" : "done";
        replies.push({ status, code, stdout, stderr });
        const stray = flags.includes("stray");
        if (replies.length === batch.length || stray || !isAccepted(replies[index]!, batch[index]!)) resolve({ replies, stray });
      };
      this.#onLine = (stream, text) => options.onLine?.({ request: halves[stream].length, stream, text });
    });
    return { done, stop: canceller.stop };
  }

  /** An aborted signal stops what runs on the host; a host that does not answer even then loses its connection. */
  #canceller(signal: AbortSignal | undefined): { cancelled: () => boolean; stop: () => void } {
    let timer: NodeJS.Timeout | undefined;
    const cancel = () => {
      this.wire.stdin.write("cancel\n");
      timer = setTimeout(() => this.wire.close(), cancelGrace);
    };
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    return {
      cancelled: () => timer !== undefined,
      stop: () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", cancel);
      },
    };
  }
}

function lostConnection(name: string, reason: string | undefined): BowlineError {
  return new BowlineError({
    code: "E_UNREACHABLE",
    message: `the connection to ${name} was lost${reason === undefined ? "" : `: ${reason}`}`,
    hint: "the host stops what it was running; run again to go on from what is there",
  });
}
