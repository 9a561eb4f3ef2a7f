import { BowlineError, problemsOf } from "../core/errors.ts";
import type { Position } from "../core/position.ts";
import { suggestion } from "../core/suggest.ts";
import type { TemplateFunction } from "./functions/function.ts";
import { isMapping, text } from "./functions/values.ts";

/** What a template may ask of the machine it runs on; handed in, so that templates read nothing themselves. */
export interface Lookups {
  /**
   * What a lookup of this name finds. `render` gives the text of a template file over the variables at hand. Throws in
   * words; a BowlineError is told as it is.
   */
  readonly call: (name: LookupName, terms: readonly unknown[], asked: Asked) => readonly unknown[];
  /** A partial, `{{> name }}`; undefined when there is none. */
  readonly partial: (name: string) => TemplateSource | undefined;
}

export interface Asked {
  readonly options: Readonly<Record<string, unknown>>;
  readonly at: Position;
  readonly render: (source: TemplateSource) => string;
}

/** The text of a template file, and the path that its errors name. */
export interface TemplateSource {
  readonly text: string;
  readonly file: string;
}

/** The lookups that there are, for the docs and for the check before a run. */
export const lookups = {
  env: { summary: "A variable of the environment that Bowline runs in; the option default, or nothing, where it is not set.", example: "lookup('env', 'HOME')" },
  file: { summary: "The text of a file, without the newline at its end. Looked for in files/ beside the playbook, then beside it.", example: "lookup('file', 'key.pub')" },
  fileglob: { summary: "The paths of the files that a pattern matches (*, ?, [a-z]), in order.", example: "query('fileglob', 'keys/*.pub')" },
  first_found: { summary: "The path of the first of these files that exists; with the option skip, nothing when none does.", example: "lookup('first_found', host + '.conf', 'default.conf')" },
  lines: { summary: "The lines that a command on the controller prints.", example: "query('lines', 'git tag')" },
  password: {
    summary: "The password in a file on the controller, which is made (mode 0600) when it is not there. Options: length (20), chars (ascii_letters,digits).",
    example: "lookup('password', 'secrets/db', {'length': 32})",
  },
  pipe: { summary: "What a command on the controller prints, without the newline at its end.", example: "lookup('pipe', 'git rev-parse HEAD')" },
  template: { summary: "The text of a template, rendered. Looked for in templates/ beside the playbook, then beside it.", example: "lookup('template', 'banner.hbs')" },
  vars: { summary: "The value of the variable of a name that is made at run time; the option default where there is none.", example: "lookup('vars', 'port_' + name)" },
} as const satisfies Record<string, { readonly summary: string; readonly example: string }>;

export type LookupName = keyof typeof lookups;

/** What stands around a call of `lookup` or `query`. */
export interface Surroundings {
  readonly port: Lookups | undefined;
  readonly variable: (name: string) => unknown;
  readonly render: (source: TemplateSource) => string;
  readonly at: Position;
}

/** The value of `lookup(name, …)`, or of `query(name, …)`; E_TEMPLATE with the place where it goes wrong. */
export function lookedUp({ looks }: TemplateFunction, [name, ...rest]: readonly unknown[], around: Surroundings): unknown {
  const found = findsOf(text(name), rest, around);
  if (looks === "all") return found;
  return found.length === 1 ? found[0] : found.map(text).join(",");
}

/** Why there is no such lookup, and the nearest name; undefined when there is one. */
export function unknownLookup(name: string): { readonly message: string; readonly hint?: string } | undefined {
  if (Object.hasOwn(lookups, name)) return undefined;
  const hint = suggestion(name, Object.keys(lookups));
  return { message: `there is no lookup "${name}"`, ...(hint === undefined ? {} : { hint }) };
}

function findsOf(name: string, rest: readonly unknown[], around: Surroundings): readonly unknown[] {
  const wrong = unknownLookup(name);
  if (wrong) throw new BowlineError({ code: "E_TEMPLATE", at: around.at, ...wrong });
  const last = rest.at(-1);
  const options = isMapping(last) ? last : {};
  const terms = (isMapping(last) ? rest.slice(0, -1) : rest).flat();
  if (name === "vars") return terms.map((term) => variableOr(text(term), options, around));
  if (!around.port) throw new BowlineError({ code: "E_TEMPLATE", at: around.at, message: "lookups do not work here", hint: "they work in tasks, and in the variables that tasks use" });
  try {
    return around.port.call(name as LookupName, terms, { options, at: around.at, render: around.render });
  } catch (error) {
    if (error instanceof BowlineError) throw new BowlineError(placed(error, around.at), { cause: error });
    throw new BowlineError({ code: "E_TEMPLATE", at: around.at, message: `the lookup ${name} ${error instanceof Error ? error.message : String(error)}` }, { cause: error });
  }
}

function placed(error: BowlineError, at: Position): BowlineError["problems"] {
  const [first, ...rest] = problemsOf(error);
  return [{ at, ...first }, ...rest];
}

function variableOr(name: string, options: Readonly<Record<string, unknown>>, { variable, at }: Surroundings): unknown {
  const value = variable(name) ?? options["default"];
  if (value !== undefined) return value;
  throw new BowlineError({ code: "E_UNDEFINED", at, message: `"${name}" is not defined`, hint: "the option default says what to take then" });
}
