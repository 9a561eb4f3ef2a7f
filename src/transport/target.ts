import { existsSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { sshSettings, unknownSetting } from "../core/ssh-settings.ts";
import { configOf, expandPath, expandTokens, type HostConfig } from "./ssh-config.ts";
import type { Target } from "./transport.ts";

type Key = keyof typeof sshSettings;

/** What is known besides the inventory. */
export interface Given {
  readonly password?: Secret;
  /** In the place of ~/.ssh/config. */
  readonly configFile?: string;
  /** The hosts that this one is a jump host for. */
  readonly behind?: readonly string[];
}

/**
 * Where a host is and who we are there: the inventory's `ssh:` before Ansible's variables before ~/.ssh/config before
 * ssh's defaults. Unknown keys of `ssh:` are errors with a suggestion, also of one that is only made when it is rendered.
 */
export function resolveTarget(name: string, variables: Readonly<Record<string, unknown>>, given: Given = {}): Target {
  const own = ownSettings(name, variables);
  const alias = settingText(own, "host") ?? name;
  const config = configOf(alias, given.configFile);
  const text = (key: Key, configKey: string) => settingText(own, key) ?? config[configKey.toLowerCase()]?.[0];
  const host = expandTokens(config["hostname"]?.[0] ?? alias, { h: alias });
  const port = portOf(name, text("port", "Port"));
  const user = text("user", "User") ?? userInfo().username;
  const tokens = { d: homedir(), h: host, n: alias, p: String(port), r: user, u: userInfo().username, l: hostname(), L: hostname().split(".")[0]!, i: String(userInfo().uid) };
  const password = given.password ?? secretOf(own["password"]);
  const passphrase = secretOf(own["passphrase"]);
  const hostKeyAlias = config["hostkeyalias"]?.[0];
  return {
    name,
    connection: variables["ansible_connection"] === "local" ? "local" : "ssh",
    host,
    port,
    user,
    ...identitiesOf(own, config, tokens),
    ...(passphrase ? { passphrase } : {}),
    ...(password ? { password } : {}),
    ...agentOf(text("identity_agent", "IdentityAgent"), tokens),
    knownHostsFiles: filesOf(own, "known_hosts_file", config["userknownhostsfile"], tokens) ?? [expandPath("~/.ssh/known_hosts"), "/etc/ssh/ssh_known_hosts"],
    ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
    strictHostKeyChecking: checkingOf(name, text("strict_host_key_checking", "StrictHostKeyChecking")),
    proxyJump: jumpsOf(text("proxy_jump", "ProxyJump"), variables, given, alias),
    connectTimeout: secondsOf(name, "connect_timeout", text("connect_timeout", "ConnectTimeout"), 20),
    serverAliveInterval: secondsOf(name, "server_alive_interval", text("server_alive_interval", "ServerAliveInterval"), 15),
  };
}

type Settings = Readonly<Partial<Record<Key, unknown>>>;

function ownSettings(name: string, variables: Readonly<Record<string, unknown>>): Settings {
  const ssh = (variables["ssh"] ?? {}) as Record<string, unknown>;
  for (const key of Object.keys(ssh)) {
    const problem = unknownSetting(key);
    if (problem) throw new BowlineError({ ...problem, message: `${name}: ${problem.message}` });
  }
  const settings: Partial<Record<Key, unknown>> = {};
  for (const [key, names] of Object.entries(sshSettings)) {
    const found = ssh[key] ?? names.map((each) => variables[each]).find((value) => value !== undefined && value !== null);
    if (found !== undefined && found !== null) settings[key as Key] = found;
  }
  return settings;
}

function settingText(own: Settings, key: Key): string | undefined {
  return own[key] === undefined ? undefined : String(own[key]);
}

type Tokens = Readonly<Record<string, string>>;

function identitiesOf(own: Settings, config: HostConfig, tokens: Tokens): Pick<Target, "identityFiles" | "identitiesAreDefault" | "identitiesOnly"> {
  const chosen = filesOf(own, "identity_file", config["identityfile"], tokens)?.filter((path) => path !== expandPath("none"));
  const only = config["identitiesonly"]?.[0]?.toLowerCase() === "yes" ? { identitiesOnly: true } : {};
  if (chosen) return { identityFiles: chosen, ...only };
  const files = ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => join(homedir(), ".ssh", name)).filter((path) => existsSync(path));
  return { identityFiles: files, identitiesAreDefault: true, ...only };
}

function filesOf(own: Settings, key: Key, config: readonly string[] | undefined, tokens: Tokens): string[] | undefined {
  const value = own[key];
  const list = value === undefined ? config : Array.isArray(value) ? value.map(String) : [String(value)];
  return list?.map((path) => expandPath(path, tokens));
}

/** 0 would mean "never" to ssh; here it means the usual number, since a run must come to an end. */
function secondsOf(name: string, key: Key, text: string | undefined, usual: number): number {
  const seconds = Number(text ?? usual);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds || usual;
  throw new BowlineError({ code: "E_INVENTORY", message: `${name}: ${key} cannot be ${JSON.stringify(text)}`, expected: "a number of seconds" });
}

function portOf(name: string, text: string | undefined): number {
  const port = Number(text ?? 22);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new BowlineError({ code: "E_INVENTORY", message: `${name}: ${JSON.stringify(text)} is not a port`, expected: "1 to 65535" });
}

function agentOf(text: string | undefined, tokens: Tokens): { agent?: string | null } {
  if (text === undefined || text === "SSH_AUTH_SOCK" || text === "$SSH_AUTH_SOCK") return {};
  if (text.startsWith("$")) return { agent: process.env[text.slice(1).replace(/^\{|\}$/g, "")] ?? null };
  return { agent: text === "none" ? null : expandPath(text, tokens) };
}

function checkingOf(name: string, text: string | undefined): Target["strictHostKeyChecking"] {
  const words: Readonly<Record<string, Target["strictHostKeyChecking"]>> = { yes: "yes", true: "yes", ask: "yes", "accept-new": "accept-new", off: "off", no: "off", false: "off" };
  const checking = words[text ?? "yes"];
  if (checking) return checking;
  throw new BowlineError({ code: "E_INVENTORY", message: `${name}: strict_host_key_checking cannot be ${JSON.stringify(text)}`, expected: "yes, accept-new or off" });
}

/**
 * `[user@]host[:port]`, several with commas; what is not said comes from the settings of that host itself, and the first
 * one may have a jump host of its own. The password of the target is for the target only.
 */
function jumpsOf(text: string | undefined, variables: Readonly<Record<string, unknown>>, given: Given, alias: string): Target[] {
  const behind = [...(given.behind ?? []), alias];
  if (text === undefined || text === "none" || text === "") return [];
  const ssh = (variables["ssh"] ?? {}) as Record<string, unknown>;
  const shared = Object.fromEntries(sharedKeys.flatMap((key) => (ssh[key] === undefined ? [] : [[key, ssh[key]]])));
  const hops = text.split(",").map((hop, index) => {
    const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(hop.trim());
    if (!match) throw new BowlineError({ code: "E_INVENTORY", message: `proxy_jump cannot read ${JSON.stringify(hop)}`, expected: "[user@]host[:port]" });
    const [, user, , port] = match;
    const host = match[2]!.replace(/^\[|\]$/g, "");
    const last = index > 0 || behind.includes(host);
    const own = { ...shared, ...(user ? { user } : {}), ...(port ? { port } : {}), ...(last ? { proxy_jump: "none" } : {}) };
    return { host, target: resolveTarget(host, { ssh: own }, { ...(given.configFile === undefined ? {} : { configFile: given.configFile }), behind }) };
  });
  // `Host *` with a ProxyJump names the jump host for the jump host, too: ssh goes there directly.
  if (behind.includes(hops[0]!.host)) return [];
  return hops.flatMap(({ target }) => [...target.proxyJump, target]);
}

const sharedKeys = ["identity_file", "known_hosts_file", "strict_host_key_checking", "identity_agent", "connect_timeout", "server_alive_interval"];

function secretOf(value: unknown): Secret | undefined {
  if (value === undefined || value === null) return undefined;
  return value instanceof Secret ? value : new Secret(String(value));
}
