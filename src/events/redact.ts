import type { Redactor } from "../core/secret.ts";

/**
 * A copy of an event without secrets. What the schema and the inventory name stays, whatever the secrets are: were
 * "changed" the password of somebody, a report could not tell any more which tasks changed something.
 */
export function redactedEvent<Value extends object>(event: Value, redactor: Redactor): Value {
  return redactor.isEmpty ? event : (cleaned(event, "", redactor) as Value);
}

/** The words of the schema, and the names by which reports find plays, tasks and hosts. */
const names = new Set(["type", "time", "run", "mode", "play", "task", "host", "hosts", "roundTrips", "module", "kind", "stream", "status", "state", "code"]);

/** What modules and variables bring may have any keys. */
const foreign = new Set(["data", "item", "before", "after", "undo"]);

function cleaned(value: unknown, key: string, redactor: Redactor): unknown {
  if (names.has(key) && !isPart(key, value)) return value;
  if (typeof value !== "object" || value === null || foreign.has(key)) return redactor.value(value);
  if (Array.isArray(value)) return value.map((item) => cleaned(item, key, redactor));
  return Object.fromEntries(Object.entries(value).map(([inner, each]) => [inner, cleaned(each, inner, redactor)]));
}

/** `state` is a word, and also the part of a result that holds it. */
function isPart(key: string, value: unknown): boolean {
  return key === "state" && typeof value === "object";
}
