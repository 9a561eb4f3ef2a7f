import { joinScripts, quote, sh } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { listOf, optional, text, word } from "./args.ts";
import { defineAction } from "./contract.ts";
import { lexProblem, lexWords } from "../core/lex.ts";
import { lazily } from "./_lazy.ts";
import { inDirectory, processArgs, processIdle, processOutcome, processProbe } from "./_process.ts";

interface Words {
  readonly cmd?: string | undefined;
  readonly argv?: readonly string[] | undefined;
}

export const command = defineAction({
  name: "command",
  summary: "Run a program with arguments; no shell reads them.",
  notes: `
* Quotes group words as in a shell, but \`$\`, \`*\`, \`|\` and \`>\` are ordinary characters; for those use \`shell\`.
* Any exit code but 0 is a failure; \`failed_when\` decides otherwise.
* Everybody on the host can see the words of a command in \`ps\`: hand a secret over in \`stdin\` or in \`environment\`.
* \`register\` gets \`rc\`, \`stdout\`, \`stderr\`, \`stdout_lines\`, \`stderr_lines\` and \`cmd\`.
* Of an output of more than 16 MiB the first and the last 8 are kept, with a line between them that says how much is missing; \`stdout_truncated\` or \`stderr_truncated\` is then true.
`,
  args: lazily(() => ({
    cmd: optional(text("The program and its arguments on one line.")),
    argv: optional(listOf(word("One word."), "The program and its arguments as a list.")),
    ...processArgs,
  })),
  otherNames: { command: "cmd", args: "argv", cwd: "chdir" },
  examples: [
    { title: "Read something", yaml: "name: What the kernel is called\ncommand:\n  cmd: uname -r\n  read_only: true\nregister: kernel" },
    { title: "Only once", yaml: "command:\n  argv: [ssh-keygen, -q, -N, '', -f, /etc/service/key]\n  creates: /etc/service/key" },
  ],
  freeForm: "cmd",
  rules: commandRules,
  readOnly: (args) => args.read_only,
  probe: processProbe,
  idle: (args, why) => processIdle(shown(args), why),
  steps(args) {
    const stdin = args.stdin === undefined ? {} : { stdin: args.stdin };
    return [run(joinScripts([inDirectory(args.chdir), sh`exec ${wordsOf(args)}`]), { title: shown(args), ...stdin })];
  },
  outcome: (args, answers) => processOutcome(shown(args), args.read_only, answers.at(-1)),
});

function commandRules(args: Words): string[] {
  if ((args.cmd === undefined) === (args.argv === undefined)) return ['takes exactly one of "cmd" and "argv"'];
  const problem = args.cmd === undefined ? undefined : lexProblem(args.cmd);
  if (problem !== undefined) return [`"cmd" cannot be read: ${problem}`];
  return wordsOf(args)[0] ? [] : ["names no program"];
}

/** The words to run, from either form. */
function wordsOf({ cmd, argv }: Words): readonly string[] {
  return argv ?? lexWords(cmd ?? "");
}

function shown(args: Words): string {
  return wordsOf(args).map(quote).join(" ");
}
