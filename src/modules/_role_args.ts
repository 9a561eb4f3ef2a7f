import { optional, text } from "./args.ts";
import { lazily } from "./_lazy.ts";

/** The arguments that import_role and include_role share. */
export const roleArgs = lazily(() => ({
  name: text("The role."),
  tasks_from: optional(text("A file in its `tasks`, in the place of `main`.")),
  vars_from: optional(text("A file in its `vars`, in the place of `main`.")),
  defaults_from: optional(text("A file in its `defaults`, in the place of `main`.")),
  handlers_from: optional(text("A file in its `handlers`, in the place of `main`.")),
}));
