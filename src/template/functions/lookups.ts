import type { Functions } from "./function.ts";

/** What reads from the controller; the lookups themselves are in template/lookups.ts. */
export const lookupFunctions: Functions = {
  lookup: {
    summary: "What a lookup finds on the controller, by the lookup's name; several finds with commas between them.",
    takes: ["name", "terms*", "options?"],
    looks: "one",
    examples: [],
    call: unreachable,
  },
  query: {
    summary: "What a lookup finds on the controller, always as a list.",
    takes: ["name", "terms*", "options?"],
    aliases: ["q"],
    looks: "all",
    examples: [],
    call: unreachable,
  },
};

function unreachable(): never {
  throw new Error("is called through the lookups of a context");
}
