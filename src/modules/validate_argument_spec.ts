import type { Json } from "../core/json.ts";
import { suggestion } from "../core/suggest.ts";
import { mapping, optional, withDefault } from "./args.ts";
import { defineControl } from "./contract.ts";
import { lazily } from "./_lazy.ts";

export const validate_argument_spec = defineControl({
  name: "validate_argument_spec",
  summary: "Check variables against a description of them, as a role gives it.",
  notes: [
    "A role that has a `meta/argument_specs.yml` runs this by itself before its first task, for the entry point that is called.",
    "",
    "Of each option `type` (str, int, float, bool, list, dict, path, raw), `required`, `choices`, `elements` and `options` are looked at, the last all the way down.",
    "Null stands for a variable that is not defined.",
  ].join("\n"),
  args: lazily(() => ({
    argument_spec: mapping("Name to description."),
    provided_arguments: withDefault(mapping("Name to value."), {}),
    validate_args_context: optional(mapping("Whose arguments they are; for Ansible's playbooks.")),
  })),
  examples: [{ title: "A port", yaml: "validate_argument_spec:\n  argument_spec:\n    port: { type: int, required: true }\n  provided_arguments:\n    port: 5000" }],
  act(args) {
    const wrong = mistakesIn(args.provided_arguments, args.argument_spec, "");
    if (wrong.length === 0) return { changed: false, message: "all arguments are as described" };
    return { changed: false, failed: wrong.join("; "), data: { argument_errors: wrong } };
  },
});

type Mapping = Readonly<Record<string, unknown>>;

/** A sentence for each argument that is not as its description says. */
function mistakesIn(given: unknown, spec: unknown, path: string): string[] {
  if (!isMapping(spec)) return [];
  const values = isMapping(given) ? given : {};
  return Object.entries(spec).flatMap(([name, option]) => mistakesOf(values[name], isMapping(option) ? option : {}, path + name));
}

function mistakesOf(value: unknown, option: Mapping, name: string): string[] {
  if (value === undefined || value === null) return option["required"] === true ? [`${name} is required${about(option)}`] : [];
  const type = String(option["type"] ?? "str");
  const wrong = typeMistake(value, type, name);
  if (wrong !== undefined) return [wrong];
  const choices = option["choices"];
  const items = Array.isArray(value) ? (value as unknown[]) : [value];
  const odd = Array.isArray(choices) ? items.find((item) => !choices.some((choice) => String(choice) === String(item))) : undefined;
  const ofChoice = odd === undefined ? [] : [`${name} must be one of ${(choices as unknown[]).join(", ")}, not ${JSON.stringify(odd)}${near(odd, choices as unknown[])}`];
  const elements = option["elements"];
  const ofItems = Array.isArray(value) && elements !== undefined ? value.flatMap((item, index) => typeMistake(item, String(elements), `${name}[${index}]`) ?? []) : [];
  return [...ofChoice, ...ofItems, ...inside(value, option, name)];
}

function inside(value: unknown, option: Mapping, name: string): string[] {
  const inner = option["options"];
  if (inner === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => mistakesIn(item, inner, `${name}[${index}].`));
  return mistakesIn(value, inner, `${name}.`);
}

function typeMistake(value: unknown, type: string, name: string): string | undefined {
  const test = types[type];
  return test === undefined || test(value) ? undefined : `${name} must be ${words[type] ?? type}, not ${JSON.stringify(value as Json)}`;
}

/** As Ansible takes them: text that reads as a number or a truth is one. */
const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  str: (value) => typeof value !== "object",
  path: (value) => typeof value === "string",
  int: (value) => Number.isInteger(typeof value === "string" && value.trim() !== "" ? Number(value) : value),
  float: (value) => Number.isFinite(typeof value === "string" && value.trim() !== "" ? Number(value) : value),
  bool: (value) => typeof value === "boolean" || /^(true|false|yes|no|on|off|1|0)$/i.test(String(value)),
  list: (value) => Array.isArray(value),
  dict: (value) => isMapping(value),
};

const words: Readonly<Record<string, string>> = { str: "text", path: "a path", int: "a whole number", float: "a number", bool: "true or false", list: "a list", dict: "a mapping" };

function about(option: Mapping): string {
  const description: unknown = [option["description"]].flat()[0];
  return typeof description === "string" ? ` (${description})` : "";
}

function near(value: unknown, choices: readonly unknown[]): string {
  const hint = suggestion(String(value), choices.map(String));
  return hint?.startsWith("did") ? ` (${hint})` : "";
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
