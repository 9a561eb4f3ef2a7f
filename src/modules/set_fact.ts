import type { JsonObject } from "../core/json.ts";
import { defineControl } from "./contract.ts";

export const set_fact = defineControl({
  name: "set_fact",
  summary: "Set variables for the rest of the run, on each host for itself.",
  notes: "* Extra variables (`-e`) stay what they are.\n* A value that is nothing but one template keeps its type.",
  args: {},
  freeKeys: true,
  examples: [{ title: "Remember a result", yaml: 'set_fact:\n  registry_url: "http://{{ address }}:5000"' }],
  act(args) {
    const facts = args as unknown as JsonObject;
    return { changed: false, facts, data: { ansible_facts: facts } };
  },
});
