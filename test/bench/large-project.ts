import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Tasks of one role, and of the play itself. */
const perFile = 500;

/** Four tasks as people write them: three to five arguments each, templates in half of them, conditions, loops, handlers. */
const kinds: readonly ((index: number) => string)[] = [
  (index) => `- name: Directory ${index}
  directory:
    path: "{{ root }}/part-${index}"
    owner: root
    group: root
    mode: "0750"
  when: enabled && port > ${index % 100}
`,
  (index) => `- name: File ${index}
  copy:
    dest: /srv/app/conf.d/${index}.conf
    content: "port={{ port }} part=${index}\\n"
    mode: "0644"
    owner: root
  notify: Reload ${index % 7}
`,
  (index) => `- name: Packages ${index}
  apt:
    name: [nginx, curl, git]
    state: present
    update_cache: false
  tags: [packages]
`,
  (index) => `- name: Line ${index}
  lineinfile:
    path: /etc/app.conf
    regexp: "^part${index}="
    line: "part${index}={{ item }}"
  loop: "{{ parts }}"
  register: line_${index % 50}
`,
];

/** A playbook of so many tasks in a directory: a part in the play, the rest in roles. Gives its path. */
export async function largeProject(dir: string, tasks: number): Promise<string> {
  const roles = Math.max(0, Math.ceil(tasks / perFile) - 1);
  const texts: Record<string, string> = {
    "inventory.yml": "all:\n  hosts: { web1: null, web2: null }\n  vars: { port: 8080, root: /srv/app, enabled: true }\n",
    "site.yml": `- hosts: all\n  vars:\n    parts: [one, two]\n${roles > 0 ? `  roles: [${Array.from({ length: roles }, (_, index) => `role${index}`).join(", ")}]\n` : ""}  tasks:\n${indented(tasksFrom(0, Math.min(tasks, perFile)), 4)}  handlers:\n${indented(handlers(), 4)}`,
  };
  for (let role = 0; role < roles; role += 1) {
    const from = (role + 1) * perFile;
    texts[`roles/role${role}/tasks/main.yml`] = tasksFrom(from, Math.min(tasks, from + perFile));
    texts[`roles/role${role}/defaults/main.yml`] = `role${role}_size: ${role}\n`;
  }
  for (const [name, text] of Object.entries(texts)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  return join(dir, "site.yml");
}

function tasksFrom(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => kinds[index % kinds.length]!(from + index)).join("");
}

function handlers(): string {
  return Array.from({ length: 7 }, (_, index) => `- name: Reload ${index}\n  command: systemctl reload app${index}\n`).join("");
}

function indented(text: string, by: number): string {
  return text.replace(/^(?=.)/gm, " ".repeat(by));
}
