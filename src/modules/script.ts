import { joinScripts, quote } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { optional, scriptFile, text, type ScriptFile } from "./args.ts";
import { defineAction } from "./contract.ts";
import { lexProblem, lexWords } from "../core/lex.ts";
import { lazily } from "./_lazy.ts";
import { inDirectory, processArgs, processIdle, processOutcome, processProbe, readBy } from "./_process.ts";

export const script = defineAction({
  name: "script",
  summary: "Run a script of the controller on the host.",
  notes: `
* The script's text travels in the session and is read from a pipe: no file is written on the host, and \`$0\` is no path. It must be text of up to 64 KiB; a larger one is put there with \`copy\` and run with \`command\`.
* What reads it stands in its first line (\`#!/usr/bin/python3\`), else in \`executable\`, else it is sh.
* Its arguments stand in \`ps\`, where everybody on the host can see them: hand a secret over in \`stdin\` or in \`environment\`.
* \`register\` gets \`rc\`, \`stdout\`, \`stderr\`, \`stdout_lines\`, \`stderr_lines\` and \`cmd\`.
* Of an output of more than 16 MiB the first and the last 8 are kept, with a line between them that says how much is missing; \`stdout_truncated\` or \`stderr_truncated\` is then true.
`,
  args: lazily(() => ({
    cmd: scriptFile("The script, looked for in files/ beside the playbook first, and its arguments, as in a shell but without `$` and `*`."),
    executable: optional(text("What reads the script, with its options: `python3 -u`. It comes before what the script's first line says.")),
    ...processArgs,
  })),
  otherNames: { free_form: "cmd", src: "cmd", file: "cmd" },
  examples: [
    { title: "With arguments", yaml: 'script: prepare.sh --disk /dev/vdb "two words"' },
    { title: "Only once", yaml: "script:\n  cmd: import.py /srv/data\n  executable: python3\n  creates: /srv/data/imported" },
  ],
  freeForm: "cmd",
  rules: ({ cmd, executable }) => [
    ...(cmd.file.text === undefined && cmd.file.size > 0 ? [`${cmd.file.path} is larger than 64 KiB, or is no text`] : []),
    ...problemsOf("cmd", cmd.words),
    ...problemsOf("executable", executable ?? ""),
  ],
  readOnly: (args) => args.read_only,
  probe: processProbe,
  idle: (args, why) => processIdle(shown(args.cmd), why),
  steps({ cmd, executable, chdir, stdin }) {
    const body = cmd.file.text ?? "";
    const reader = executable === undefined ? readerOf(body) : lexWords(executable);
    return [run(joinScripts([inDirectory(chdir), readBy(reader, body, lexWords(cmd.words))]), { title: shown(cmd), ...(stdin === undefined ? {} : { stdin }) })];
  },
  outcome: (args, answers) => processOutcome(shown(args.cmd), args.read_only, answers.at(-1)),
});

function problemsOf(name: string, words: string): string[] {
  const problem = lexProblem(words);
  return problem === undefined ? [] : [`"${name}" cannot be read: ${problem}`];
}

/** As the kernel reads a first line: an interpreter, and all that follows as one argument. */
function readerOf(body: string): string[] {
  const [, interpreter, option] = /^#![ \t]*(\S+)(?:[ \t]+(.*\S))?/.exec(body) ?? [];
  return interpreter === undefined ? ["sh"] : [interpreter, ...(option === undefined ? [] : [option])];
}

function shown({ file, words }: ScriptFile): string {
  return [file.path, ...lexWords(words)].map(quote).join(" ");
}
