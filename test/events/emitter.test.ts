import { Redactor } from "../../src/core/secret.ts";
import { createEmitter, emitFromAfar, type Sink } from "../../src/events/emitter.ts";
import type { Event } from "../../src/events/event.ts";

function emitterOf(sinks: readonly Sink[], vital?: Sink) {
  const errors: unknown[] = [];
  const redactor = new Redactor();
  const emitter = createEmitter({ sinks, redactor, onSinkError: (error) => errors.push(error), ...(vital ? { vital } : {}) });
  return { ...emitter, redactor, errors };
}

const say = (message: string) => ({ type: "warning", message }) as const;
const refuse = (words: string): Sink => () => {
  throw new Error(words);
};

test("events are numbered from 1 and dated, and every sink gets the same ones in order", () => {
  const [left, right]: [Event[], Event[]] = [[], []];
  const { emit } = emitterOf([(event) => left.push(event), (event) => right.push(event)]);
  emit(say("one"));
  emit(say("two"));
  expect(left.map(({ sequence, ...event }) => [sequence, event.type === "warning" && event.message])).toEqual([[1, "one"], [2, "two"]]);
  expect(right).toEqual(left);
  expect(left.every(({ time }) => new Date(time).toISOString() === time)).toBe(true);
});

test("the journal has an event before anybody else sees it", () => {
  const order: string[] = [];
  emitterOf([() => order.push("report")], () => order.push("journal")).emit(say("x"));
  expect(order).toEqual(["journal", "report"]);
});

test("secrets are gone before any sink, the journal too", () => {
  const seen: Event[] = [];
  const { emit, redactor } = emitterOf([(event) => seen.push(event)], (event) => seen.push(event));
  redactor.add("correct-horse");
  emit({ type: "step:start", task: "p1.t1", host: "a", change: "say correct-horse", undo: [{ "correct-horse": "b" }] });
  expect(seen).toHaveLength(2);
  expect(JSON.stringify(seen)).not.toContain("horse");
});

test("a report that breaks is told of once and left out; the others and the run go on", () => {
  const seen: Event[] = [];
  const { emit, errors } = emitterOf([refuse("no paper"), (event) => seen.push(event)]);
  emit(say("one"));
  emit(say("two"));
  expect(seen).toHaveLength(2);
  expect(errors).toEqual([new Error("no paper")]);
});

test("a journal that breaks is thrown to who emits, every time; the reports still see what happened", () => {
  const seen: Event[] = [];
  const { emit, errors } = emitterOf([(event) => seen.push(event)], refuse("disk full"));
  expect(() => emit(say("one"))).toThrow("disk full");
  expect(() => emit(say("two"))).toThrow("disk full");
  expect(seen).toHaveLength(2);
  expect(errors).toEqual([]);
});

test("from a callback that nobody guards nothing is thrown", () => {
  expect(() => emitFromAfar(refuse("disk full") as never, say("x"))).not.toThrow();
});
