import { BowlineError, type ErrorCode } from "../core/errors.ts";
import { lexWords } from "../core/lex.ts";
import { nearest } from "../core/suggest.ts";
import type { HostConfig } from "./ssh-config.ts";

/** Where arguments for ssh were given, for errors. */
export interface ArgsPlace {
  readonly what: string;
  readonly code: ErrorCode;
}

/**
 * Arguments for ssh, as Ansible's `--ssh-common-args` and `ansible_ssh_common_args` hold them, as what ssh_config would
 * say. No ssh is run, so what Bowline does not do itself is an error: a proxy or a cipher that counts for nothing
 * without a word would be found out too late.
 */
export function sshArguments(text: string, place: ArgsPlace): HostConfig {
  const config: Record<string, string[]> = {};
  const words = wordsOf(text, place);
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [letter, attached] = [word.charAt(1), word.slice(2)];
    if (!word.startsWith("-") || letter === "" || letter === "-") throw notTaken(word, place);
    if (idle.includes(letter)) {
      if (attached !== "") words.unshift(`-${attached}`);
      continue;
    }
    if (letter !== "o" && !letters[letter]) throw notTaken(`-${letter}`, place);
    const value = attached === "" ? words.shift() : attached;
    if (value === undefined) throw wrong(place, `-${letter} needs a value`);
    const { key, values } = letter === "o" ? option(value, place) : { key: letters[letter]!, values: [value] };
    config[key] = [...(config[key] ?? []), ...values];
  }
  return config;
}

/** What stands before is stronger; only keys may come from several, as with ssh. */
export function layeredConfig(...configs: readonly HostConfig[]): HostConfig {
  const keys = new Set(configs.flatMap((config) => Object.keys(config)));
  const values = (key: string) => (key === "identityfile" ? configs.flatMap((config) => config[key] ?? []) : configs.find((config) => config[key])![key]!);
  return Object.fromEntries([...keys].map((key) => [key, values(key)]));
}

/** Letters of ssh(1) by what ssh_config calls the same. */
const letters: Readonly<Record<string, string>> = { J: "proxyjump", i: "identityfile", l: "user", p: "port" };

/** Letters that a connection of ours has no use for: quiet, compressed, without a terminal. */
const idle = ["q", "C", "T", "x", "a"];

/** Keys of ssh_config that a target is made of. */
const taken = [
  "HostName", "Port", "User", "IdentityFile", "IdentitiesOnly", "IdentityAgent", "UserKnownHostsFile", "HostKeyAlias",
  "StrictHostKeyChecking", "ProxyJump", "ConnectTimeout", "ServerAliveInterval",
];

/** Keys that tell the program ssh how to keep and show a connection, which Bowline does on its own. */
const withoutUse = ["ControlMaster", "ControlPath", "ControlPersist", "LogLevel", "BatchMode", "Compression", "TCPKeepAlive", "ServerAliveCountMax"];

function option(text: string, place: ArgsPlace): { key: string; values: string[] } {
  const [, key = "", value = ""] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(text) ?? [];
  if (key === "" || value === "") throw wrong(place, `-o cannot read ${JSON.stringify(text)}`, "Key=value, as in -o ConnectTimeout=5");
  const name = key.toLowerCase();
  if (name === "proxycommand") return { key: "proxyjump", values: [jumpOf(value, place)] };
  if ([...taken, ...withoutUse].some((each) => each.toLowerCase() === name)) return { key: name, values: name === "userknownhostsfile" ? wordsOf(value, place) : [value] };
  throw notTaken(`-o ${key}`, place, nearest(key, taken));
}

/** The one proxy command that stands for a jump host: `ssh -W %h:%p [-q] [-p port] [-l user] host`. */
function jumpOf(command: string, place: ArgsPlace): string {
  const [program, ...words] = wordsOf(command, place);
  const found: { W?: string; p?: string; l?: string; host?: string } = {};
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const letter = /^-([Wpl])$/.exec(word)?.[1] as "W" | "p" | "l" | undefined;
    if (letter) found[letter] = words.shift() ?? "";
    else if (word !== "-q" && (word.startsWith("-") || found.host !== undefined)) throw notTaken("-o ProxyCommand", place);
    else if (word !== "-q") found.host = word;
  }
  if (program !== "ssh" || found.W !== "%h:%p" || found.host === undefined) throw notTaken("-o ProxyCommand", place);
  return `${found.l === undefined ? "" : `${found.l}@`}${found.host}${found.p === undefined ? "" : `:${found.p}`}`;
}

function wordsOf(text: string, place: ArgsPlace): string[] {
  try {
    return lexWords(text);
  } catch (error) {
    throw error instanceof BowlineError ? wrong(place, error.problems[0].message) : error;
  }
}

function notTaken(what: string, place: ArgsPlace, near?: string): BowlineError {
  const expected = `-o with one of ${taken.join(", ")}; or ${Object.keys(letters).map((letter) => `-${letter}`).join(", ")}`;
  return wrong(place, `${what} is not understood: Bowline speaks SSH itself and runs no ssh`, expected, near ?? (what === "-o ProxyCommand" ? "ProxyJump" : undefined));
}

function wrong({ what, code }: ArgsPlace, message: string, expected?: string, near?: string): BowlineError {
  return new BowlineError({ code, message: `${what}: ${message}`, ...(expected === undefined ? {} : { expected }), ...(near === undefined ? {} : { hint: `did you mean -o ${near}=…?` }) });
}
