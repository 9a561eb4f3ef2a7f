/** A call as somebody would write it, an expression or a `{{ … }}`, and its value. */
export type Example = readonly [source: string, value: unknown];

/** A function that both `{{ helper … }}` and CEL expressions can call; values in and out are plain JSON values. */
export interface TemplateFunction {
  readonly summary: string;
  /** Its parameters by name: `width?` may be left out, `others*` stands for any number of values. */
  readonly takes: readonly string[];
  /** Other names of it, for those who know it by one of them. */
  readonly aliases?: readonly string[];
  /** Which of its arguments may be names that nothing defines; they are null then. */
  readonly lenient?: "first" | "all";
  /** An expression has an operator for it. */
  readonly inCel?: boolean;
  /** It reads something outside of the variables, by the lookups of a run. */
  readonly looks?: "one" | "all";
  readonly examples: readonly Example[];
  /** What it throws is told as `name message`. */
  readonly call: (...args: readonly unknown[]) => unknown;
}

export type Functions = Readonly<Record<string, TemplateFunction>>;

/** So many values can stand in the place of `others*`. */
const most = 6;

/** How few and how many arguments a function takes. */
export function arityOf({ takes }: TemplateFunction): { readonly least: number; readonly most: number } {
  const least = takes.filter((name) => !name.endsWith("?") && !name.endsWith("*")).length;
  return { least, most: takes.some(isMany) ? takes.length + most : takes.length };
}

/** `indent(text, width?, first?)`. */
export function signatureOf(name: string, { takes }: TemplateFunction): string {
  return `${name}(${takes.map((each) => each.replace("*", "…")).join(", ")})`;
}

/** Why a function cannot be called with so many arguments, or undefined when it can. */
export function wrongCount(name: string, entry: TemplateFunction, count: number): string | undefined {
  const { least, most: upTo } = arityOf(entry);
  if (count >= least && count <= upTo) return undefined;
  const wanted = least === upTo ? String(least) : entry.takes.some(isMany) ? `at least ${least}` : upTo === least + 1 ? `${least} or ${upTo}` : `${least} to ${upTo}`;
  return `${name} takes ${wanted} argument${wanted === "1" || wanted === "at least 1" ? "" : "s"}, not ${count}`;
}

/**
 * The arguments of a call in the order of the parameters, those given by name in their places. A name after `others*`
 * comes last. Undefined for a name that the function has not.
 */
export function inPlaces({ takes }: TemplateFunction, values: readonly unknown[], named: Readonly<Record<string, unknown>>): readonly unknown[] {
  const places = [...values];
  for (const [name, value] of Object.entries(named)) {
    const index = placeOfParameter(takes, name);
    const start = takes.findIndex(isMany);
    places[start >= 0 && index > start ? places.length : index] = value;
  }
  return [...places];
}

/** The names that may be written as `name=value`. */
export function parameterNames({ takes }: TemplateFunction): string[] {
  return takes.filter((name) => !isMany(name)).map(bare);
}

function placeOfParameter(takes: readonly string[], name: string): number {
  return takes.findIndex((each) => bare(each) === name);
}

function isMany(name: string): boolean {
  return name.endsWith("*");
}

function bare(name: string): string {
  return name.replace(/[?*]$/, "");
}
