import type { JsonObject } from "../core/json.ts";
import { defineControl } from "./contract.ts";

export const set_fact = defineControl({
  name: "set_fact",
  summary: "Set variables for the rest of the run, on each host for itself.",
  notes: "Every key is a variable. Extra variables (-e) stay what they are.",
  args: {},
  freeKeys: true,
  examples: [{ title: "Remember a result", yaml: 'set_fact:\n  registry_url: "http://{{ address }}:5000"' }],
  act(args) {
    const facts = args as unknown as JsonObject;
    return { changed: false, facts, data: { ansible_facts: facts } };
  },
});
