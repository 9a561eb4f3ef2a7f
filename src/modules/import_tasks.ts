import { text } from "./args.ts";
import { defineControl } from "./contract.ts";
import { lazily } from "./_lazy.ts";

export const import_tasks = defineControl({
  name: "import_tasks",
  summary: "Put the tasks of a file in the place of this one, before the run.",
  notes: [
    "* Its tasks inherit everything: `when`, `tags`, `become`, `vars` and the rest.",
    "* The name may hold only variables that are known before any host is: `-e`, the play's vars. It cannot loop.",
  ].join("\n"),
  args: lazily(() => ({ file: text("The file of tasks.") })),
  freeForm: "file",
  examples: [{ title: "A file beside this one", yaml: "import_tasks: install.yml\nwhen: wanted\ntags: install" }],
});
