import { text, withDefault } from "./args.ts";
import { defineControl } from "./contract.ts";
import { lazily } from "./_lazy.ts";

export const fail = defineControl({
  name: "fail",
  summary: "Fail with a message; with `when`, a check of your own.",
  args: lazily(() => ({ msg: withDefault(text("Why."), "failed as requested") })),
  examples: [{ title: "Stop here", yaml: "fail:\n  msg: this host is not meant for that\nwhen: inventory_hostname == \"db1\"" }],
  freeForm: "msg",
  act: (args) => ({ changed: false, failed: args.msg }),
});
