import { ansibleNamesOf } from "../../src/modules/_facts_ansible.ts";
import type { FactFamily, Fields } from "../../src/modules/_facts_family.ts";
import { factFamilies, familyNames, type FamilyName } from "../../src/modules/_facts_table.ts";

/** docs/facts.md: every family with its fields, and Ansible's names beside it. */
export function factsPage(): string {
  return [
    "# Facts",
    "",
    "A fact is something observed about a host that variables can name: `facts.os.id`. Facts are lazy: a play gathers the families",
    "that it names, before its first task and in one round trip, and a play that names none gathers none.",
    "",
    "What a host does not tell is null; the name is there all the same. A name that no host can have is an error before any host is asked.",
    "",
    "Ansible's names read the same values, as `ansible_facts.distribution` and as `ansible_distribution`; an interface has an entry of its own",
    "there, `ansible_facts.eth0`.",
    "",
    "| family | is | Ansible's names |",
    "|---|---|---|",
    ...familyNames.map((name) => `| \`facts.${name}\` | ${familyOf(name).summary} | ${ansibleNamesOf(name).map((each) => `\`${each}\``).join(", ")} |`),
    "",
    ...familyNames.flatMap(sectionOf),
    "## Own facts",
    "",
    "A host says more of itself in `/etc/bowline/facts.d` and in `/etc/ansible/facts.d`: files `NAME.fact` and `NAME.json` become",
    "`facts.local.NAME`. One that may be executed (`NAME.sh` too) is run, with 10 seconds to end, and what it prints is read. JSON keeps its",
    "types; INI gives a mapping for each section, its keys in lower case and its values text. Where both directories have a name,",
    "Bowline's wins. What cannot be read is `{ error: why }`.",
    "",
    "This page is made from the code by `npm run docs`; a test fails when it is stale.",
    "",
  ].join("\n");
}

function familyOf(name: FamilyName): FactFamily {
  return factFamilies[name];
}

/** A family that is one plain value has all its words in the first table. */
function sectionOf(name: FamilyName): string[] {
  const { fields, each } = familyOf(name);
  const rows = each ? rowsOf(each, "") : rowsOf(fields, `facts.${name}.`);
  if (rows.length === 0) return [];
  const under = each ? [`Each ${name === "mounts" ? "item" : "name"} has:`, ""] : [];
  return [`## facts.${name}`, "", ...under, "| name | type | is |", "|---|---|---|", ...rows, ""];
}

function rowsOf(fields: Fields, above: string): string[] {
  return Object.entries(fields).flatMap(([name, field]) => [`| \`${above}${name}\` | ${field.type} | ${field.words} |`, ...rowsOf(field.fields ?? {}, `${above}${name}.`)]);
}
