import type { Problem } from "./errors.ts";
import { suggestion } from "./suggest.ts";

/** The keys of `ssh:` in the inventory, in ssh_config's words, with Ansible's names for the same. */
export const sshSettings = {
  host: ["ansible_host", "ansible_ssh_host"],
  port: ["ansible_port", "ansible_ssh_port"],
  user: ["ansible_user", "ansible_ssh_user"],
  identity_file: ["ansible_ssh_private_key_file", "ansible_private_key_file"],
  passphrase: [],
  password: ["ansible_password", "ansible_ssh_pass"],
  known_hosts_file: [],
  strict_host_key_checking: [],
  proxy_jump: [],
  identity_agent: [],
  connect_timeout: ["ansible_timeout"],
  server_alive_interval: [],
} as const satisfies Record<string, readonly string[]>;

const known = Object.keys(sshSettings);

/** What is wrong with a key of `ssh:`, without its place; undefined when it is one of {@link sshSettings}. */
export function unknownSetting(key: string): Problem | undefined {
  if (known.includes(key)) return undefined;
  const hint = suggestion(key, known);
  return { code: "E_INVENTORY", message: `"${key}" is not a key of ssh:`, expected: known.join(", "), ...(hint === undefined ? {} : { hint }) };
}
