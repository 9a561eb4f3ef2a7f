import { alsoCalled } from "./contract.ts";
import { service } from "./service.ts";

export const systemd = alsoCalled(service, {
  name: "systemd",
  summary: "The same as service, by Ansible's name for hosts with systemd.",
  examples: [{ title: "Runs, and comes back with the host", yaml: "systemd:\n  name: nginx\n  state: started\n  enabled: true" }],
});
