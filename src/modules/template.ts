import { templateFile } from "./args.ts";
import { defineResource } from "./contract.ts";
import { pathState } from "./_access.ts";
import { destArgs, fileArgs, fileNotes, fileRules, lookAtFile, parseFile, planFile, togetherAtFile, type FileSeen } from "./_file.ts";
import { lazily } from "./_lazy.ts";
import { paths } from "./_path_family.ts";
import { observeAt } from "./_path_look.ts";

const templateArgs = lazily(() => ({
  ...destArgs,
  src: templateFile("A Handlebars file, looked for in templates/ beside the playbook first."),
  ...fileArgs,
}));

export const template = defineResource<typeof templateArgs, FileSeen>({
  name: "template",
  summary: "Make a file on the host hold what a Handlebars template gives.",
  notes: `* A name that is not defined is an error with its place in the template, before the host is touched.\n${fileNotes.trimStart()}`,
  args: templateArgs,
  otherNames: { path: "dest", name: "dest", template: "src" },
  examples: [{ title: "A configuration", yaml: 'template:\n  src: service.conf.hbs\n  dest: /etc/service.conf\n  mode: "0640"\nnotify: restart the service' }],
  rules: fileRules,
  observe: (args) => observeAt(lookAtFile(args, { text: args.src })),
  together: { family: paths, subject: (args) => togetherAtFile(args, { text: args.src }) },
  parse: parseFile,
  plan: (args, seen) => planFile(args, { text: args.src }, seen),
  state: (args, seen) => pathState(args.dest, seen, () => planFile(args, { text: args.src }, seen)),
  result: ({ dest }) => ({ dest }),
});
