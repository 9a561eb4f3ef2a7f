import { BowlineError } from "../core/errors.ts";

/** What a module says when it will not act: the cause, what was expected and seen, and the way on. */
export interface Refusal {
  readonly expected?: string;
  readonly seen?: string;
  /** What to do next; names the argument that overrides the refusal when there is one. */
  readonly hint?: string;
}

/** Thrown by `plan`: the state of the host forbids the change, and nothing has been touched. */
export function refuse(message: string, details: Refusal = {}): never {
  throw new BowlineError({ code: "E_REFUSED", message, ...details });
}
