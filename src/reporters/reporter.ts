import type { Event } from "../events/event.ts";

/** What every reporter is: events in, text out, and an end that is awaited before the process leaves. */
export interface Reporter {
  readonly report: (event: Event) => void;
  readonly end: () => Promise<void>;
  /** Shows the person a line that is no part of the run, at once, where a line of our own would break the view. */
  readonly notice?: (text: string) => void;
  /** Ends what moves, so that a person may be asked something; it goes on with the next event. */
  readonly settle?: () => Promise<void>;
}

/** Where a reporter writes and how much it says. */
export interface ReportOptions {
  readonly write: (text: string) => void;
  readonly color: boolean;
  readonly diff: boolean;
  /** The number of -v. */
  readonly verbosity: number;
  /** Of the terminal, now: a person may resize it. */
  readonly size: () => { columns: number; rows: number };
}

/** A function for every kind of event: a kind without one does not compile. */
export type Handlers<Text> = { readonly [Type in Event["type"]]: (event: Extract<Event, { type: Type }>) => Text };

/** Hands an event to the function of its kind. An event of a newer Bowline's journal that is not known here is passed over. */
export function handle<Text>(handlers: Handlers<Text>, event: Event): Text | undefined {
  return (handlers[event.type] as ((event: Event) => Text) | undefined)?.(event);
}
