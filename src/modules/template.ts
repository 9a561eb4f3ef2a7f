import { templateFile } from "./args.ts";
import { defineResource } from "./contract.ts";
import { fileArgs, observeFile, parseFile, planFile } from "./_file.ts";

export const template = defineResource({
  name: "template",
  summary: "Make a file on the host hold what a Handlebars template gives.",
  notes: "Everything else is as in `copy`. A name that is not defined is an error with its place in the template.",
  args: {
    ...fileArgs,
    src: templateFile("The template, looked for in templates/ beside the playbook first."),
  },
  otherNames: { path: "dest", name: "dest" },
  examples: [{ title: "A configuration", yaml: 'template:\n  src: service.conf.hbs\n  dest: /etc/service.conf\n  mode: "0640"\nnotify: restart the service' }],
  observe: observeFile,
  parse: parseFile,
  plan: (args, seen) => planFile(args, { text: args.src }, seen),
  result: (args) => ({ dest: args.dest }),
});
