import type { Event } from "../events/event.ts";

/** What every reporter is: events in, text out, and an end that is awaited before the process leaves. */
export interface Reporter {
  readonly report: (event: Event) => void;
  readonly end: () => Promise<void>;
}

/** Where a reporter writes and how much it says. */
export interface ReportOptions {
  readonly write: (text: string) => void;
  readonly color: boolean;
  readonly diff: boolean;
  /** The number of -v. */
  readonly verbosity: number;
}

/** A function for every kind of event: a kind without one does not compile. */
export type Handlers<Text> = { readonly [Type in Event["type"]]: (event: Extract<Event, { type: Type }>) => Text };

export function handle<Text>(handlers: Handlers<Text>, event: Event): Text {
  return (handlers[event.type] as (event: Event) => Text)(event);
}
