import { joinScripts, quote, sh } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { listOf, optional, text } from "./args.ts";
import { defineAction } from "./contract.ts";
import { lexWords } from "./_lex.ts";
import { inDirectory, processArgs, processOutcome, processProbe } from "./_process.ts";

/** The words to run, from either form. */
function wordsOf(args: { cmd?: string | undefined; argv?: string[] | undefined }): string[] {
  return args.argv ?? lexWords(args.cmd ?? "");
}

export const command = defineAction({
  name: "command",
  summary: "Run a program with arguments; no shell reads them.",
  notes: "Quotes group words as in a shell, but `$`, `*`, `|` and `>` are ordinary characters; for those use `shell`.",
  args: {
    cmd: optional(text("The program and its arguments on one line.")),
    argv: optional(listOf(text("One word."), "The program and its arguments as a list.")),
    ...processArgs,
  },
  examples: [
    { title: "Read something", yaml: "name: What the kernel is called\ncommand: uname -r\nregister: kernel" },
    { title: "Only once", yaml: "command:\n  argv: [ssh-keygen, -q, -N, '', -f, /etc/service/key]\n  creates: /etc/service/key" },
  ],
  freeForm: "cmd",
  rules: (args) => ((args.cmd === undefined) === (args.argv === undefined) ? ['takes exactly one of "cmd" and "argv"'] : []),
  readOnly: (args) => args.read_only,
  probe: processProbe,
  steps(args) {
    const words = wordsOf(args);
    const stdin = args.stdin === undefined ? {} : { stdin: args.stdin };
    return [run(joinScripts([inDirectory(args.chdir), sh`exec ${words}`]), { title: words.map(quote).join(" "), ...stdin })];
  },
  outcome: (args, answers) => processOutcome(wordsOf(args).map(quote).join(" "), args.read_only, answers.at(-1)),
});
