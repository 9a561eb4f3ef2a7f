import type { Json } from "../core/json.ts";
import { anything, expression, optional } from "./args.ts";
import { defineControl } from "./contract.ts";
import { lazily } from "./_lazy.ts";

export const debug = defineControl({
  name: "debug",
  summary: "Print a message, or the value of a variable or expression.",
  args: lazily(() => ({
    msg: optional(anything("The message.")),
    var: optional(expression("A variable or an expression.")),
  })),
  examples: [
    { title: "A message", yaml: 'debug:\n  msg: "the registry answers at {{ url }}"' },
    { title: "A value", yaml: "debug:\n  var: result.rc" },
  ],
  freeForm: "msg",
  rules: (args) => (args.msg !== undefined && args.var !== undefined ? ['takes one of "msg" and "var"'] : []),
  act(args) {
    const value = args.var ? args.var.value : args.msg === undefined ? "Hello world!" : args.msg;
    const words = typeof value === "string" ? value : JSON.stringify(value ?? null);
    const message = args.var ? `${args.var.source}: ${words}` : words;
    return { changed: false, message, data: { msg: (value ?? null) as Json } };
  },
});
