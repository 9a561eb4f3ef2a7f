import type { Json } from "../core/json.ts";
import { joinScripts, type Script } from "../core/sh.ts";
import { nearest } from "../core/suggest.ts";
import type { FactFamily, Fields } from "./_facts_family.ts";
import { familiesOfAnsibleFact, isAnsibleFact } from "./_facts_ansible.ts";
import { factFamilies, familyNames, type Facts, type FamilyName } from "./_facts_table.ts";
import { section, sectionsOf } from "./_observe.ts";

/**
 * The families that a reference needs, each once: `facts.os.id` needs os, a whole `facts` or `ansible_facts` all of
 * them, `ansible_facts.distribution` and `ansible_distribution` os. A reference to something else needs none.
 */
export function familiesOf(path: readonly string[]): readonly FamilyName[] {
  const [root = "", name] = path;
  if (root === "facts" || root === "ansible_facts") {
    if (name === undefined) return familyNames;
    if (root === "facts") return isFamily(name) ? [name] : [];
    return familiesOfAnsibleFact(name);
  }
  if (root === "ansible_local") return ["local"];
  return root.startsWith("ansible_") ? familiesOfInjected(root.slice("ansible_".length)) : [];
}

/** Of the names that a play can use without `ansible_facts.` only the known ones: `ansible_host` and its like are no facts. */
function familiesOfInjected(name: string): readonly FamilyName[] {
  return isAnsibleFact(name) ? familiesOfAnsibleFact(name) : [];
}

/** Why a reference below `facts` cannot be right: what is wrong, the names that are there, and the one that was meant. */
export interface FactMistake {
  readonly message: string;
  readonly known: readonly string[];
  readonly meant?: string;
}

/** What can be said of `facts.…` before any host is asked; undefined when nothing can. */
export function factMistake(path: readonly string[]): FactMistake | undefined {
  const [root, name, ...below] = path;
  if (root !== "facts" || name === undefined) return undefined;
  if (!isFamily(name)) return mistake("facts", name, familyNames);
  const { fields, open = false } = factFamilies[name] as FactFamily;
  return open ? undefined : fieldMistake(`facts.${name}`, fields, below);
}

function fieldMistake(above: string, fields: Fields, [name, ...below]: readonly string[]): FactMistake | undefined {
  if (name === undefined) return undefined;
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!field) return mistake(above, name, Object.keys(fields));
  if (field.fields) return fieldMistake(`${above}.${name}`, field.fields, below);
  return undefined;
}

function mistake(above: string, name: string, known: readonly string[]): FactMistake {
  const meant = nearest(name, known);
  return { message: `${above} has no "${name}"`, known, ...(meant === undefined ? {} : { meant }) };
}

function isFamily(name: string): name is FamilyName {
  return Object.hasOwn(factFamilies, name);
}

/** One script that gathers the families, each in a subshell of its own: what one lacks does not keep the others back. */
export function factScript(families: readonly FamilyName[]): Script {
  return joinScripts(families.map((name) => section(name, factFamilies[name].script)));
}

/** What {@link factScript} printed, as the value of `facts`. */
export function parseFacts(output: string, families: readonly FamilyName[]): Facts {
  const sections = sectionsOf({ stdout: output });
  return Object.fromEntries(families.map((name) => [name, factFamilies[name].parse(sections.get(name) ?? "") as Json]));
}
