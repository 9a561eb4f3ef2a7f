import { BowlineError } from "../core/errors.ts";
import { nodeOf } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition, Level } from "../core/scope.ts";
import type { Groups } from "./groups.ts";
import { expandRange } from "./ranges.ts";
import { parseYaml } from "./yaml.ts";

/** Ansible's INI form: `[group]`, `[group:children]`, `[group:vars]`, hosts with `key=value`. */
export function readIni(text: string, file: string, groups: Groups): void {
  let section = { group: "ungrouped", kind: "hosts" };
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.replace(/\s+[#;].*$/, "").trim();
    const at = { file, line: index + 1, column: raw.length - raw.trimStart().length + 1 };
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    if (line.startsWith("[")) section = sectionOf(line, at, groups);
    else if (section.kind === "children") groups.addChild(section.group, line, at);
    else if (section.kind === "vars") groups.addVariables(section.group, [assignment(line, at, "inventory group")]);
    else readHostLine(line, section.group, at, groups);
  }
}

function sectionOf(line: string, at: Position, groups: Groups): { group: string; kind: string } {
  const match = /^\[([^:\]]+)(?::(children|vars|hosts))?\]$/.exec(line);
  if (!match) throw new BowlineError({ code: "E_INVENTORY", message: `${line} is not a section`, at, expected: "[group], [group:children] or [group:vars]" });
  groups.addGroup(match[1]!);
  return { group: match[1]!, kind: match[2] ?? "hosts" };
}

function readHostLine(line: string, group: string, at: Position, groups: Groups): void {
  const words = line.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? [];
  const [name, ...rest] = words;
  const variables = rest.map((word) => assignment(word, { ...at, column: at.column + line.indexOf(word) }, "inventory host"));
  for (const host of expandRange(name!, at)) groups.addHost(host, group, variables);
}

/** Values are typed scalars: `5000` is a number and `"5000"` is text, on host lines and in [group:vars] alike. */
function assignment(text: string, at: Position, level: Level): Definition {
  const match = /^([A-Za-z_][\w.]*)\s*=\s*(.*)$/.exec(text);
  if (!match) throw new BowlineError({ code: "E_INVENTORY", message: `${text} is not key=value`, at });
  const [, name, value] = match;
  return { name: name!, value: nodeOf(scalarOf(value!), at), level };
}

function scalarOf(text: string): unknown {
  const quoted = /^"([^"]*)"$|^'([^']*)'$/.exec(text);
  if (quoted) return quoted[1] ?? quoted[2];
  if (/^(True|False)$/.test(text)) return text === "True";
  if (!/^(-?\d+(\.\d+)?|true|false|null)$/.test(text)) return text;
  const node = parseYaml(text, "");
  return node.kind === "scalar" ? node.value : text;
}
