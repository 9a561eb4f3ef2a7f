import { nearest } from "../core/suggest.ts";

/** The arguments that stand for one option of `docker run`, by the shape of their values, each with its option. */
export const texts = {
  user: "--user",
  hostname: "--hostname",
  workdir: "--workdir",
  network: "--network",
  restart: "--restart",
  memory: "--memory",
  cpus: "--cpus",
  shm_size: "--shm-size",
  pid: "--pid",
  ipc: "--ipc",
  log_driver: "--log-driver",
  stop_signal: "--stop-signal",
} as const;

export const lists = {
  ports: "--publish",
  volumes: "--volume",
  cap_add: "--cap-add",
  cap_drop: "--cap-drop",
  devices: "--device",
  dns: "--dns",
  extra_hosts: "--add-host",
  tmpfs: "--tmpfs",
  security_opt: "--security-opt",
  group_add: "--group-add",
  ulimits: "--ulimit",
} as const;

export const maps = { env: "--env", labels: "--label", log_opts: "--log-opt", sysctls: "--sysctl" } as const;

export const switches = { read_only: "--read-only", privileged: "--privileged", init: "--init", tty: "--tty", interactive: "--interactive", auto_remove: "--rm" } as const;

export type Text = keyof typeof texts;
export type List = keyof typeof lists;
export type MapField = keyof typeof maps;
export type Switch = keyof typeof switches;

/** Options of `docker run` that no argument stands for, but that `run_args` may hold. */
const others = { name: "--name", entrypoint: "--entrypoint", detach: "--detach" } as const;

const spellings: Readonly<Record<string, string>> = {
  "-u": "--user",
  "-h": "--hostname",
  "-w": "--workdir",
  "--net": "--network",
  "-m": "--memory",
  "-p": "--publish",
  "-v": "--volume",
  "-e": "--env",
  "-l": "--label",
  "-t": "--tty",
  "-i": "--interactive",
  "-d": "--detach",
};

type Field = Text | List | MapField | Switch | keyof typeof others;

const fieldOf = new Map<string, Field>(Object.entries({ ...texts, ...lists, ...maps, ...switches, ...others }).map(([field, flag]) => [flag, field as Field]));
const valueless = new Set<string>([...Object.values(switches), others.detach]);

/** What a raw `docker run` string says: the values of each field in order, and a sentence for each thing that is wrong. */
export interface RunArgs {
  readonly values: ReadonlyMap<Field, readonly string[]>;
  readonly problems: readonly string[];
}

/**
 * Reads options as docker's own parser (spf13/pflag) does: `--flag value`, `--flag=value`, `-fvalue`, `-f=value`,
 * `-f value`, and switches in one bundle, `-tid`. An option that is not known is a problem, never passed on unseen.
 */
export function parseRunArgs(words: readonly string[]): RunArgs {
  const values = new Map<Field, string[]>();
  const problems: string[] = [];
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (!/^-./.test(word)) {
      problems.push(`run_args has the word "${word}", which belongs to no option; the image and its command are arguments of their own`);
      continue;
    }
    for (const { flag, joined } of optionsOf(word)) {
      const field = fieldOf.get(flag);
      const value = joined ?? (valueless.has(flag) ? "true" : field && queue.shift());
      if (field === undefined) problems.push(unknownOption(flag));
      else if (value === undefined) problems.push(`run_args ends after ${flag}, which needs a value`);
      else values.set(field, [...(values.get(field) ?? []), value]);
    }
  }
  return { values, problems };
}

/** The options of one word: one, or the switches of a bundle with at most one option that takes the rest as its value. */
function optionsOf(word: string): { flag: string; joined?: string }[] {
  const [, long, value] = /^(--[^=]+)(?:=([^]*))?$/.exec(word) ?? [];
  if (long !== undefined) return [{ flag: spellings[long] ?? long, ...(value === undefined ? {} : { joined: value }) }];
  const options: { flag: string; joined?: string }[] = [];
  for (let at = 1; at < word.length; at++) {
    const short = `-${word[at]}`;
    const flag = spellings[short] ?? short;
    const rest = word.slice(at + 1);
    if (rest !== "" && (!valueless.has(flag) || rest.startsWith("="))) return [...options, { flag, joined: rest.replace(/^=/, "") }];
    options.push({ flag });
  }
  return options;
}

function unknownOption(flag: string): string {
  const best = flag.startsWith("--") ? nearest(flag, [...fieldOf.keys()]) : undefined;
  return `run_args has ${flag}, which this module does not know${best === undefined ? "" : `; did you mean ${best}?`}`;
}
