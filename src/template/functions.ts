import { dateFunctions } from "./functions/dates.ts";
import { encodingFunctions } from "./functions/encodings.ts";
import { filterFunctions } from "./functions/filters.ts";
import type { Functions, TemplateFunction } from "./functions/function.ts";
import { listFunctions } from "./functions/lists.ts";
import { lookupFunctions } from "./functions/lookups.ts";
import { mappingFunctions } from "./functions/mappings.ts";
import { networkFunctions } from "./functions/networks.ts";
import { numberFunctions } from "./functions/numbers.ts";
import { pathFunctions } from "./functions/paths.ts";
import { testFunctions } from "./functions/tests.ts";
import { textFunctions } from "./functions/text.ts";

/** The one table of functions, by subject, in the order of the documentation. */
export const subjects: Readonly<Record<string, Functions>> = {
  "Conditions and tests": testFunctions,
  Text: textFunctions,
  Lists: listFunctions,
  "Picking from lists": filterFunctions,
  Mappings: mappingFunctions,
  Numbers: numberFunctions,
  Encodings: encodingFunctions,
  Paths: pathFunctions,
  Networks: networkFunctions,
  Dates: dateFunctions,
  Lookups: lookupFunctions,
};

export const functions: Functions = Object.assign({}, ...Object.values(subjects)) as Functions;

const byAlias: ReadonlyMap<string, string> = new Map(Object.entries(functions).flatMap(([name, { aliases = [] }]) => aliases.map((alias) => [alias, name] as const)));

/** The name that the documentation has for a function. */
export function ownName(name: string): string {
  return byAlias.get(name) ?? name;
}

/** The function of a name, or of another name of it; names such as `constructor` are none. */
export function functionNamed(name: string): TemplateFunction | undefined {
  const own = ownName(name);
  return Object.hasOwn(functions, own) ? functions[own] : undefined;
}

/** Every name that can be called, aliases too. */
export function functionNames(): string[] {
  return [...Object.keys(functions), ...byAlias.keys()];
}
