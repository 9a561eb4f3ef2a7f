/** The keys of plays and tasks, in the order in which the docs list them. */
export const playKeys = [
  "name", "hosts", "vars", "vars_files", "become", "become_user", "environment", "tags", "gather_facts", "tasks", "handlers",
] as const;

export const taskKeys = [
  "name", "args", "vars", "when", "loop", "register", "until", "retries", "delay", "tags", "changed_when", "failed_when", "ignore_errors",
  "notify", "environment", "become", "become_user", "no_log", "timeout",
] as const;

const languageLater = "this version reads flat plays: tasks and handlers; it is on the list of what comes next";

export function laterPlayKey(key: string): string | undefined {
  return Object.hasOwn(laterPlayKeys, key) ? laterPlayKeys[key] : undefined;
}

/** Words that an Ansible user rightly expects; each with the way to do it now. */
const laterPlayKeys: Readonly<Record<string, string>> = {
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
  import_playbook: "run each playbook in its turn",
  become_method: "sudo is the only method",
  ignore_unreachable: languageLater,
  collections: "modules have plain names; drop the key",
};

const laterTaskKeys: Readonly<Record<string, string>> = {
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
  vars_files: "a play has them, a task does not",
  hosts: "a play has hosts, a task does not",
  debugger: "use debug: and -vv",
};

/** Every other `with_…` of Ansible. */
export function laterTaskKey(key: string): string | undefined {
  return Object.hasOwn(laterTaskKeys, key) ? laterTaskKeys[key] : key.startsWith("with_") ? "use loop:" : undefined;
}

/** Modules of Ansible's that people look for, and what does that work here. */
const otherModules: Readonly<Record<string, string>> = {
  apt: "use command: apt-get …",
  blockinfile: "use template: or copy: for the whole file",
  cron: "use copy: for a file in /etc/cron.d",
  dnf: "use command: dnf …",
  docker_compose: "write a container: task for each service",
  docker_compose_v2: "write a container: task for each service",
  docker_container: "it is called container here",
  docker_image: "it is called image here",
  docker_image_load: "use image: with archive:",
  docker_image_pull: "use image:",
  fetch: "use command: cat … and register:",
  file: "use directory: for directories, copy: for files, and command: for the rest",
  filesystem: "use command: mkfs …; fs: mounts what is there",
  get_url: "use copy:, or command: curl …",
  git: "use command: git …",
  group: "use command: groupadd …",
  lineinfile: "use template: or copy: for the whole file",
  lvg: "vg: activates a volume group; use command: vgcreate … to make one",
  lvol: "use command: lvcreate …",
  mount: "it is called fs here",
  package: "use command: with the package manager",
  pause: "use wait_for: with seconds",
  pip: "use command: pip …",
  reboot: "there is none yet",
  replace: "use template: or copy: for the whole file",
  script: "use shell: with the text of the script",
  service: "use command: systemctl …",
  setup: "facts are not gathered yet: read what you need with command: and register:",
  slurp: "use command: cat … and register:",
  stat: "use command: test -e … with failed_when: false and register:",
  systemd: "use command: systemctl …",
  systemd_service: "use command: systemctl …",
  unarchive: "use command: tar …",
  uri: "it is called http here",
  user: "use command: useradd …",
  yum: "use command: yum …",
};

export function otherModule(name: string): string | undefined {
  return Object.hasOwn(otherModules, name) ? otherModules[name] : undefined;
}

/** Names that Ansible gives to every task and this version does not. */
export function laterName(name: string): string | undefined {
  if (name === "hostvars") return "a task sees the variables of its own host; what several hosts need goes into group_vars/all.yml";
  if (/^ansible_(play_|loop)/.test(name) || ["play_hosts", "role_path", "role_name"].includes(name)) return "it is not supported yet; groups.all holds the names of all hosts";
  if (/^ansible_/.test(name)) return "facts are not gathered yet: read what you need with command: and register:";
  return name === "lookup" || name === "query" ? "there are no lookups: read it with a task and register:" : undefined;
}
