import * as z from "zod";
import type { LocalFile } from "../core/step.ts";
import { Secret } from "../core/secret.ts";

/**
 * The types of module arguments. Each takes the words that the docs, the errors and the editor's schema show.
 * An argument is required unless wrapped in {@link optional} or {@link withDefault}.
 */

export function text(words: string) {
  return z.string().min(1, "must not be empty").describe(words);
}

/** Text that may be empty; a number or a boolean, as `"{{ port }}"` gives it, becomes text. */
export function anyText(words: string) {
  return z.union([z.string(), z.number(), z.boolean()], "must be text").transform(String).describe(words);
}

/** One word of a command line; a number becomes text. */
export function word(words: string) {
  return z.union([z.string(), z.number()], "must be text").transform(String).describe(words);
}

/** A YAML boolean; the strings "true" and "false", as `-e key=true` gives them, are read as well. */
export function boolean(words: string) {
  return z.preprocess((value) => (value === "true" ? true : value === "false" ? false : value), z.boolean("must be true or false")).describe(words);
}

/** A whole number; a string of digits, as `-e port=5000` gives it, is read as well. */
export function integer(words: string, range: { min?: number; max?: number } = {}) {
  const error = (issue: { code?: string | undefined }) => (issue.code === "invalid_type" ? "must be a whole number" : undefined);
  const number = z.int({ error }).min(range.min ?? Number.MIN_SAFE_INTEGER).max(range.max ?? Number.MAX_SAFE_INTEGER);
  return z.preprocess((value) => (typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value), number).describe(words);
}

export function port(words: string) {
  return integer(words, { min: 1, max: 65535 });
}

/** Seconds, whole or not: `30`, `0.5`. */
export function seconds(words: string) {
  return z.preprocess((value) => (typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value), z.number("must be a number of seconds").min(0)).describe(words);
}

export function absolutePath(words: string) {
  return z
    .string()
    .regex(/^\//, "must be an absolute path")
    .refine((path) => !path.split("/").includes(".."), "must not contain ..")
    .transform((path) => path.replace(/\/+/g, "/").replace(/(.)\/$/, "$1"))
    .describe(words);
}

/** Octal digits in quotes, "0644": a bare 0644 would be another number in every YAML version. */
export function fileMode(words: string) {
  return z
    .string('must be octal digits in quotes, like "0644"')
    .regex(/^[0-7]{3,4}$/, 'must be octal digits in quotes, like "0644"')
    .transform((mode) => mode.padStart(4, "0"))
    .describe(words);
}

export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values, words: string) {
  return z.enum(values, `must be one of ${values.join(", ")}`).describe(words);
}

/** A list; a single value stands for a list of one. */
export function listOf<Item extends z.ZodType>(item: Item, words: string) {
  return z.preprocess((value) => (Array.isArray(value) || value === undefined ? value : [value]), z.array(item)).describe(words);
}

/** Names to values: `env: {KEY: value}`; numbers and booleans become text. */
export function textMap(words: string) {
  return z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).describe(words);
}

/** Names to any values. */
export function mapping(words: string) {
  return z.record(z.string(), z.unknown(), "must be a mapping").describe(words);
}

/** Any value, for debug and set_fact. */
export function anything(words: string) {
  return z.unknown().describe(words);
}

/** A value that is never shown. */
export function secret(words: string) {
  return z
    .union([z.string(), z.instanceof(Secret)])
    .transform((value) => (value instanceof Secret ? value : new Secret(value)))
    .meta({ description: words, bowline: "secret" });
}

/**
 * A file on the controller, written as a path relative to the playbook (`files/` is looked into too). The engine
 * resolves it before the module sees it.
 */
export function controllerFile(words: string) {
  return z.custom<LocalFile>(isLocalFile, "must be a file on the controller").meta({ description: words, bowline: "controllerFile" });
}

/** A script on the controller with its arguments, as one line; see {@link scriptWords}. */
export interface ScriptFile {
  readonly file: LocalFile;
  /** The arguments as they were written. */
  readonly words: string;
}

/** A script on the controller (`files/` is looked into too) and its arguments: `prepare.sh --disk /dev/vdb`. */
export function scriptFile(words: string) {
  return z.object({ file: z.custom<LocalFile>(isLocalFile, "must be a script on the controller"), words: z.string() }).meta({ description: words, bowline: "scriptFile" });
}

/** The path, which stands in quotes when it has blanks, and what follows it. */
export function scriptWords(line: string): { path: string; words: string } {
  const [, path = "", words = ""] = /^\s*("[^"]*"|'[^']*'|\S+)\s*([^]*)$/.exec(line) ?? [];
  return { path: path.replace(/^(["'])(.*)\1$/, "$2"), words };
}

/** A Handlebars file on the controller (`templates/` is looked into too); the module gets the rendered text. */
export function templateFile(words: string) {
  return z.string().meta({ description: words, bowline: "templateFile" });
}

/** CEL conditions; the module gets each with its verdict. */
export function conditions(words: string) {
  return z.array(z.object({ source: z.string(), holds: z.boolean() })).meta({ description: words, bowline: "conditions" });
}

/** A CEL expression or the name of a variable; the module gets its source and its value. */
export function expression(words: string) {
  return z.object({ source: z.string(), value: z.unknown() }).meta({ description: words, bowline: "expression" });
}

/** What the engine resolves before binding; see the helpers above. */
export type ResolvedKind = "secret" | "controllerFile" | "scriptFile" | "templateFile" | "conditions" | "expression";

/** The kind that an argument's type declares, looking through optional and default. */
export function resolvedKindOf(type: z.ZodType): ResolvedKind | undefined {
  if (!kinds.has(type)) kinds.set(type, findKind(type));
  return kinds.get(type);
}

/** Asked for every argument of every task on every host, and slow in zod. */
const kinds = new WeakMap<z.ZodType, ResolvedKind | undefined>();

function findKind(type: z.ZodType): ResolvedKind | undefined {
  const meta = type.meta() as { bowline?: ResolvedKind } | undefined;
  if (meta?.bowline) return meta.bowline;
  return type instanceof z.ZodOptional || type instanceof z.ZodDefault ? findKind(type.unwrap() as z.ZodType) : undefined;
}

/** An argument without {@link optional} or {@link withDefault} around it must be given. */
export function isRequired(type: z.ZodType): boolean {
  return !(type instanceof z.ZodOptional || type instanceof z.ZodDefault);
}

export function optional<Type extends z.ZodType>(type: Type) {
  return withMetaOf(type, type.optional());
}

export function withDefault<Type extends z.ZodType>(type: Type, value: z.output<Type>) {
  return withMetaOf(type, type.default(value as never));
}

function withMetaOf<Type extends z.ZodType>(source: z.ZodType, target: Type): Type {
  const meta = source.meta();
  return meta ? target.meta(meta) : target;
}

function isLocalFile(value: unknown): boolean {
  return typeof value === "object" && value !== null && "sha256" in value && "path" in value;
}
