import type { Sshd } from "../lab/sshd.ts";
import type { Contestant } from "./contestant.ts";
import type { Row } from "./row.ts";

/** A part of the bench, with a table of its own. */
export interface Section {
  /** What `--only` takes. */
  readonly name: string;
  readonly title: string;
  /** What is measured and how, for the page. */
  readonly words: string;
  /** Rows, or text in Markdown where rows cannot say it. Throws when what is measured does not do its work. */
  measure(stage: Stage): Promise<readonly Row[] | string>;
}

/** What sections have in common. */
export interface Stage {
  /** Fifty hosts on loopback. */
  readonly sshd: Sshd;
  /** How often each contestant runs, in turn. */
  readonly rounds: number;
  /** Who takes part, and for the others why not. */
  readonly field: Field;
  say(line: string): void;
}

export interface Field {
  readonly present: readonly Contestant[];
  readonly absent: readonly Row[];
}
