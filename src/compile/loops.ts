import { Reader, kindOf, hintOf, type Problems, checkKeys } from "./shape.ts";
import { isTemplated, type MappingEntry, type MappingNode } from "../core/node.ts";
import { loopStyles } from "./keys.ts";
import type { Loop } from "./program.ts";

const controlKeys = ["label", "loop_var", "index_var", "pause", "break_when", "extended", "extended_allitems"] as const;

/** The loop of a task: `loop`, or `with_…` as Ansible has it. */
export function readLoop(node: MappingNode, reader: Reader, problems: Problems): Loop | undefined {
  const loops = node.entries.filter((entry) => entry.key === "loop" || entry.key.startsWith("with_"));
  const [entry, second] = loops;
  const control = reader.mapping("loop_control");
  if (second) problems.add(second.keyAt, `a task has one loop, this one has "${entry!.key}" and "${second.key}"`, { hint: "make two tasks of it, or one list" });
  if (!entry) {
    if (control) problems.add(reader.entry("loop_control")!.keyAt, '"loop_control" without "loop" does nothing', { hint: "add loop: with the list" });
    return undefined;
  }
  const style = styleOf(entry, problems);
  checkList(entry, style, problems);
  return { style, value: entry.value, ...controlOf(control, problems) };
}

function styleOf({ key, keyAt }: MappingEntry, problems: Problems): string {
  if (key === "loop") return "loop";
  const style = key.slice("with_".length).replace(/^(ansible\.builtin|community\.general)\./, "");
  const known: readonly string[] = loopStyles;
  if (!known.includes(style)) problems.add(keyAt, `"${key}" is not a loop that there is`, hintOf(key, ["loop", ...loopStyles.map((each) => `with_${each}`)]));
  return style;
}

/** Only some make a list of one thing. */
const ofOne = ["items", "dict", "sequence", "random_choice", "fileglob", "first_found", "file", "lines", "inventory_hostnames"];

function checkList({ key, value }: MappingEntry, style: string, problems: Problems): void {
  if (value.kind === "sequence" || isTemplated(value) || ofOne.includes(style)) return;
  if (style === "dict" && value.kind === "mapping") return;
  problems.add(value.at, `"${key}" must be a list, not ${kindOf(value)}`, { expected: 'a list, or "{{ name }}" of one' });
}

function controlOf(control: MappingNode | undefined, problems: Problems): Omit<Loop, "style" | "value"> {
  if (!control) return { variable: "item", breakWhen: [], extended: false };
  checkKeys(control, controlKeys, { what: "loop_control", later: () => undefined }, problems);
  const reader = new Reader(control, problems);
  const indexVariable = reader.identifier("index_var");
  const label = reader.node("label");
  const pause = reader.templated("pause", "number");
  return {
    variable: reader.identifier("loop_var") ?? "item",
    breakWhen: reader.conditions("break_when") ?? [],
    extended: reader.flag("extended") ?? false,
    ...(reader.flag("extended_allitems") === false ? { withoutAll: true as const } : {}),
    ...(indexVariable === undefined ? {} : { indexVariable }),
    ...(label ? { label } : {}),
    ...(pause ? { pause } : {}),
  };
}
