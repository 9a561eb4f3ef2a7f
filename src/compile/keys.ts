/** Keywords that plays, roles, blocks and tasks share, in the order in which the docs list them. */
const sharedKeys = [
  "name", "vars", "tags", "become", "become_user", "become_method", "environment", "no_log", "ignore_errors", "ignore_unreachable",
  "any_errors_fatal", "check_mode", "diff", "run_once", "throttle", "timeout", "connection", "port", "remote_user", "module_defaults",
  "collections",
] as const;

export const playKeys = [
  ...sharedKeys, "hosts", "vars_files", "vars_prompt", "gather_facts", "gather_subset", "gather_timeout", "order", "serial", "strategy",
  "max_fail_percentage", "force_handlers", "pre_tasks", "roles", "tasks", "post_tasks", "handlers",
] as const;

/** What stands beside import_playbook. */
export const importKeys = ["name", "import_playbook", "vars", "when", "tags"] as const;

export const blockKeys = [...sharedKeys, "when", "delegate_to", "delegate_facts", "notify", "block", "rescue", "always", "rescue_unreachable"] as const;

/** What an include may lay over the tasks that it brings. */
export const applyKeys = [...sharedKeys, "when", "delegate_to", "delegate_facts", "notify"] as const;

/** Keys of an item of `roles:` that are no parameters of the role. */
export const roleKeys = [...sharedKeys, "role", "when", "delegate_to", "delegate_facts", "notify"] as const;

export const taskKeys = [
  ...sharedKeys, "args", "when", "loop", "loop_control", "register", "until", "retries", "delay", "backoff", "changed_when", "failed_when",
  "notify", "listen", "delegate_to", "delegate_facts", "async", "poll", "action", "local_action",
] as const;

/** What may follow `with_`; each makes a list in its own way (execute/loops.ts). */
export const loopStyles = [
  "items", "list", "dict", "together", "nested", "cartesian", "indexed_items", "flattened", "sequence", "subelements", "random_choice",
  "fileglob", "first_found", "file", "lines", "inventory_hostnames",
] as const;

/** Everything that may stand in an item of a list of tasks, be it a task or a block. */
export const entryKeys: readonly string[] = [...new Set([...taskKeys, ...blockKeys, ...loopStyles.map((style) => `with_${style}`)])];

/** What may stand in a playbook, for editors. */
export const documentKeys = { play: [...playKeys, "import_playbook"], task: entryKeys };

export function laterPlayKey(key: string): string | undefined {
  return Object.hasOwn(otherPlayKeys, key) ? otherPlayKeys[key] : undefined;
}

/** Words of Ansible's that stand somewhere else here, or nowhere. */
const otherPlayKeys: Readonly<Record<string, string>> = {
  fact_path: "own facts are looked for in /etc/bowline/facts.d and /etc/ansible/facts.d",
  validate_argspec: "a role describes its arguments in meta/argument_specs.yml",
  debugger: "use --step, or -vv",
  when: "a play has no condition; put it on a block, or use end_host",
  loop: "a play has no loop; use import_playbook with vars:, once for each item",
  notify: "a play notifies nobody; put it on a block or a task",
  delegate_to: "a play has hosts; put delegate_to on a block or a task",
  become_flags: "sudo gets no further flags; set them in sudoers",
  become_exe: "sudo is looked for on the PATH of the host",
};

const otherTaskKeys: Readonly<Record<string, string>> = {
  vars_files: "a play has them; a task has include_vars",
  hosts: "a play has hosts; a task has delegate_to",
  roles: "a play has roles; a task has import_role and include_role",
  serial: "a play has it; a task has throttle",
  debugger: "use --step, or -vv",
  become_flags: "sudo gets no further flags; set them in sudoers",
  become_exe: "sudo is looked for on the PATH of the host",
  rescue: "it belongs to a block: put the tasks before it under block:",
  always: "it belongs to a block: put the tasks before it under block:",
  rescue_unreachable: "it belongs to a block with a rescue",
};

export function laterTaskKey(key: string): string | undefined {
  return Object.hasOwn(otherTaskKeys, key) ? otherTaskKeys[key] : undefined;
}

/** Modules of Ansible's that people look for, and what does that work here. */
const otherModules: Readonly<Record<string, string>> = {
  cron: "use copy: for a file in /etc/cron.d, or service: for a timer",
  docker_compose: "write a container: task for each service",
  docker_compose_v2: "write a container: task for each service",
  docker_container: "it is called container here",
  docker_image: "it is called image here",
  docker_image_load: "use image: with archive:",
  docker_image_pull: "use image:",
  fetch: "use slurp: with register:, for what is not large",
  filesystem: "use command: mkfs …; fs: mounts what is there",
  git: "use command: git …",
  lvg: "vg: activates a volume group; use command: vgcreate … to make one",
  lvol: "use command: lvcreate …",
  include: "use include_tasks, or import_tasks for what is known before the run",
  mount: "it is called fs here",
  pip: "use command: pip …",
  reboot: "there is none yet",
  unarchive: "use command: tar …",
  uri: "it is called http here",
};

export function otherModule(name: string): string | undefined {
  return Object.hasOwn(otherModules, name) ? otherModules[name] : undefined;
}

/** Names of Ansible's that mean something else here, or nothing. */
export function laterName(name: string): string | undefined {
  if (/^ansible_(python|playbook_python|galaxy)/.test(name)) return "there is no Python here that it could tell of";
  if (/^ansible_[a-z]/.test(name)) return "it is no fact that is gathered: docs/facts.md lists those that are";
  return undefined;
}
