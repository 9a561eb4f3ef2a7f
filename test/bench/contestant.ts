import type { Course } from "./course.ts";

/** Somebody who runs the course. */
export interface Contestant {
  readonly name: string;
  /** What it is, for the page. */
  readonly words: string;
  /** The bench goes on without it when it fails, and says so; whoever else fails ends the part. */
  readonly optional?: true;
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

/** What a failure says in one cell: what went wrong, and the end of the output, for programs say last what ended them. */
export function shortened(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split("\n").filter((line) => line.trim() !== "");
  return [lines[0]!, ...lines.slice(1).slice(-2)].map((line) => line.trim()).join(" … ").slice(0, 300);
}
