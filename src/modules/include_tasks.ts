import { mapping, optional, text } from "./args.ts";
import { defineControl } from "./contract.ts";
import { lazily } from "./_lazy.ts";

export const include_tasks = defineControl({
  name: "include_tasks",
  summary: "Run a file of tasks, found when the task is reached.",
  notes: [
    "* It is looked for beside the file that names it, and in the `tasks` of its role. The name may hold templates.",
    "* `when`, `loop` and `tags` are for the include itself: the file is found and read once for each item, and its tasks have only their own tags. `apply` gives them keywords.",
    "* `vars` are seen by its tasks, and are stronger than what tasks set.",
  ].join("\n"),
  args: lazily(() => ({
    file: text("The file of tasks."),
    apply: optional(mapping("Keywords for every task of the file.")),
  })),
  freeForm: "file",
  examples: [
    { title: "By the family of the system", yaml: 'include_tasks: "install-{{ facts.os.family }}.yml"' },
    { title: "Once for each of a list", yaml: "include_tasks:\n  file: user.yml\nloop: [ada, grace]\nloop_control: { loop_var: user }" },
  ],
});
