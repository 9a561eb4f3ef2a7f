import { Redactor } from "../../src/core/secret.ts";
import { redactedEvent } from "../../src/events/redact.ts";

const redactor = new Redactor();
for (const word of ["changed", "web1", "p1.t1", "host:end", "E_FAILED", "E_FAILED: no", "warn", "correct-horse"]) redactor.add(word);

test("words of the schema and names that reports go by stay, whatever the secrets are", () => {
  const event = {
    type: "host:end",
    play: "p1",
    task: "p1.t1",
    host: "web1",
    result: { status: "changed", elapsed: 1, changes: [], problem: { code: "E_FAILED", message: "x" }, state: { state: "warn", label: "x", remarks: [] }, items: [{ status: "changed" }] },
  };
  expect(redactedEvent(event, redactor)).toEqual(event);
  const start = { type: "run:start", hosts: ["web1"], roundTrips: { web1: 2 }, plays: [{ play: "p1", hosts: ["web1"], tasks: [{ task: "p1.t1" }] }] };
  expect(redactedEvent(start, redactor)).toEqual(start);
});

test("everything that people and modules wrote does not, whatever its keys are", () => {
  const event = {
    type: "host:end",
    name: "say correct-horse",
    result: {
      message: "it is correct-horse",
      item: { status: "changed" },
      data: { status: "changed", host: "web1", "correct-horse": [{ code: "correct-horse" }] },
      changes: [{ title: "web1", before: { type: "web1" }, after: "correct-horse", diff: { path: "/a", before: "web1", after: "correct-horse" } }],
      state: { state: "warn", label: "correct-horse", remarks: ["correct-horse"] },
    },
    undo: [{ mode: "changed" }],
  };
  const clean = JSON.stringify(redactedEvent(event, redactor));
  expect(clean).not.toMatch(/horse|changed|web1/);
  expect(clean).toContain('"state":"warn"');
});
