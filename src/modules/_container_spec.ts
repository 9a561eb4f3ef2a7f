import type { ContainerArgs } from "./_container_args.ts";
import { lists, maps, parseRunArgs, switches, texts, type List, type MapField, type RunArgs, type Switch, type Text } from "./_container_fields.ts";
import { bytesOf, capabilityOf, deviceOf, isAnonymous, portsOf, tmpfsOf, ulimitOf, volumeOf, volumeText } from "./_container_values.ts";

/** What a container should be: arguments and `run_args` in one, every value in its one form. */
export interface Spec {
  readonly texts: Readonly<Record<Text, string | undefined>>;
  readonly lists: Readonly<Record<List, readonly string[]>>;
  readonly maps: Readonly<Record<MapField, Readonly<Record<string, string>>>>;
  readonly switches: Readonly<Record<Switch, boolean>>;
  /** The word that docker calls the entrypoint. */
  readonly entrypoint?: string;
  /** Undefined: the image's. */
  readonly command?: readonly string[];
}

export function specOf(args: ContainerArgs): Spec {
  return reading(args).spec;
}

/** A sentence for everything that is wrong with the arguments taken together. */
export function containerRules(args: ContainerArgs): string[] {
  const { spec, problems } = reading(args);
  const targets = spec.lists.volumes.map((volume) => volumeOf(volume)?.target);
  const twice = targets.filter((target, at) => target !== undefined && targets.indexOf(target) !== at);
  const oddEnv = Object.entries(spec.maps.env).filter(([key, value]) => !/^[^\s=#][^\s=]*$/.test(key) || /[\r\n]/.test(value));
  return [
    ...problems,
    ...(args.image === undefined && args.state !== "absent" ? ['"image" is missing'] : []),
    ...(args.image !== undefined && !/^[A-Za-z0-9]/.test(args.image) ? [`image ${args.image} is not the name of an image`] : []),
    ...twice.map((target) => `two volumes have the target ${target}`),
    ...oddEnv.map(([key]) => `env ${key} cannot be passed on: docker reads variables as lines of NAME=VALUE`),
    ...(spec.switches.auto_remove && !["no", undefined].includes(spec.texts.restart) ? ["auto_remove and a restart policy exclude each other"] : []),
  ];
}

interface Reading {
  readonly spec: Spec;
  readonly problems: readonly string[];
}

function reading(args: ContainerArgs): Reading {
  const raw = parseRunArgs(args.run_args);
  const problems = [...raw.problems];
  const last = (field: Parameters<RunArgs["values"]["get"]>[0]) => raw.values.get(field)?.at(-1);
  const named = last("name");
  if (named !== undefined && named !== args.name) problems.push(`run_args has --name ${named}, but name is ${args.name}`);
  const textOf = (field: Text) => agreed(field, args[field], last(field), problems);
  const [entrypoint, ...more] = args.entrypoint ?? raw.values.get("entrypoint")?.slice(-1) ?? [];
  const command = entrypoint === undefined ? args.command : [...more, ...(args.command ?? [])];
  const spec: Spec = {
    texts: record(texts, (field) => textOf(field)),
    lists: record(lists, (field) => formed(field, [...args[field], ...(raw.values.get(field) ?? [])], problems)),
    maps: record(maps, (field) => merged(field, args[field], raw.values.get(field) ?? [], problems)),
    switches: record(switches, (field) => args[field] || last(field) === "true"),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(command === undefined ? {} : { command }),
  };
  const { cpus } = spec.texts;
  if (cpus !== undefined && !/^\d+(\.\d+)?$/.test(cpus)) problems.push(`cpus ${cpus} is not a number like 1.5`);
  for (const field of ["memory", "shm_size"] as const) {
    const size = spec.texts[field];
    if (size !== undefined && bytesOf(size) === undefined) problems.push(`${field} ${size} is not a size like 512m`);
  }
  return { spec, problems };
}

function record<Key extends string, Value>(fields: Readonly<Record<Key, string>>, make: (field: Key) => Value): Record<Key, Value> {
  return Object.fromEntries((Object.keys(fields) as Key[]).map((field) => [field, make(field)])) as Record<Key, Value>;
}

function agreed(field: string, structured: string | undefined, raw: string | undefined, problems: string[]): string | undefined {
  if (structured !== undefined && raw !== undefined && structured !== raw) problems.push(`${field} is ${structured}, but run_args says ${raw}`);
  return structured ?? raw;
}

function merged(field: string, structured: Readonly<Record<string, string>>, raw: readonly string[], problems: string[]): Record<string, string> {
  const map: Record<string, string> = { ...structured };
  for (const pair of raw) {
    const at = pair.indexOf("=");
    const key = at === -1 ? pair : pair.slice(0, at);
    const value = at === -1 ? "" : pair.slice(at + 1);
    if (at === -1 && field === "env") problems.push(`run_args has -e ${key} without a value: write ${key}=VALUE`);
    if (key in structured && structured[key] !== value) problems.push(`${field} ${key} has one value in ${field} and another in run_args`);
    map[key] = value;
  }
  return map;
}

function formed(field: List, values: readonly string[], problems: string[]): string[] {
  const all = values.flatMap((value) => {
    const form = forms[field]?.(value) ?? (forms[field] ? undefined : [value]);
    if (form === undefined) problems.push(`${field}: "${value}" cannot be read; ${shapes[field] ?? "docker run would not take it"}`);
    return form ?? [];
  });
  return [...new Set(all)];
}

const forms: Readonly<Partial<Record<List, (value: string) => string[] | undefined>>> = {
  ports: portsOf,
  volumes: (value) => {
    const volume = volumeOf(value);
    return volume && !isAnonymous(volume.source) ? [volumeText(volume)] : undefined;
  },
  cap_add: (value) => [capabilityOf(value)],
  cap_drop: (value) => [capabilityOf(value)],
  devices: (value) => [deviceOf(value)],
  ulimits: (value) => [ulimitOf(value)],
  tmpfs: (value) => [tmpfsOf(value)],
};

const shapes: Readonly<Partial<Record<List, string>>> = {
  ports: "write [ADDRESS:]HOSTPORT:PORT[/PROTOCOL]",
  volumes: "write SOURCE:TARGET[:ro] with an absolute SOURCE or the name of a volume: data in a volume without a name is lost with its container",
};

/**
 * The words behind `docker create`. Variables are not among them: their values may be secret, and a command line is
 * for everybody to see.
 */
export function createWords(args: ContainerArgs, spec: Spec): string[] {
  const { env: _, ...visible } = maps;
  return [
    `--name=${args.name}`,
    ...Object.entries(texts).flatMap(([field, flag]) => one(flag, spec.texts[field as Text])),
    ...Object.entries(lists).flatMap(([field, flag]) => spec.lists[field as List].map((value) => `${flag}=${value}`)),
    ...Object.entries(visible).flatMap(([field, flag]) => Object.entries(spec.maps[field as MapField]).map(([key, value]) => `${flag}=${key}=${value}`)),
    ...Object.entries(switches).flatMap(([field, flag]) => (spec.switches[field as Switch] ? [flag] : [])),
    ...one("--entrypoint", spec.entrypoint),
    args.image ?? "",
    ...(spec.command ?? []),
  ];
}

function one(flag: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${flag}=${value}`];
}
