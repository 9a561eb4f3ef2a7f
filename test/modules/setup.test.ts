import { setup } from "../../src/modules/setup.ts";
import { factScript } from "../../src/modules/_facts.ts";
import { familyNames, type FamilyName } from "../../src/modules/_facts_table.ts";
import { actor } from "./_actor.ts";
import { answerOf, shells } from "./_shells.ts";

const { step, outcome, readOnly, badArguments } = actor(setup);

const min: FamilyName[] = ["os", "kernel", "arch", "hostname", "host", "service_manager", "package_manager", "user", "env", "date", "local"];
const inOrder = (names: readonly FamilyName[]) => familyNames.filter((name) => names.includes(name));

test.each<[string, readonly string[] | string, readonly FamilyName[]]>([
  ["all", "all", familyNames],
  ["only the least", "!all", min],
  ["nothing but what is named", ["!all", "!min", "disks"], ["disks"]],
  ["the least is always there", "network", [...min, "network"]],
  ["hardware", ["!min", "hardware"], ["cpu", "memory", "disks", "mounts", "host"]],
  ["all but", "!hardware", familyNames.filter((name) => !["cpu", "memory", "disks", "mounts", "host"].includes(name))],
  ["by Ansible's name of a fact", ["!min", "distribution", "default_ipv4"], ["os", "network"]],
  ["all but the least", ["all", "!min"], familyNames.filter((name) => !min.includes(name))],
])("gathers %s", (_, subset, families) => {
  expect(step({ gather_subset: subset }).script).toEqual(factScript(inOrder(families)));
});

test.each<[string, string]>([
  ["netwrok", 'setup: "netwrok" is no subset; did you mean "network"?'],
  ["!ohai", 'setup: "ohai" is no subset'],
])("bad subset: %s", (subset, message) => {
  expect(badArguments({ gather_subset: subset })).toBe(message);
});

test("check mode gathers too, and a limit is passed on", () => {
  expect(readOnly({})).toBe(true);
  expect(step({ gather_timeout: 3 }).timeout).toBe(3);
});

test.each(shells)("under %s register gets both kinds of names, those of Ansible filtered", (_, shell) => {
  const raw = { gather_subset: ["!all", "!min", "kernel", "arch"], filter: ["ansible_kern*", "machin?"] };
  const { data } = outcome(raw, answerOf(shell, step(raw).script));
  expect(data).toMatchObject({ facts: { kernel: { name: "Linux" } } });
  expect(Object.keys(data!["ansible_facts"] as object)).toEqual(["kernel", "kernel_version", "machine"]);
});
