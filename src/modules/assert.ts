import { conditions, optional, text } from "./args.ts";
import { defineControl } from "./contract.ts";

export const assert = defineControl({
  name: "assert",
  summary: "Fail unless every condition holds.",
  args: {
    that: conditions("The conditions; all must hold."),
    fail_msg: optional(text("What to say when one does not.")),
    success_msg: optional(text("What to say when all do.")),
  },
  examples: [{ title: "Before anything is touched", yaml: 'assert:\n  that:\n    - service_name != ""\n  fail_msg: name the service' }],
  act(args) {
    const broken = args.that.find((each) => !each.holds);
    if (broken) {
      const words = `does not hold: ${broken.source}`;
      return { changed: false, failed: args.fail_msg === undefined ? words : `${args.fail_msg} (${words})`, data: { assertion: broken.source } };
    }
    return { changed: false, ...(args.success_msg === undefined ? {} : { message: args.success_msg }) };
  },
});
