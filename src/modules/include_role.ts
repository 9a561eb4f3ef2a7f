import { boolean, mapping, optional } from "./args.ts";
import { lazily } from "./_lazy.ts";
import { roleArgs } from "./_role_args.ts";
import { defineControl } from "./contract.ts";

export const include_role = defineControl({
  name: "include_role",
  summary: "Run a role, found when the task is reached.",
  notes: [
    "* The name may hold templates. `when`, `loop` and `tags` are for the include itself; `apply` gives its tasks keywords.",
    "* Its handlers are known from then on. Its variables are known to its own tasks alone, unless `public` is true.",
    "* A file that is named cannot lie outside the role.",
  ].join("\n"),
  args: lazily(() => ({
    ...roleArgs,
    apply: optional(mapping("Keywords for every task of the role.")),
    public: optional(boolean("Its defaults and vars are known to the tasks behind, too.")),
  })),
  freeForm: "name",
  examples: [{ title: "Only where it is wanted", yaml: "include_role:\n  name: monitoring\nwhen: monitored" }],
});
