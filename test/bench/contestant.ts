import type { Course } from "./course.ts";

/** Somebody who runs the course. */
export interface Contestant {
  readonly name: string;
  /** What it is, for the page. */
  readonly words: string;
  /** Why it cannot take part on this machine. It is left out then, with these words. */
  absent?(): Promise<string | undefined>;
  /** For the page. */
  version?(): Promise<string>;
  /** Runs the course once, from nothing to the end: no connection is open before. Throws unless it found `changed` differences. */
  race(course: Course, changed: number): Promise<Ran>;
}

export interface Ran {
  readonly seconds: number;
  /** User and system time of the command and of all that it waited for. */
  readonly cpuSeconds: number;
  /** Of the host that took most of them, as Bowline's journal has it. */
  readonly roundTrips?: number;
}
