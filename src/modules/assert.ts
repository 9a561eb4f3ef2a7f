import { conditions, optional, text } from "./args.ts";
import { defineControl } from "./contract.ts";
import { lazily } from "./_lazy.ts";

export const assert = defineControl({
  name: "assert",
  summary: "Fail unless every condition holds.",
  args: lazily(() => ({
    that: conditions("The conditions; all must hold."),
    fail_msg: optional(text("What to say when one does not.")),
    success_msg: optional(text("What to say when all do.")),
  })),
  otherNames: { msg: "fail_msg", condition: "that" },
  examples: [{ title: "Before anything is touched", yaml: 'assert:\n  that:\n    - service_name != ""\n    - port > 1024\n  fail_msg: name the service, and give it a port of its own' }],
  act(args) {
    const broken = args.that.filter((each) => !each.holds).map((each) => each.source);
    if (broken.length === 0) return { changed: false, message: args.success_msg ?? "all conditions hold" };
    const words = broken.map((source) => `does not hold: ${source}`).join("; ");
    return { changed: false, failed: args.fail_msg === undefined ? words : `${args.fail_msg} (${words})`, data: { assertion: broken[0]! } };
  },
});
