import { listOf, optional, text } from "./args.ts";
import { defineControl } from "./contract.ts";
import { lazily } from "./_lazy.ts";

export const include_vars = defineControl({
  name: "include_vars",
  summary: "Read variables from a file, or from every YAML file of a directory, for the rest of the run.",
  notes: [
    "* The file is looked for in the `vars` of the role, in the role, in `vars` beside the file that names it, and beside it.",
    "* They are stronger than the variables of plays, roles, blocks and tasks, and weaker than those that `set_fact` and `register` set.",
    "* The values may hold templates, as in any other file of variables.",
  ].join("\n"),
  args: lazily(() => ({
    file: optional(text("The file.")),
    dir: optional(text("A directory; its files are read in the order of their names.")),
    name: optional(text("Put them all into one variable of this name.")),
    ignore_files: optional(listOf(text("A name."), "Files of the directory that are passed over.")),
  })),
  freeForm: "file",
  rules: (args) => ((args.file === undefined) === (args.dir === undefined) ? ['needs one of "file" and "dir"'] : []),
  examples: [{ title: "By the system", yaml: 'include_vars: "{{ facts.os.family }}.yml"' }],
});
