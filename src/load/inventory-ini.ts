import { BowlineError, problemsOf, throwProblems, type Problem } from "../core/errors.ts";
import { nodeOf, plainOf } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition, Level } from "../core/scope.ts";
import type { Groups } from "./groups.ts";
import { expandRange } from "./ranges.ts";
import { parseYaml } from "./yaml.ts";

/** Ansible's INI form: `[group]`, `[group:children]`, `[group:vars]`, hosts with `key=value`. Throws every mistake of the text. */
export function readIni(text: string, file: string, groups: Groups): void {
  const problems: Problem[] = [];
  const children: { name: string; at: Position }[] = [];
  let section: Section = { group: "ungrouped", kind: "hosts" };
  for (const [index, raw] of text.replace(/^\uFEFF/, "").split("\n").entries()) {
    const line = withoutComment(raw).trim();
    const at = { file, line: index + 1, column: raw.length - raw.trimStart().length + 1 };
    if (line === "") continue;
    try {
      if (line.startsWith("[")) section = sectionOf(line, at, groups);
      else if (section.kind === "children") children.push(childOf(line, section.group, at, groups));
      else if (section.kind === "vars") groups.addVariables(section.group, [assignment(line, at, "inventory group")]);
      else readHostLine(line, section.group, at, groups);
    } catch (error) {
      if (!(error instanceof BowlineError)) throw error;
      problems.push(...problemsOf(error));
    }
  }
  throwProblems([...problems, ...children.filter(({ name }) => !groups.isDeclared(name)).map(({ name, at }) => unknownGroup(name, at, groups))]);
}

interface Section {
  readonly group: string;
  readonly kind: string;
}

/** `#` and `;` begin a comment at the start of a line and behind a blank, not inside quotes. */
function withoutComment(raw: string): string {
  const words = /^(?:[^"'#;]|"[^"]*"|'[^']*'|(?<=\S)[#;])*/.exec(raw)?.[0] ?? raw;
  const rest = raw.slice(words.length);
  return /^["']/.test(rest) ? raw : words;
}

function sectionOf(line: string, at: Position, groups: Groups): Section {
  const match = /^\[([^:\]]+)(?::(children|vars|hosts))?\]$/.exec(line);
  if (!match) throw new BowlineError({ code: "E_INVENTORY", message: `${line} is not a section`, at, expected: "[group], [group:children] or [group:vars]" });
  if (match[2] === "vars") groups.addGroup(match[1]!);
  else groups.declare(match[1]!);
  return { group: match[1]!, kind: match[2] ?? "hosts" };
}

function childOf(name: string, group: string, at: Position, groups: Groups): { name: string; at: Position } {
  groups.addChild(group, name, at);
  return { name, at };
}

function unknownGroup(name: string, at: Position, groups: Groups): Problem {
  const isHost = groups.hasHost(name);
  return {
    code: "E_INVENTORY",
    message: `there is no group "${name}"`,
    at,
    hint: isHost ? `${name} is a host: it goes under [group], not under [group:children]` : `write [${name}] and its hosts below it`,
  };
}

function readHostLine(line: string, group: string, at: Position, groups: Groups): void {
  if ((line.match(/"/g)?.length ?? 0) % 2 === 1) throw new BowlineError({ code: "E_INVENTORY", message: "a quote is not closed", at });
  const words = [...line.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)];
  const [first, ...rest] = words;
  const { name, port } = withPort(first![0]);
  const column = (word: RegExpMatchArray) => ({ ...at, column: at.column + word.index! });
  const variables = [...(port === undefined ? [] : [{ name: "ansible_port", value: nodeOf(port, at), level: "inventory host" as const }]), ...rest.map((word) => assignment(word[0], column(word), "inventory host"))];
  for (const host of expandRange(name, at)) groups.addHost(host, group, variables);
}

/** `web1:2222`; an IPv6 address has more colons, and a range stands in brackets. */
function withPort(word: string): { name: string; port?: number } {
  const match = /^((?:[^:[\]]|\[[^\]]*\])+):(\d+)$/.exec(word);
  return match ? { name: match[1]!, port: Number(match[2]) } : { name: word };
}

/** Values are typed as in YAML: `5000` is a number, `[1, 2]` a list and `"5000"` text, on host lines and in [group:vars] alike. */
function assignment(text: string, at: Position, level: Level): Definition {
  const match = /^([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(text);
  if (!match) throw new BowlineError({ code: "E_INVENTORY", message: `${text} is not key=value`, at, expected: "key=value without blanks around the =, the value in quotes if it has blanks" });
  const [, name, value] = match;
  return { name: name!, value: nodeOf(valueOf(value!, at), at), level };
}

function valueOf(text: string, at: Position): unknown {
  const quoted = /^"([^"]*)"$|^'([^']*)'$/.exec(text);
  if (quoted) return quoted[1] ?? quoted[2];
  if (/^(True|False)$/.test(text)) return text === "True";
  if (text === "None") return null;
  return /^(-?\d+(\.\d+)?|true|false|null|\[.*\]|\{(?!\{).*\})$/.test(text) ? plainValue(text, at) : text;
}

function plainValue(text: string, at: Position): unknown {
  try {
    return plainOf(parseYaml(text, at.file));
  } catch (error) {
    throw new BowlineError({ ...problemsOf(error)[0], at, code: "E_INVENTORY" }, { cause: error });
  }
}
