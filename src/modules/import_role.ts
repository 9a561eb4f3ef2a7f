import { roleArgs } from "./_role_args.ts";
import { defineControl } from "./contract.ts";

export const import_role = defineControl({
  name: "import_role",
  summary: "Put the tasks of a role in the place of this task, before the run.",
  notes: "* Its tasks inherit everything: `when`, `tags`, `become`, `vars` and the rest.\n* Its variables and handlers are known to the whole play.\n* A file that is named cannot lie outside the role.",
  args: roleArgs,
  freeForm: "name",
  examples: [{ title: "One part of a role", yaml: "import_role:\n  name: database\n  tasks_from: backup" }],
});
