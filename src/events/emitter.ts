import type { Redactor } from "../core/secret.ts";
import type { Body, Event } from "./event.ts";
import { redactedEvent } from "./redact.ts";

/** Takes events as they happen. A sink that throws is reported once and dropped; it never breaks a run. */
export type Sink = (event: Event) => void;

export interface Emitter {
  readonly emit: (body: Body) => void;
}

/**
 * For callbacks of a transport: nothing there catches what is thrown. When an event cannot be recorded, neither can the
 * next one, and that one ends the run.
 */
export function emitFromAfar(emit: Emitter["emit"], body: Body): void {
  try {
    emit(body);
  } catch {
    // See above.
  }
}

/**
 * Numbers and dates events, redacts them once, and hands each to every sink in order. The journal is the one sink
 * whose failure must stop the run, so it is `vital`: what it throws goes to the caller, after the others have seen the
 * event: a person must see the end of a run that could not be recorded.
 */
export function createEmitter(options: { vital?: Sink; sinks: readonly Sink[]; redactor: Redactor; onSinkError: (error: unknown) => void }): Emitter {
  const live = new Set(options.sinks);
  let sequence = 0;
  return {
    emit(body) {
      const event: Event = redactedEvent({ ...body, time: new Date().toISOString(), sequence: ++sequence }, options.redactor);
      const unrecorded = failureOf(options.vital, event);
      for (const sink of live) {
        const broken = failureOf(sink, event);
        if (!broken) continue;
        live.delete(sink);
        options.onSinkError(broken.error);
      }
      if (unrecorded) throw unrecorded.error;
    },
  };
}

function failureOf(sink: Sink | undefined, event: Event): { error: unknown } | undefined {
  try {
    sink?.(event);
    return undefined;
  } catch (error) {
    return { error };
  }
}
