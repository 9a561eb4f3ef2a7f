import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import type { Event } from "../../src/events/event.ts";
import { jsonReporter } from "../../src/reporters/json.ts";
import { scenario, scenarios, written } from "./scenario.ts";
import { eventSchema } from "./schema.ts";

const docs = join(import.meta.dirname, "..", "..", "docs");
const published = JSON.parse(readFileSync(join(docs, "events.schema.json"), "utf8")) as object;
const open = new Ajv({ strict: true, allErrors: true }).compile(published);
const closed = new Ajv({ strict: true, allErrors: true }).compile(eventSchema({ closed: true }));

test("docs/events.schema.json is the one that the types give (npx tsx test/reporters/schema.ts > docs/events.schema.json)", () => {
  expect(published).toEqual(JSON.parse(JSON.stringify(eventSchema())));
});

test("the scenarios hold every type of event and every status", () => {
  const events = Object.values(scenarios).flat();
  const { definitions, oneOf } = published as { definitions: Record<string, { properties: { type?: { const: string } } }>; oneOf: { $ref: string }[] };
  const types = oneOf.map(({ $ref }) => definitions[$ref.split("/").at(-1)!]!.properties.type!.const);
  expect([...new Set(events.map((event) => event.type))].sort()).toEqual([...types].sort());
  const statuses = (definitions["Status"] as unknown as { enum: string[] }).enum;
  expect([...new Set(events.flatMap((event) => (event.type === "host:end" ? [event.result.status] : [])))].sort()).toEqual([...statuses].sort());
});

describe.each(Object.entries(scenarios))("--output json of %s", (_name, events) => {
  test("has a line for each event, which is that event", async () => {
    const lines = (await written(events, jsonReporter)).split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => JSON.parse(line) as Event)).toEqual(events);
  });

  test("holds nothing that the schema does not tell of", async () => {
    const values = (await written(events, jsonReporter)).trimEnd().split("\n").map((line) => JSON.parse(line) as unknown);
    expect(values.flatMap((value) => mistakes(open, value))).toEqual([]);
    expect(values.flatMap((value) => mistakes(closed, value))).toEqual([]);
  });
});

describe("the schema", () => {
  const [start, warning] = scenario as [Event, Event, ...Event[]];

  test.each<[string, object]>([
    ["an event of no known type", { ...warning, type: "alarm" }],
    ["an event without its number", { type: warning.type, time: warning.time, message: "x" }],
    ["a number that is text", { ...warning, sequence: "2" }],
    ["another version", { ...start, version: 2 }],
    ["a status that does not exist", { ...scenario.at(-4)!, type: "host:end", play: "p1", task: "t", host: "h", result: { status: "fine", changes: [], elapsed: 1 } }],
    ["a result that cannot tell how long it took", { ...warning, type: "host:end", play: "p1", task: "t", host: "h", result: { status: "ok", changes: [] } }],
  ])("refuses %s", (_what, event) => {
    expect(open(event)).toBe(false);
  });

  test("leaves room for fields of a later version, which the types do not have", () => {
    expect(open({ ...warning, severity: 3 })).toBe(true);
    expect(closed({ ...warning, severity: 3 })).toBe(false);
  });
});

describe("docs/events.md", () => {
  const text = readFileSync(join(docs, "events.md"), "utf8");
  const examples = [...text.matchAll(/^```json\n([^]*?)^```$/gm)].map(([, json]) => JSON.parse(json!) as Event);

  test("shows one example of each type of event, in the order of the headings", () => {
    const headings = [...text.matchAll(/^### `(.*)`$/gm)].map(([, type]) => type);
    expect(examples.map((event) => event.type)).toEqual(headings);
    expect([...headings].sort()).toEqual([...new Set(Object.values(scenarios).flat().map((event) => event.type as string))].sort());
  });

  test.each(examples.map((event) => [event.type, event] as const))("the example of %s is such an event", (_type, event) => {
    expect(mistakes(closed, event)).toEqual([]);
  });
});

function mistakes(validate: ValidateFunction, value: unknown): string[] {
  if (validate(value)) return [];
  const type = (value as { type?: string }).type;
  return (validate.errors ?? []).filter(({ keyword }) => keyword !== "const" && keyword !== "oneOf").map(({ instancePath, message }) => `${type}${instancePath} ${message}`);
}
