import { boolean, optional, seconds, text, withDefault } from "./args.ts";
import { defineControl } from "./contract.ts";
import { lazily } from "./_lazy.ts";

export const pause = defineControl({
  name: "pause",
  summary: "Wait for some time, or until a person at the terminal goes on.",
  notes: `
* With \`seconds\` or \`minutes\` it waits that long; check mode does not wait.
* With \`prompt\` alone it asks and waits for a line, which \`register\` gets as \`user_input\`. Without a terminal nobody can be asked: it goes on at once, with an empty answer.
* All hosts of the play wait together.
`,
  args: lazily(() => ({
    seconds: optional(seconds("Seconds to wait.")),
    minutes: optional(seconds("Minutes to wait.")),
    prompt: optional(text("What the person is asked or told.")),
    echo: withDefault(boolean("Show what is typed."), true),
  })),
  otherNames: { msg: "prompt", timeout: "seconds", time: "seconds" },
  forAll: true,
  examples: [
    { title: "A moment", yaml: "pause:\n  seconds: 10" },
    { title: "Ask", yaml: "pause:\n  prompt: the old cluster will be stopped; press Enter to go on" },
  ],
  rules: (args) => [
    ...(args.seconds !== undefined && args.minutes !== undefined ? ['takes one of "seconds" and "minutes"'] : []),
    ...(args.seconds === undefined && args.minutes === undefined && args.prompt === undefined ? ['takes "seconds", "minutes" or "prompt"'] : []),
  ],
  act(args) {
    const wanted = args.seconds ?? (args.minutes === undefined ? undefined : args.minutes * 60);
    const question = args.prompt === undefined ? {} : { prompt: args.prompt, echo: args.echo };
    if (wanted === undefined) return { changed: false, wait: question, data: { user_input: "" } };
    return { changed: false, wait: { seconds: wanted, ...question }, message: `waited ${wanted} s`, data: { delta: wanted, stdout: `Paused for ${wanted} seconds`, user_input: "" } };
  },
});
