import { sh } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { text, withDefault } from "./args.ts";
import { defineAction } from "./contract.ts";
import { lazily } from "./_lazy.ts";

export const ping = defineAction({
  name: "ping",
  summary: "Log in and run a shell on the host, which is all that a task needs.",
  notes: "* It sends no ICMP: a host that answers it can be logged in to, and `become` works if it is set.",
  args: lazily(() => ({ data: withDefault(text("What comes back as `ping`; `crash` makes it fail, for tests of what follows."), "pong") })),
  examples: [{ title: "Is it there", yaml: "ping:" }],
  readOnly: () => true,
  steps: ({ data }) => [run(sh`[ ${data} != crash ]`, { title: "ping", trusted: true })],
  outcome: ({ data }, answers) => (answers.at(-1)?.code === 0 ? { changed: false, data: { ping: data } } : { changed: false, failed: "boom, as asked for" }),
});
