import { oneOf } from "./args.ts";
import { defineControl } from "./contract.ts";
import { lazily } from "./_lazy.ts";

const actions = ["flush_handlers", "end_host", "end_play", "end_batch", "clear_host_errors", "reset_connection", "noop"] as const;

export const meta = defineControl({
  name: "meta",
  summary: "Steer the play itself: run the handlers now, or end it for a host or for all.",
  notes: [
    "| action | does |",
    "|---|---|",
    "| `flush_handlers` | runs the handlers that were notified so far, on every host of the batch |",
    "| `end_host` | ends the play for this host, which has not failed |",
    "| `end_batch` | ends it for every host of the batch; the next batch begins |",
    "| `end_play` | ends it for every host, and the batches behind do not begin |",
    "| `clear_host_errors` | hosts that failed or were unreachable take part again |",
    "| `reset_connection` | closes the connection; the next task opens another one |",
    "| `noop` | nothing |",
    "",
    "`when` is asked on each host. `end_play`, `end_batch` and `clear_host_errors` do what they do for all as soon as it holds on one.",
  ].join("\n"),
  args: lazily(() => ({ action: oneOf(actions, "What to do.") })),
  freeForm: "action",
  examples: [
    { title: "Restart now what was changed so far", yaml: "meta: flush_handlers" },
    { title: "Leave a host alone that is not ours", yaml: "meta: end_host\nwhen: owner != \"us\"" },
  ],
});
