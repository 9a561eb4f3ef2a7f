/** The keys of plays and tasks, in the order in which the docs list them. */
export const playKeys = [
  "name", "hosts", "vars", "vars_files", "become", "become_user", "environment", "tags", "gather_facts", "tasks", "handlers",
] as const;

export const taskKeys = [
  "name", "args", "vars", "when", "loop", "register", "until", "retries", "delay", "tags", "changed_when", "failed_when", "ignore_errors",
  "notify", "environment", "become", "become_user", "no_log", "timeout",
] as const;

const languageLater = "this version reads flat plays: tasks and handlers; it is on the list of what comes next";

/** Words that an Ansible user rightly expects; each with the way to do it now. */
export const laterPlayKeys: Readonly<Record<string, string>> = {
  roles: "list the tasks of the role under tasks:",
  pre_tasks: "put them at the head of tasks:",
  post_tasks: "put them at the end of tasks:",
  vars_prompt: "give the value with -e",
  serial: "use --limit, one batch after the other",
  max_fail_percentage: languageLater,
  any_errors_fatal: languageLater,
  force_handlers: languageLater,
  strategy: "every play runs as linear",
  order: "hosts run in the order of the inventory",
  throttle: "use --forks",
  port: "set ssh: { port: … } in the inventory",
  remote_user: "set ssh: { user: … } in the inventory",
  connection: "set ansible_connection in the inventory",
  module_defaults: languageLater,
  import_playbook: "name each playbook on the command line in its turn",
  become_method: "sudo is the only method",
  ignore_unreachable: languageLater,
  collections: "modules have plain names; drop the key",
};

export const laterTaskKeys: Readonly<Record<string, string>> = {
  block: "write the tasks one after the other, with the same when:",
  rescue: languageLater,
  always: languageLater,
  delegate_to: "write a play for that host",
  delegate_facts: "write a play for that host",
  run_once: "write a play with hosts: group[0]",
  async: "use timeout: for a bound",
  poll: "use timeout: for a bound",
  loop_control: "the item is called item",
  listen: "notify the handler by its name",
  throttle: "use --forks",
  check_mode: languageLater,
  diff: "use --diff",
  connection: "set ansible_connection in the inventory",
  remote_user: "set ssh: { user: … } in the inventory",
  local_action: "write a play for localhost",
  action: "name the module as the key of the task",
  any_errors_fatal: languageLater,
  ignore_unreachable: languageLater,
  become_method: "sudo is the only method",
  include_tasks: languageLater,
  import_tasks: languageLater,
  include_role: languageLater,
  import_role: languageLater,
  include_vars: "use vars_files:",
  meta: "handlers run at the end of the play",
  with_items: "use loop:",
  with_dict: "use loop: with a list of mappings",
};
