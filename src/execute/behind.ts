import type { Answer, RunStep, Step } from "../core/step.ts";
import { known, looksToCome, questionsFor, toldBy } from "./ahead.ts";
import type { Call } from "./call.ts";
import { sendBatch, type Driven } from "./steps.ts";

/** A change of a host while it is made, with the looks that go along behind it. */
export interface Opened {
  readonly looks: readonly RunStep[];
  /** What came back for the looks, as far as it came. */
  came(answers: readonly Answer[]): void;
  /** The change has ended, however it did. */
  close(): void;
}

/** Opens a change: whatever was seen before is worth nothing, and what the tasks behind it look at is seen as soon as it is made. */
export async function openChange(call: Call): Promise<Opened> {
  const { kept } = call.engine;
  const { line } = call.channel.host;
  kept.drop(line);
  const { era } = kept;
  const looks = await looksToCome(call, { wholeLoop: false });
  const questions = questionsFor(call, looks);
  let told: ReadonlyMap<string, Answer> = new Map();
  return {
    looks: questions.map(({ step }) => step),
    came: (answers) => (told = toldBy(call, questions, answers)),
    close: () => kept.changed(line, era, known(call, looks, told)),
  };
}

/**
 * Sends the steps of a change, and the looks behind them, in one round trip; what becomes of the looks is nothing to the
 * change. Steps that are to be finished when the connection is lost go alone.
 */
export async function sendChange({ looks, came }: Opened, steps: readonly Step[], titles: readonly string[], { channel }: Call): Promise<Driven> {
  const finishes = steps.some((step) => step.kind === "run" && step.onDisconnect === "finish");
  if (finishes || looks.length === 0 || steps.length === 0) return sendBatch(steps, titles, channel);
  const { answers, failed } = await sendBatch([...steps, ...looks], [...titles, ...looks.map(({ title }) => title!)], channel, steps.length);
  if (failed && answers.length <= steps.length) return { answers, failed };
  came(answers.slice(steps.length, failed ? -1 : undefined));
  return { answers: answers.slice(0, steps.length) };
}
