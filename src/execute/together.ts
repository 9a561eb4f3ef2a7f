import { randomBytes } from "node:crypto";
import type { Answer, RunStep } from "../core/step.ts";
import type { Family } from "../modules/contract.ts";

/** A look that a task needs, or will need. */
export interface Look {
  /** Who looks, with which variables, at what: two looks with the same key get the same answer. */
  readonly key: string;
  /** The look alone. */
  readonly step: RunStep;
  /** How it can be taken together with others. */
  readonly like?: { readonly family: Family; readonly subject: unknown };
}

/** What a host is asked in one request: one look, or many of one family. */
export interface Question {
  readonly looks: readonly Look[];
  readonly step: RunStep;
  /** In the order of the looks; undefined for one that must be taken alone. */
  answers(answer: Answer): readonly (Answer | undefined)[];
}

/** Looks as questions, in the order of the first look of each; one in `apart` is asked by itself. `limit` is in seconds, for many. */
export function questionsOf(looks: readonly Look[], limit: number, apart: (look: Look) => boolean): Question[] {
  const groups = new Map<unknown, Look[]>();
  for (const look of looks) {
    const group = look.like && !apart(look) ? look.like.family : look;
    groups.set(group, [...(groups.get(group) ?? []), look]);
  }
  return [...groups.values()].map((group) => (group.length === 1 ? alone(group[0]!) : together(group, limit)));
}

function alone(look: Look): Question {
  return { looks: [look], step: look.step, answers: (answer) => [answer] };
}

function together(looks: readonly Look[], limit: number): Question {
  const { family } = looks[0]!.like!;
  const mark = randomBytes(8).toString("hex");
  const script = family.script(looks.map(({ like }) => like!.subject), mark);
  return {
    looks,
    step: { ...looks[0]!.step, script, timeout: limit, title: `look at ${looks.length} of the family ${family.name}` },
    answers: (answer) => family.answers(answer, looks.length, mark),
  };
}
