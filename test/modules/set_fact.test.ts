import { set_fact as setFact } from "../../src/modules/set_fact.ts";
import { control } from "./_actor.ts";

const { badArguments, act } = control(setFact);

test("every key becomes a variable, with its value as it is", () => {
  const facts = { url: "http://a", port: 5000, list: [1, null], map: { a: { b: true } }, empty: null };
  expect(act(facts)).toEqual({ changed: false, facts, data: { ansible_facts: facts } });
});

test.each<[Record<string, unknown>, string]>([
  [{ "a-b": 1 }, 'set_fact: "a-b" cannot be the name of a variable'],
  [{ "1a": 1 }, 'set_fact: "1a" cannot be the name of a variable'],
  [{ "a.b": 1, c: 2 }, 'set_fact: "a.b" cannot be the name of a variable'],
  [{}, "set_fact: names no variable"],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});
