import type { Course } from "./course.ts";

/** The same playbook for Bowline and Ansible, but for the name of the module and what it must be told besides. */
export function playbookText(course: Course, module: string, more: readonly string[]): string {
  const paths = course.form === "loop" ? ['"{{ item }}"'] : course.directories;
  const tasks = paths.flatMap((path) => [
    `    - name: ${course.form === "loop" ? "directories" : `directory ${path}`}`,
    `      ${module}:`,
    ...[`path: ${path}`, ...more, `owner: ${course.owner}`, `group: ${course.group}`, `mode: "${course.mode}"`].map((line) => `        ${line}`),
  ]);
  const loop = course.form === "loop" ? ["      loop:", ...course.directories.map((path) => `        - ${path}`)] : [];
  return ["- hosts: all", "  gather_facts: false", "  tasks:", ...tasks, ...loop, ""].join("\n");
}

/** The hosts of an inventory in YAML, without variables. */
export function hostsOf(course: Course): Record<string, null> {
  return Object.fromEntries(course.hosts.map((host) => [host, null]));
}
