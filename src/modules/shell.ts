import { joinScripts, verbatim } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { absolutePath, optional, text } from "./args.ts";
import { defineAction } from "./contract.ts";
import { lazily } from "./_lazy.ts";
import { inDirectory, processArgs, processIdle, processOutcome, processProbe, readBy, titleOf } from "./_process.ts";

export const shell = defineAction({
  name: "shell",
  summary: "Run a script in the host's sh, or in another interpreter.",
  notes: `
* What templates put into the script is read by the shell: quote it with the \`quote\` helper, as in \`rm {{quote path}}\`.
* The script never stands in \`ps\`, but the programs that it starts do.
* The exit code of its last command counts; write \`set -e\` when every command must succeed. \`failed_when\` decides otherwise.
* \`register\` gets \`rc\`, \`stdout\`, \`stderr\`, \`stdout_lines\`, \`stderr_lines\` and \`cmd\`.
* Of an output of more than 16 MiB the first and the last 8 are kept, with a line between them that says how much is missing; \`stdout_truncated\` or \`stderr_truncated\` is then true.
`,
  args: lazily(() => ({
    cmd: text("The script."),
    executable: optional(absolutePath("What reads the script, for example /bin/bash or /usr/bin/python3.")),
    ...processArgs,
  })),
  otherNames: { command: "cmd", script: "cmd", cwd: "chdir" },
  examples: [
    { title: "A pipe", yaml: "name: Who uses the disk\nshell:\n  cmd: du -sx /var/* | sort -n | tail -3\n  read_only: true\nregister: usage" },
    { title: "In bash", yaml: "shell:\n  cmd: |\n    set -euo pipefail\n    zcat backup.gz | restore\n  executable: /bin/bash\n  chdir: /srv/backup" },
  ],
  freeForm: "cmd",
  readOnly: (args) => args.read_only,
  probe: processProbe,
  idle: (args, why) => processIdle(args.cmd, why),
  steps(args) {
    const stdin = args.stdin === undefined ? {} : { stdin: args.stdin };
    const script = args.executable === undefined ? verbatim(args.cmd) : readBy([args.executable], args.cmd);
    return [run(joinScripts([inDirectory(args.chdir), script]), { title: titleOf(args.cmd), ...stdin })];
  },
  outcome: (args, answers) => processOutcome(args.cmd, args.read_only, answers.at(-1)),
});
