import type { Content } from "../core/step.ts";
import { anyText, controllerFile, optional } from "./args.ts";
import { defineResource, type Bound } from "./contract.ts";
import { pathState } from "./_access.ts";
import { destArgs, fileArgs, fileNotes, fileRules, lookAtFile, parseFile, planFile, togetherAtFile, type FileSeen } from "./_file.ts";
import { lazily } from "./_lazy.ts";
import { paths } from "./_path_family.ts";
import { observeAt } from "./_path_look.ts";

const copyArgs = lazily(() => ({
  ...destArgs,
  content: optional(anyText("The text that it holds.")),
  src: optional(controllerFile("Looked for in files/ beside the playbook first; any size, text or not.")),
  ...fileArgs,
}));

export const copy = defineResource<typeof copyArgs, FileSeen>({
  name: "copy",
  summary: "Make a file on the host hold a given text, or what a file on the controller holds.",
  notes: fileNotes,
  args: copyArgs,
  otherNames: { path: "dest", name: "dest", source: "src", text: "content" },
  examples: [
    { title: "A text", yaml: 'copy:\n  dest: /etc/motd\n  content: "this is {{ inventory_hostname }}\\n"' },
    { title: "A file", yaml: 'copy:\n  dest: /usr/local/bin/backup\n  src: backup.sh\n  mode: "0755"' },
    { title: "A file that must be right", yaml: 'copy:\n  dest: /etc/sudoers.d/operators\n  src: operators.sudoers\n  mode: "0440"\n  validate: visudo -cf %s' },
  ],
  rules: (args) => [...((args.content === undefined) === (args.src === undefined) ? ['takes exactly one of "content" and "src"'] : []), ...fileRules(args)],
  observe: (args) => observeAt(lookAtFile(args, contentOf(args))),
  together: { family: paths, subject: (args) => togetherAtFile(args, contentOf(args)) },
  parse: parseFile,
  plan: (args, seen) => planFile(args, contentOf(args), seen),
  state: (args, seen) => pathState(args.dest, seen, () => planFile(args, contentOf(args), seen)),
  result: ({ dest }) => ({ dest }),
});

function contentOf({ src, content }: Bound<typeof copyArgs>): Content {
  return src ? { file: src } : { text: content ?? "" };
}
