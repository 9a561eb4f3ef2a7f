import { existsSync, readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import SSHConfig from "ssh-config";
import { BowlineError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { suggestion } from "../core/suggest.ts";
import type { Target } from "./transport.ts";

/** The keys of `ssh:` in the inventory, in ssh_config's words, with Ansible's names for the same. */
const ansibleNames = {
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

type Key = keyof typeof ansibleNames;

/**
 * Where a host is and who we are there: the inventory's `ssh:` before Ansible's variables before ~/.ssh/config before
 * ssh's defaults. Unknown keys of `ssh:` are errors with a suggestion.
 */
export function resolveTarget(name: string, variables: Readonly<Record<string, unknown>>, given: { readonly password?: Secret; readonly configFile?: string } = {}): Target {
  const own = ownSettings(name, variables);
  const config = configOf(settingText(own, "host") ?? name, given.configFile);
  const text = (key: Key, configKey: string) => settingText(own, key) ?? config[configKey.toLowerCase()]?.[0];
  const password = given.password ?? secretOf(own["password"]);
  const passphrase = secretOf(own["passphrase"]);
  return {
    name,
    connection: variables["ansible_connection"] === "local" ? "local" : "ssh",
    host: config["hostname"]?.[0] ?? settingText(own, "host") ?? name,
    port: portOf(name, text("port", "Port")),
    user: text("user", "User") ?? userInfo().username,
    identityFiles: identityFiles(own, config),
    ...(passphrase ? { passphrase } : {}),
    ...(password ? { password } : {}),
    ...agentOf(text("identity_agent", "IdentityAgent")),
    knownHostsFiles: filesOf(own, "known_hosts_file", config["userknownhostsfile"]) ?? [expand("~/.ssh/known_hosts"), "/etc/ssh/ssh_known_hosts"],
    strictHostKeyChecking: checkingOf(name, text("strict_host_key_checking", "StrictHostKeyChecking")),
    proxyJump: jumpsOf(text("proxy_jump", "ProxyJump"), variables, given),
    connectTimeout: Number(text("connect_timeout", "ConnectTimeout") ?? 20),
    serverAliveInterval: Number(text("server_alive_interval", "ServerAliveInterval") ?? 15) || 15,
  };
}

type Settings = Readonly<Partial<Record<Key, unknown>>>;

function ownSettings(name: string, variables: Readonly<Record<string, unknown>>): Settings {
  const ssh = (variables["ssh"] ?? {}) as Record<string, unknown>;
  const known = Object.keys(ansibleNames);
  for (const key of Object.keys(ssh)) {
    if (known.includes(key)) continue;
    const hint = suggestion(key, known);
    throw new BowlineError({ code: "E_INVENTORY", message: `${name}: "${key}" is not a key of ssh:`, expected: known.join(", "), ...(hint ? { hint } : {}) });
  }
  const settings: Partial<Record<Key, unknown>> = {};
  for (const [key, names] of Object.entries(ansibleNames)) {
    const found = ssh[key] ?? names.map((each) => variables[each]).find((value) => value !== undefined && value !== null);
    if (found !== undefined && found !== null) settings[key as Key] = found;
  }
  return settings;
}

function settingText(own: Settings, key: Key): string | undefined {
  return own[key] === undefined ? undefined : String(own[key]);
}

/** ssh_config of a host, keys in lower case, each with all its values. */
function configOf(host: string, file = join(homedir(), ".ssh", "config")): Readonly<Record<string, readonly string[]>> {
  if (!existsSync(file)) return {};
  const computed = SSHConfig.parse(readFileSync(file, "utf8")).compute(host, { ignoreCase: true });
  return Object.fromEntries(Object.entries(computed).map(([key, value]) => [key.toLowerCase(), Array.isArray(value) ? value.map(String) : [String(value)]]));
}

function identityFiles(own: Settings, config: Readonly<Record<string, readonly string[]>>): string[] {
  const chosen = filesOf(own, "identity_file", config["identityfile"]);
  if (chosen) return chosen;
  return ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => join(homedir(), ".ssh", name)).filter((path) => existsSync(path));
}

function filesOf(own: Settings, key: Key, config: readonly string[] | undefined): string[] | undefined {
  const value = own[key];
  const list = value === undefined ? config?.flatMap((words) => words.split(/\s+/)) : Array.isArray(value) ? value.map(String) : [String(value)];
  return list?.map(expand);
}

function expand(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : resolve(path);
}

function portOf(name: string, text: string | undefined): number {
  const port = Number(text ?? 22);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new BowlineError({ code: "E_INVENTORY", message: `${name}: ${JSON.stringify(text)} is not a port`, expected: "1 to 65535" });
}

function agentOf(text: string | undefined): { agent?: string | null } {
  if (text === undefined || text === "SSH_AUTH_SOCK") return {};
  return { agent: text === "none" ? null : expand(text) };
}

function checkingOf(name: string, text: string | undefined): Target["strictHostKeyChecking"] {
  const words: Readonly<Record<string, Target["strictHostKeyChecking"]>> = { yes: "yes", true: "yes", ask: "yes", "accept-new": "accept-new", off: "off", no: "off", false: "off" };
  const checking = words[text ?? "yes"];
  if (checking) return checking;
  throw new BowlineError({ code: "E_INVENTORY", message: `${name}: strict_host_key_checking cannot be ${JSON.stringify(text)}`, expected: "yes, accept-new or off" });
}

/** `[user@]host[:port]`, several with commas; what is not said comes from the settings of the host itself. */
function jumpsOf(text: string | undefined, variables: Readonly<Record<string, unknown>>, given: { readonly configFile?: string }): Target[] {
  if (text === undefined || text === "none" || text === "") return [];
  const ssh = (variables["ssh"] ?? {}) as Record<string, unknown>;
  return text.split(",").map((hop) => {
    const match = /^(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(hop.trim());
    if (!match) throw new BowlineError({ code: "E_INVENTORY", message: `proxy_jump cannot read ${JSON.stringify(hop)}`, expected: "[user@]host[:port]" });
    const [, user, host, port] = match;
    const shared = Object.fromEntries(["identity_file", "known_hosts_file", "strict_host_key_checking", "identity_agent"].flatMap((key) => (ssh[key] === undefined ? [] : [[key, ssh[key]]])));
    return resolveTarget(host!.replace(/^\[|\]$/g, ""), { ssh: { ...shared, ...(user ? { user } : {}), ...(port ? { port } : {}) } }, given);
  });
}

function secretOf(value: unknown): Secret | undefined {
  if (value === undefined || value === null) return undefined;
  return value instanceof Secret ? value : new Secret(String(value));
}
