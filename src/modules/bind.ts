import * as z from "zod";
import { throwProblems, type Problem } from "../core/errors.ts";
import { entryOf, plainOf, type MappingNode, type SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import { Secret } from "../core/secret.ts";
import { nearest } from "../core/suggest.ts";
import { isRequired, resolvedKindOf, scriptWords, type ResolvedKind } from "./args.ts";
import type { ArgsShape, Bound, Description } from "./contract.ts";
import { checkValue, type Finding } from "./_check.ts";

type Described<Shape extends ArgsShape> = Pick<Description<Shape>, "name" | "args" | "otherNames" | "freeKeys" | "rules">;

/**
 * Rendered values to the arguments that a module gets: checked, defaults filled in. Values of resolved kinds are
 * what the engine made of them (a LocalFile, a rendered text, conditions with their verdicts, …). A null stands for
 * an absent optional argument, so that `{{ default(name, null) }}` leaves it out. Throws one BowlineError (E_ARGS)
 * with everything that is wrong; `where` gives the place of one argument's value, `whole` that of the task.
 */
export function bindArgs<Shape extends ArgsShape>(
  module: Described<Shape>,
  values: Readonly<Record<string, unknown>>,
  where: (key: string) => Position,
  whole: Position,
): Bound<Shape> {
  const keys = Object.keys(values);
  const problems = [...unknownKeys(module, keys, where), ...missingKeys(module, keys, (key) => isGiven(module, key, values[key]), whole), ...noKeys(module, keys, whole)];
  const bound: Record<string, unknown> = module.freeKeys ? (revealed(values) as Record<string, unknown>) : {};
  for (const [key, type] of Object.entries(module.args)) {
    const value = isGiven(module, key, values[key]) ? values[key] : undefined;
    if (value === undefined && isRequired(type)) continue;
    const checked = checkValue(type, staysAsItIs.includes(resolvedKindOf(type)) ? value : revealed(value));
    if (!checked.ok) problems.push(...checked.findings.map((finding) => problemOf(module, { key, type }, finding, where(key))));
    else if (checked.value !== undefined) bound[key] = checked.value;
  }
  throwProblems(problems);
  const args = bound as Bound<Shape>;
  throwProblems(brokenRules(module, args, whole));
  return args;
}

/**
 * What can be said of arguments before any host is known: keys that do not exist, required keys that are absent, and
 * literal values that do not fit. Rules over several arguments are checked when none of them holds a template.
 */
export function checkArgs<Shape extends ArgsShape>(module: Described<Shape>, node: MappingNode, isTemplated: (node: SourceNode) => boolean): Problem[] {
  const keys = node.entries.map((entry) => entry.key);
  const problems = [
    ...unknownKeys(module, keys, (key) => entryOf(node, key)!.keyAt),
    ...missingKeys(module, keys, (key) => keys.includes(key), node.at),
    ...noKeys(module, keys, node.at),
  ];
  const bound: Record<string, unknown> = {};
  for (const [key, type] of Object.entries(module.args)) {
    const entry = entryOf(node, key);
    if (entry && isTemplated(entry.value)) continue;
    const checked = entry ? checkLiteral(type, entry.value) : checkValue(type, undefined);
    if (checked.ok) bound[key] = checked.value;
    else if (entry) problems.push(...checked.findings.map((finding) => problemOf(module, { key, type }, finding, nodeAt(entry.value, finding.path).at)));
  }
  const complete = problems.length === 0 && !node.entries.some((entry) => isTemplated(entry.value));
  return complete ? brokenRules(module, bound as Bound<Shape>, node.at) : problems;
}

/** A null is absent, unless null is a value that the argument takes. */
function isGiven(module: Described<ArgsShape>, key: string, value: unknown): boolean {
  if (value === undefined) return false;
  const type = module.args[key];
  return value !== null || type === undefined || type.safeParse(null).success;
}

function unknownKeys(module: Described<ArgsShape>, keys: readonly string[], at: (key: string) => Position): Problem[] {
  if (module.freeKeys) return keys.filter((key) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)).map((key) => noVariable(module, key, at(key)));
  const known = Object.keys(module.args);
  return foreignKeys(module, keys).map(({ key, meant }) => ({
    code: "E_ARGS",
    message: `${module.name}: "${key}" is not an argument`,
    at: at(key),
    expected: known.length === 0 ? "no arguments" : `one of ${known.join(", ")}`,
    ...(meant === undefined ? {} : { hint: `did you mean "${meant}"?` }),
  }));
}

function foreignKeys(module: Described<ArgsShape>, keys: readonly string[]): { key: string; meant: string | undefined }[] {
  const known = Object.keys(module.args);
  return keys.filter((key) => !known.includes(key)).map((key) => ({ key, meant: module.otherNames?.[key] ?? nearest(key, known) }));
}

function noVariable(module: Described<ArgsShape>, key: string, at: Position): Problem {
  return { code: "E_ARGS", message: `${module.name}: "${key}" cannot be the name of a variable`, at, expected: "letters, digits and _, not beginning with a digit" };
}

/** What was meant by a misspelled key is not missing too. */
function missingKeys(module: Described<ArgsShape>, keys: readonly string[], isThere: (key: string) => boolean, at: Position): Problem[] {
  const meant = module.freeKeys ? [] : foreignKeys(module, keys).map((each) => each.meant);
  return Object.entries(module.args)
    .filter(([key, type]) => isRequired(type) && !isThere(key) && !meant.includes(key))
    .map(([key, type]) => ({ code: "E_ARGS", message: `${module.name}: "${key}" is missing`, at, expected: `${key}: ${type.description ?? "a value"}` }));
}

function noKeys(module: Described<ArgsShape>, keys: readonly string[], at: Position): Problem[] {
  return module.freeKeys && keys.length === 0 ? [{ code: "E_ARGS", message: `${module.name}: names no variable`, at, expected: "NAME: value" }] : [];
}

function brokenRules<Shape extends ArgsShape>(module: Described<Shape>, args: Bound<Shape>, at: Position): Problem[] {
  return (module.rules?.(args) ?? []).map((sentence) => ({ code: "E_ARGS", message: `${module.name}: ${sentence}`, at, hint: `bowline doc ${module.name} shows what goes together` }));
}

function problemOf(module: Described<ArgsShape>, arg: { key: string; type: z.ZodType }, finding: Finding, at: Position): Problem {
  const secret = resolvedKindOf(arg.type) === "secret";
  const { description } = arg.type;
  return {
    code: "E_ARGS",
    message: `${module.name}: "${pathText(arg.key, finding.path)}" ${finding.message}`,
    at,
    ...(description === undefined ? {} : { expected: `${arg.key}: ${description}` }),
    seen: secret ? "a secret" : finding.seen,
    ...(finding.hint === undefined ? {} : { hint: finding.hint }),
  };
}

function pathText(key: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => (typeof part === "number" ? `${text}[${part}]` : `${text}.${String(part)}`), key);
}

/** The node that a path leads to, or the nearest one around it. */
function nodeAt(node: SourceNode, path: readonly PropertyKey[]): SourceNode {
  const [first, ...rest] = path;
  if (first === undefined) return node;
  const inner = node.kind === "sequence" ? node.items[Number(first)] : node.kind === "mapping" ? entryOf(node, String(first))?.value : undefined;
  return inner ? nodeAt(inner, rest) : node;
}

/** A value as it stands in the file. What the engine will resolve is checked for its shape, and stands in for itself in the rules. */
function checkLiteral(type: z.ZodType, node: SourceNode) {
  const kind = resolvedKindOf(type);
  const value = plainOf(node);
  if (value === null && !type.safeParse(null).success) {
    const findings: Finding[] = [{ path: [], message: "has no value", seen: "nothing", hint: "give it a value, or take the line out" }];
    return { ok: false as const, findings };
  }
  if (kind === undefined) return checkValue(type, value);
  const shape = checkValue(writtenAs(kind), value);
  return shape.ok ? { ok: true as const, value: standIns[kind](value) } : shape;
}

/** How a person writes what the engine resolves. */
function writtenAs(kind: ResolvedKind): z.ZodType {
  return (writtenTypes[kind] ??= typesAsWritten[kind]());
}

const writtenTypes: Partial<Record<ResolvedKind, z.ZodType>> = {};

const oneCondition = () => z.union([z.string(), z.boolean()], "must be a condition");

const typesAsWritten: Readonly<Record<ResolvedKind, () => z.ZodType>> = {
  secret: () => z.string("must be text"),
  controllerFile: () => z.string("must be the path of a file on the controller").min(1, "must not be empty"),
  scriptFile: () => z.string("must be the path of a script on the controller, and its arguments").min(1, "must not be empty"),
  templateFile: () => z.string("must be the path of a template on the controller").min(1, "must not be empty"),
  conditions: () => z.union([oneCondition(), z.array(oneCondition()).min(1, "must not be empty")], "must be a condition or a list of conditions"),
  expression: () => z.string("must be the name of a variable or an expression").min(1, "must not be empty"),
};

const standIns: Readonly<Record<ResolvedKind, (value: unknown) => unknown>> = {
  secret: (value) => new Secret(String(value)),
  controllerFile: (value) => ({ path: String(value), size: 0, sha256: "" }),
  scriptFile: (value) => ({ file: { path: scriptWords(String(value)).path, size: 0, sha256: "", text: "" }, words: scriptWords(String(value)).words }),
  templateFile: () => "",
  conditions: (value) => (Array.isArray(value) ? value : [value]).map((source) => ({ source: String(source), holds: true })),
  expression: (value) => ({ source: String(value), value: null }),
};

/** A file is one object for all who name it, and may not know its digest yet. */
const staysAsItIs: readonly (ResolvedKind | undefined)[] = ["secret", "controllerFile", "scriptFile"];

/** Arguments that are not secret by their type take secrets as text; the run's redactor knows them and hides them in every event. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}
