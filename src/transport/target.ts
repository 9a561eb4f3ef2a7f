import { existsSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { sshSettings, unknownSetting } from "../core/ssh-settings.ts";
import { layeredConfig, sshArguments, type ArgsPlace } from "./ssh-args.ts";
import { configOf, expandPath, expandTokens, type HostConfig } from "./ssh-config.ts";
import type { Target } from "./transport.ts";

type Key = keyof typeof sshSettings;

/** What is known besides the inventory. */
export interface Given extends Reaching {
  readonly password?: Secret;
  /** In the place of ~/.ssh/config. */
  readonly configFile?: string;
  /** The hosts that this one is a jump host for. */
  readonly behind?: readonly string[];
}

/** How hosts are reached of which the inventory says nothing else: the connection options of a command line. */
export interface Reaching {
  readonly connection?: string;
  readonly user?: string;
  readonly identityFile?: string;
  /** Seconds. */
  readonly connectTimeout?: number;
  /** Arguments for ssh; the variables of the same names of Ansible take their place. */
  readonly commonArgs?: string;
  readonly extraArgs?: string;
}

/** Throws E_OPTIONS for what no host could be reached with. */
export function checkReaching({ connection, commonArgs = "", extraArgs = "" }: Reaching): void {
  connectionOf(connection, { what: "--connection", code: "E_OPTIONS" });
  sshArguments(commonArgs, { what: "--ssh-common-args", code: "E_OPTIONS" });
  sshArguments(extraArgs, { what: "--ssh-extra-args", code: "E_OPTIONS" });
}

/**
 * Where a host is and who we are there: the inventory's `ssh:` before Ansible's variables before what was given on the
 * command line before arguments for ssh before ~/.ssh/config before ssh's defaults. Unknown keys of `ssh:` are errors with a suggestion, also of one that is only made when it is rendered.
 */
export function resolveTarget(name: string, variables: Readonly<Record<string, unknown>>, given: Given = {}): Target {
  const own = { ...weakSettings(given), ...ownSettings(name, variables) };
  const alias = settingText(own, "host") ?? name;
  const config = layeredConfig(...argumentsOf(name, variables, given), configOf(alias, given.configFile));
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
    connection: connectionOf(variables["ansible_connection"] ?? given.connection, { what: `${name}: ansible_connection`, code: "E_INVENTORY" }),
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

function weakSettings({ user, identityFile, connectTimeout }: Reaching): Settings {
  return {
    ...(user === undefined ? {} : { user }),
    ...(identityFile === undefined ? {} : { identity_file: identityFile }),
    ...(connectTimeout === undefined ? {} : { connect_timeout: connectTimeout }),
  };
}

/** As Ansible hands them to ssh: what is common to its programs first, and so stronger. */
function argumentsOf(name: string, variables: Readonly<Record<string, unknown>>, { commonArgs, extraArgs }: Reaching): HostConfig[] {
  const given = { ansible_ssh_common_args: commonArgs, ansible_ssh_extra_args: extraArgs };
  return Object.entries(given).map(([variable, weaker]) => sshArguments(String(variables[variable] ?? weaker ?? ""), { what: `${name}: ${variable}`, code: "E_INVENTORY" }));
}

/** Ansible's other ways over SSH are the same to us. */
const connections: Readonly<Record<string, Target["connection"]>> = { ssh: "ssh", smart: "ssh", paramiko: "ssh", paramiko_ssh: "ssh", local: "local" };

function connectionOf(value: unknown, { what, code }: ArgsPlace): Target["connection"] {
  const connection = connections[String(value ?? "ssh").replace(/^ansible\.(builtin|netcommon)\./, "")];
  if (connection) return connection;
  throw new BowlineError({ code, message: `${what} cannot be ${JSON.stringify(value)}`, expected: "ssh or local" });
}

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
