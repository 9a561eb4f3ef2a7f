import type { JsonObject } from "../core/json.ts";
import { run } from "../core/step.ts";
import { nearest } from "../core/suggest.ts";
import { listOf, optional, seconds, text, withDefault } from "./args.ts";
import { defineAction } from "./contract.ts";
import { factScript, parseFacts } from "./_facts.ts";
import { ansibleFacts, familiesOfAnsibleFact, isAnsibleFact } from "./_facts_ansible.ts";
import { familyNames, type FamilyName } from "./_facts_table.ts";
import { lazily } from "./_lazy.ts";

export const setup = defineAction({
  name: "setup",
  summary: "Gather facts now, and anew.",
  notes: `
* A play need not ask for its facts: those that it names are gathered by themselves. This is for facts that have changed since, and for \`register\`, which gets \`facts\` and \`ansible_facts\`.
* \`gather_subset\` takes the families of [facts](../facts.md), Ansible's \`all\`, \`min\`, \`hardware\`, \`network\` and \`virtual\`, and the names below \`ansible_facts\`. With \`!\` in front one is left out; \`min\` is always there unless \`!min\` is.
`,
  args: lazily(() => ({
    gather_subset: withDefault(listOf(text("One subset."), "What is gathered."), ["all"]),
    filter: withDefault(listOf(text("One pattern."), "The names below `ansible_facts` that are told, with `*` and `?`, with or without `ansible_` in front."), []),
    gather_timeout: optional(seconds("Seconds for all of it.")),
  })),
  otherNames: { subset: "gather_subset", families: "gather_subset" },
  examples: [
    { title: "All there is", yaml: "setup:\nregister: gathered" },
    { title: "Only the disks, after one was added", yaml: 'setup:\n  gather_subset: ["!all", "!min", disks]' },
  ],
  rules: ({ gather_subset: subsets }) => subsets.flatMap(problemOf),
  readOnly: () => true,
  steps(args) {
    const families = familiesOfSubsets(args.gather_subset);
    const limit = args.gather_timeout === undefined ? {} : { timeout: args.gather_timeout };
    return [run(factScript(families), { title: "gather facts", silent: true, ...limit })];
  },
  outcome({ gather_subset: subsets, filter }, answers) {
    const facts = parseFacts(answers.at(-1)?.stdout ?? "", familiesOfSubsets(subsets));
    const patterns = filter.map(patternOf);
    const named = Object.entries(ansibleFacts(facts)).filter(([name]) => patterns.length === 0 || patterns.some((pattern) => pattern.test(name) || pattern.test(`ansible_${name}`)));
    return { changed: false, data: { facts: facts as JsonObject, ansible_facts: Object.fromEntries(named) } };
  },
});

/** Ansible's subsets; what it collects in `min` is always gathered unless it is left out by name. */
const subsets: Readonly<Record<string, readonly FamilyName[]>> = {
  all: familyNames,
  min: ["os", "kernel", "arch", "hostname", "host", "service_manager", "package_manager", "user", "env", "date", "local"],
  hardware: ["cpu", "memory", "disks", "mounts", "host"],
  network: ["network"],
  virtual: ["virtualization"],
};

function familiesIn(subset: string): readonly FamilyName[] {
  if (Object.hasOwn(subsets, subset)) return subsets[subset]!;
  const family = familyNames.find((name) => name === subset);
  return family ? [family] : familiesOfAnsibleFact(subset);
}

/** As in Ansible: `!all` leaves `min` alone, naming nothing means all but what is left out, and what is named by itself is never left out. */
export function familiesOfSubsets(wanted: readonly string[]): FamilyName[] {
  const without = wanted.filter((name) => name.startsWith("!")).map((name) => name.slice(1));
  const named = wanted.filter((name) => !name.startsWith("!"));
  const asked = new Set([...(named.length === 0 && !without.includes("all") ? familyNames : named.flatMap(familiesIn)), ...(without.includes("min") ? [] : subsets["min"]!)]);
  const dropped = new Set(without.filter((name) => name !== "all").flatMap(familiesIn));
  const kept = new Set(named.filter((name) => name !== "all" && name !== "min").flatMap(familiesIn));
  return familyNames.filter((name) => asked.has(name) && (!dropped.has(name) || kept.has(name)));
}

function problemOf(subset: string): string[] {
  const name = subset.replace(/^!/, "");
  const known = [...Object.keys(subsets), ...familyNames];
  if (known.includes(name) || isAnsibleFact(name)) return [];
  const meant = nearest(name, known);
  return [`"${name}" is no subset${meant === undefined ? "" : `; did you mean "${meant}"?`}`];
}

function patternOf(filter: string): RegExp {
  return new RegExp(`^${filter.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")}$`);
}
