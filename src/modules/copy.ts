import { anyText, controllerFile, optional } from "./args.ts";
import { defineResource } from "./contract.ts";
import { fileArgs, observeFile, parseFile, planFile } from "./_file.ts";

export const copy = defineResource({
  name: "copy",
  summary: "Make a file on the host hold a given text, or what a file on the controller holds.",
  notes:
    "The new file is written beside the old one with its mode and owner and renamed over it, so nobody sees half of it. " +
    "An unchanged file costs a digest and no transfer. Where dest is a symbolic link, the file behind it is changed. " +
    "Without mode, owner and group an existing file keeps its own.",
  args: {
    ...fileArgs,
    content: optional(anyText("The text.")),
    src: optional(controllerFile("A file on the controller, looked for in files/ beside the playbook first.")),
  },
  otherNames: { path: "dest", name: "dest" },
  examples: [
    { title: "A text", yaml: 'copy:\n  dest: /etc/motd\n  content: "this is {{ inventory_hostname }}\\n"' },
    { title: "A file", yaml: 'copy:\n  dest: /usr/local/bin/backup\n  src: backup.sh\n  mode: "0755"' },
  ],
  rules: (args) => ((args.content === undefined) === (args.src === undefined) ? ['takes exactly one of "content" and "src"'] : []),
  observe: observeFile,
  parse: parseFile,
  plan: (args, seen) => planFile(args, args.src ? { file: args.src } : { text: args.content ?? "" }, seen),
  result: (args) => ({ dest: args.dest }),
});
