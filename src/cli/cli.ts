import type { Terminal } from "../reporters/open.ts";

/** What the process gives a command; main.ts makes it. */
export interface Cli {
  readonly version: string;
  readonly terminal: Terminal;
  /**
   * From now on an interrupt (Ctrl-C, SIGTERM, SIGHUP, a closed pipe) does not end the process: it is told to the
   * person and aborts the signal, and what is at work ends in its own time.
   */
  readonly guard: (tell: (text: string) => void) => AbortSignal;
  /** Interrupts mean nothing while this work is done: an editor takes Ctrl-C for itself, and a text must be taken away after it. */
  readonly shield: <Value>(work: () => Promise<Value>) => Promise<Value>;
}
