import { dnf } from "./dnf.ts";

export const yum = {
  ...dnf,
  name: "yum",
  summary: "The same as dnf, by the name that older playbooks use.",
  examples: [{ title: "A few packages", yaml: "yum:\n  name: [nginx, curl]" }],
};
