import { joinScripts, sh, verbatim } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { absolutePath, optional, text } from "./args.ts";
import { defineAction } from "./contract.ts";
import { inDirectory, processArgs, processOutcome, processProbe } from "./_process.ts";

export const shell = defineAction({
  name: "shell",
  summary: "Run a script in the host's sh, or in another shell.",
  notes: "What templates put into the script is read by the shell: quote it with the `quote` helper, as in `rm {{quote path}}`.",
  args: {
    cmd: text("The script."),
    executable: optional(absolutePath("The shell to run it, for example /bin/bash.")),
    ...processArgs,
  },
  examples: [{ title: "A pipe", yaml: "name: Who uses the disk\nshell: du -sx /var/* | sort -n | tail -3\nregister: usage" }],
  freeForm: "cmd",
  readOnly: (args) => args.read_only,
  probe: processProbe,
  steps(args) {
    const stdin = args.stdin === undefined ? {} : { stdin: args.stdin };
    const script = args.executable === undefined ? verbatim(args.cmd) : sh`exec ${args.executable} -c ${args.cmd}`;
    return [run(joinScripts([inDirectory(args.chdir), script]), { title: args.cmd.split("\n")[0]!, ...stdin })];
  },
  outcome: (args, answers) => processOutcome(args.cmd, args.read_only, answers.at(-1)),
});
