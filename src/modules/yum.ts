import { alsoCalled } from "./contract.ts";
import { dnf } from "./dnf.ts";

export const yum = alsoCalled(dnf, {
  name: "yum",
  summary: "The same as dnf, by the name that older playbooks use.",
  examples: [{ title: "A few packages", yaml: "yum:\n  name: [nginx, curl]" }],
});
