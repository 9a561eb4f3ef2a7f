import { verbatim } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { absolutePath, optional, text } from "./args.ts";
import { defineAction } from "./contract.ts";
import { lazily } from "./_lazy.ts";
import { processOutcome, readBy, titleOf } from "./_process.ts";

export const raw = defineAction({
  name: "raw",
  summary: "Run a line in the host's sh, as it is.",
  notes: `
* It is here for playbooks that come from Ansible, where only this module does without Python. \`shell\` does the same and can do more.
* \`register\` gets \`rc\`, \`stdout\`, \`stderr\`, \`stdout_lines\`, \`stderr_lines\` and \`cmd\`.
* Of an output of more than 16 MiB the first and the last 8 are kept, with a line between them that says how much is missing; \`stdout_truncated\` or \`stderr_truncated\` is then true.
`,
  args: lazily(() => ({
    cmd: text("The line."),
    executable: optional(absolutePath("What reads the line, for example /bin/bash.")),
  })),
  otherNames: { free_form: "cmd", command: "cmd" },
  examples: [{ title: "Before anything else is there", yaml: "raw: test -x /usr/bin/python3 || apt-get install -y python3" }],
  freeForm: "cmd",
  steps: ({ cmd, executable }) => [run(executable === undefined ? verbatim(cmd) : readBy([executable], cmd), { title: titleOf(cmd) })],
  outcome: ({ cmd }, answers) => processOutcome(cmd, false, answers.at(-1)),
});
