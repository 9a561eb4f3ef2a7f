import { randomBytes } from "node:crypto";
import { BowlineError } from "../core/errors.ts";
import { AnswerReader, type Trailer } from "./answers.ts";
import type { Output } from "./ends.ts";
import { frameText, keepOf, watchedHere, type Ahead, type Framed } from "./frame.ts";
import { Sending } from "./sending.ts";
import type { AskOptions, Reply } from "./transport.ts";
import { hostHalf, type Wire } from "./wire.ts";

export interface LiveOptions {
  /** The host, for messages. */
  readonly name: string;
  /** The shell that runs the scripts. */
  readonly shell: string;
  readonly timing: Timing;
}

export interface Timing {
  /** Seconds without a sign of life after which the host stops what it runs. */
  readonly lease: number;
  /** Seconds between signs of life. */
  readonly alive: number;
  /** Seconds that a host has to answer a cancel before the session is cut. */
  readonly grace: number;
}

export interface Answered {
  readonly replies: Reply[];
  /** The shell ended itself because a child of a script can still write into its streams. */
  readonly stray: boolean;
  /** The connection was lost behind the vital ones, before the others had an answer. */
  readonly lost: boolean;
}

type Stream = "stdout" | "stderr";

/** One running shell: one batch at a time. */
export class Live {
  readonly wire: Wire;
  readonly #options: LiveOptions;
  readonly #nonce = randomBytes(16).toString("hex");
  readonly #lost: Promise<never>;
  readonly #sending: Sending;
  /** The last that it said before the session began: why a login did not come to that. */
  #firstWords = "";
  #lose: (error: BowlineError) => void = () => undefined;
  #onTrailer: (stream: Stream, trailer: Trailer, output: Output) => void = () => undefined;
  #onLine: (stream: Stream, text: string) => void = () => undefined;

  private constructor(wire: Wire, options: LiveOptions) {
    this.wire = wire;
    this.#options = options;
    this.#lost = new Promise<never>((_, reject) => (this.#lose = reject));
    this.#lost.catch(() => undefined);
    this.#sending = new Sending(wire.stdin);
    const alive = setInterval(() => this.#sending.alive(), options.timing.alive * 1000);
    alive.unref();
    for (const stream of ["stdout", "stderr"] as const) this.#listen(stream);
    wire.stdin.on("error", () => undefined);
    void wire.closed.then((reason) => {
      clearInterval(alive);
      this.#lose(lostConnection(options.name, this.#firstWords || reason));
    });
  }

  /** Sends the host's half; its first trailer ends whatever a login shell printed before. Nobody waits for it. */
  static start(wire: Wire, options: LiveOptions): Live {
    const live = new Live(wire, options);
    wire.stdin.write(`${hostHalf}.\nhello ${live.#nonce} ${options.timing.lease} ${options.shell}\n`);
    return live;
  }

  async batch(batch: readonly Framed[], options: AskOptions): Promise<Answered> {
    const ahead = batch[0]?.ahead;
    if (ahead) await Promise.race([this.#sendAhead(ahead, options.signal), this.#lost]);
    const collecting = this.#collect(batch, options);
    this.wire.stdin.write(frameText(batch, this.#nonce, randomBytes(16).toString("hex")));
    collecting.begin();
    try {
      return await Promise.race([collecting.done, this.#lost]);
    } catch (error) {
      if (collecting.replies.length < (options.vital ?? batch.length)) throw error;
      return { replies: collecting.replies, stray: false, lost: true };
    } finally {
      collecting.stop();
    }
  }

  /** A link that takes no more of it when it is told to stop is cut, as is one that gives no answer. */
  async #sendAhead(ahead: Ahead, signal: AbortSignal | undefined): Promise<void> {
    let grace: NodeJS.Timeout | undefined;
    const abort = () => (grace = setTimeout(() => this.wire.close(), this.#options.timing.grace * 1000).unref());
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await this.#sending.send(ahead, signal);
    } finally {
      signal?.removeEventListener("abort", abort);
      clearTimeout(grace);
    }
  }

  #listen(stream: Stream): void {
    let greeted = false;
    const onTrailer = (trailer: Trailer, output: Output) => {
      if (trailer.request === "mark") return this.#sending.marked(trailer);
      if (trailer.request !== "hello") return this.#onTrailer(stream, trailer, output);
      greeted = true;
      this.#firstWords = "";
      if (trailer.code !== 0) this.#lose(new BowlineError({ code: "E_UNREACHABLE", message: `${this.#options.name} has no /proc, without which a session cannot end what it starts` }));
    };
    const reader = new AnswerReader(this.#nonce, onTrailer, (text) => {
      if (greeted) this.#onLine(stream, text);
      else if (text.trim() !== "") this.#firstWords = text.trim();
    });
    this.wire[stream].on("data", (chunk: Buffer) => reader.push(chunk));
    this.wire[stream].on("error", () => undefined);
  }

  /** Puts the two streams' halves of each answer together; done when the batch is, or when it stopped. */
  #collect(batch: readonly Framed[], options: AskOptions): { done: Promise<Answered>; replies: Reply[]; begin: () => void; stop: () => void } {
    const replies: Reply[] = [];
    const halves: Record<Stream, Output[]> = { stdout: [], stderr: [] };
    const stopper = this.#stopper(batch, options.signal);
    const done = new Promise<Answered>((resolve) => {
      this.#onTrailer = (stream, { request, code, flags }, output) => {
        halves[stream].push(output);
        const index = replies.length;
        const [stdout, stderr] = [halves.stdout[index], halves.stderr[index]];
        if (!stdout || !stderr) return;
        const status = flags.includes("timeout") ? "timeout" : request === stopped ? stopper.why(index) : "done";
        if (status === "again") return resolve({ replies, stray: false, lost: false });
        replies.push(replyOf({ status, code }, stdout, stderr));
        const stray = flags.includes("stray");
        if (replies.length === batch.length || stray || !isAccepted(replies[index]!, batch[index]!)) return resolve({ replies, stray, lost: false });
        stopper.watch(index + 1);
      };
      this.#onLine = (stream, text) => options.onLine?.({ request: halves[stream].length, stream, text });
    });
    return { done, replies, begin: stopper.begin, stop: stopper.stop };
  }

  /**
   * An aborted signal, or the end of a request's time, stops what runs; a host that does not answer even then loses its
   * connection. What is better finished is waited for, however long it takes.
   */
  #stopper(batch: readonly Framed[], signal: AbortSignal | undefined): Stopper {
    const finishes = keepOf(batch) === "finish";
    let grace: NodeJS.Timeout | undefined;
    let limit: NodeJS.Timeout | undefined;
    let late: number | undefined;
    let aborted = false;
    const cancel = () => {
      if (grace) return;
      this.wire.stdin.write("cancel\n");
      if (finishes) return;
      grace = setTimeout(() => this.wire.close(), this.#options.timing.grace * 1000);
    };
    const abort = () => {
      aborted = true;
      cancel();
    };
    const watch = (index: number) => {
      clearTimeout(limit);
      const { timeout } = batch[index]!;
      if (timeout === 0 || !watchedHere(batch, index)) return;
      limit = setTimeout(() => {
        late = index;
        cancel();
      }, timeout * 1000);
    };
    return {
      begin: () => {
        if (signal?.aborted) abort();
        signal?.addEventListener("abort", abort, { once: true });
        watch(0);
      },
      watch,
      why: (index) => (aborted ? "cancelled" : index === late ? "timeout" : "again"),
      stop: () => {
        clearTimeout(grace);
        clearTimeout(limit);
        signal?.removeEventListener("abort", abort);
      },
    };
  }
}

/** How the host names the request that was running when it was told to stop. */
const stopped = "-";

interface Stopper {
  readonly begin: () => void;
  /** The request that runs now. */
  readonly watch: (index: number) => void;
  /** Why it was stopped; "again" when it was not meant: an earlier one was late, and ended just then. */
  readonly why: (index: number) => "cancelled" | "timeout" | "again";
  readonly stop: () => void;
}

function replyOf(end: Pick<Reply, "status" | "code">, stdout: Output, stderr: Output): Reply {
  const omitted = stdout.omitted > 0 || stderr.omitted > 0 ? { omitted: { stdout: stdout.omitted, stderr: stderr.omitted } } : {};
  return { ...end, stdout: stdout.bytes, stderr: stderr.bytes, ...omitted };
}

export function isAccepted(reply: Reply, item: Framed): boolean {
  return reply.status === "done" && (item.accept === "any" || item.accept.includes(reply.code));
}

function lostConnection(name: string, reason: string | undefined): BowlineError {
  return new BowlineError({
    code: "E_UNREACHABLE",
    message: `the connection to ${name} was lost${reason === undefined ? "" : `: ${reason}`}`,
    hint: "the host stops what it was running; run again to go on from what is there",
  });
}
