import type { Redactor } from "../core/secret.ts";
import type { Body, Event } from "./event.ts";

/** Takes events as they happen. A sink that throws is reported once and dropped; it never breaks a run. */
export type Sink = (event: Event) => void;

export interface Emitter {
  emit(body: Body): void;
}

/**
 * Numbers and dates events, redacts them once, and hands each to every sink in order. The journal is the one sink
 * whose failure must stop the run, so it is `vital`: what it throws goes to the caller.
 */
export function createEmitter(options: { vital?: Sink; sinks: readonly Sink[]; redactor: Redactor; onSinkError: (error: unknown) => void }): Emitter {
  const live = new Set(options.sinks);
  let sequence = 0;
  return {
    emit(body) {
      const event: Event = options.redactor.value({ ...body, time: new Date().toISOString(), sequence: ++sequence });
      options.vital?.(event);
      for (const sink of live) {
        try {
          sink(event);
        } catch (error) {
          live.delete(sink);
          options.onSinkError(error);
        }
      }
    },
  };
}
