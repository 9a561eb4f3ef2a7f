import { BowlineError, problemsOf, throwProblems, type Problem } from "../core/errors.ts";
import { nodeOf } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition, Level } from "../core/scope.ts";
import { suggestion } from "../core/suggest.ts";
import { collect } from "./collect.ts";
import type { Groups } from "./groups.ts";
import { literalOf } from "./literals.ts";
import { hostsAndPort } from "./ranges.ts";
import { shellWords, type ShellWord } from "./shell-words.ts";
import { badName, isVariableName } from "./variables.ts";

/** Ansible's INI form: `[group]`, `[group:children]`, `[group:vars]`, hosts with `key=value`. Throws every mistake of the text. */
export function readIni(text: string, file: string, groups: Groups): void {
  const problems: Problem[] = [];
  const named: Named[] = [];
  let section: Section = { group: "ungrouped", kind: "hosts" };
  for (const [index, raw] of text.replace(/^\uFEFF/, "").split("\n").entries()) {
    const line = raw.trim();
    const at = { file, line: index + 1, column: raw.length - raw.trimStart().length + 1 };
    if (line === "" || /^[#;]/.test(line)) continue;
    try {
      if (sectionHead.test(line)) section = sectionOf(line, at, { groups, named });
      else readLine[section.kind](line, section.group, at, { groups, named });
    } catch (error) {
      if (!(error instanceof BowlineError)) throw error;
      problems.push(...problemsOf(error));
    }
  }
  throwProblems([...problems, ...named.filter(({ name }) => !groups.isDeclared(name)).map((group) => unknownGroup(group, groups))]);
}

interface Section {
  readonly group: string;
  readonly kind: Kind;
}

type Kind = "hosts" | "children" | "vars";

/** A group that must be described somewhere, for something was said of it. */
interface Named {
  readonly name: string;
  readonly at: Position;
}

interface Reading {
  readonly groups: Groups;
  readonly named: Named[];
}

/** A host may begin with a bracket too: [a:f].example.com, [2001:db8::1]:2222. */
const sectionHead = /^\[[^\]]*(?:\]\s*(?:[#;].*)?)?$/;

function sectionOf(line: string, at: Position, { groups, named }: Reading): Section {
  const [, name, kind = "hosts"] = /^\[([^:\]\s]+)(?::(children|vars|hosts))?\]\s*(?:[#;].*)?$/.exec(line) ?? [];
  if (name === undefined) throw new BowlineError({ code: "E_INVENTORY", message: `${line} is not a section`, at, expected: "[group], [group:children] or [group:vars], without blanks" });
  if (kind === "vars") named.push({ name, at });
  else groups.declare(name);
  return { group: name, kind: kind as Kind };
}

const readLine: Readonly<Record<Kind, (line: string, group: string, at: Position, reading: Reading) => void>> = {
  hosts: readHostLine,
  children: readChild,
  vars: (line, group, at, { groups }) => groups.addVariables(group, [groupVariable(line, at)]),
};

function readHostLine(line: string, group: string, at: Position, { groups }: Reading): void {
  if (line.startsWith("---")) throw new BowlineError({ code: "E_INVENTORY", message: "this begins like YAML, and is not read as YAML", at, hint: "name the file .yml" });
  const [first, ...rest] = shellWords(line, at);
  const { names, port } = hostsAndPort(first!.text, at);
  const problems: Problem[] = [];
  const variables: Definition[] = port === undefined ? [] : [portVariable(port, at)];
  for (const word of rest) {
    // Blanks around an equals sign make three words of one mistake.
    if (problems.length === 0) collect(problems, () => variables.push(hostVariable(word)));
  }
  for (const host of names) groups.addHost(host, group, variables);
  throwProblems(problems);
}

/** The port behind the name of a host. */
export function portVariable(port: number, at: Position): Definition {
  return { name: "ansible_port", value: nodeOf(port, at), level: "inventory host" };
}

function readChild(line: string, group: string, at: Position, { groups, named }: Reading): void {
  const name = /^([^:\]\s]+)\s*(?:[#;].*)?$/.exec(line)?.[1];
  if (name === undefined) throw new BowlineError({ code: "E_INVENTORY", message: `${line} is not the name of a group`, at, hint: "hosts go under [group], and their variables with them" });
  named.push({ name, at });
  groups.addChild(group, name, at);
}

function unknownGroup({ name, at }: Named, groups: Groups): Problem {
  const near = suggestion(name, groups.groupNames().filter((group) => groups.isDeclared(group)));
  const otherwise = near?.startsWith("did") ? near : `write [${name}] and its hosts below it`;
  const hint = groups.hasHost(name) ? `${name} is a host: it goes under [group], not under [group:children]` : otherwise;
  return { code: "E_INVENTORY", message: `there is no group "${name}"`, at, hint };
}

/** Quotes are the shell's here, so x="5" is the number 5. A list or mapping keeps the quotes in it, which no shell would. */
function hostVariable({ text, raw, at }: ShellWord): Definition {
  const { name, value } = assignment(text, at);
  const asWritten = /^\w+=([[{].*)$/.exec(raw)?.[1];
  const literal = asWritten === undefined ? undefined : literalOf(asWritten);
  return definition(name, typeof literal === "object" ? literal : literalOf(value), { at, level: "inventory host" });
}

/** The value goes to the end of the line: quotes are Python's, and only behind a literal a comment is one. */
function groupVariable(line: string, at: Position): Definition {
  const { name, value } = assignment(line, at);
  return definition(name, literalOf(value), { at, level: "inventory group" });
}

function definition(name: string, value: unknown, { at, level }: { at: Position; level: Level }): Definition {
  return { name, value: nodeOf(value, at), level };
}

function assignment(text: string, at: Position): { name: string; value: string } {
  const [, name, value] = /^([^\s=]+)\s*=\s*(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new BowlineError({ code: "E_INVENTORY", message: `${text} is not key=value`, at, expected: "key=value without blanks around the =, the value in quotes if it has blanks" });
  if (!isVariableName(name)) throw new BowlineError({ ...badName(name, at), code: "E_INVENTORY" });
  return { name, value: value! };
}
