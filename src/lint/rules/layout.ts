import { entryOf, type MappingEntry, type MappingNode, type SourceNode } from "../../core/node.ts";
import type { LintFile, Task, Variable } from "../file.ts";
import type { Context, Remark, Rule } from "../rule.ts";

/** How the YAML is written. */
export const layoutRules: readonly Rule[] = [
  {
    id: "trailing-spaces",
    summary: "No line ends with blanks.",
    why: "Nobody sees them, and every tool that takes them away makes a change of it.",
    severity: "warning",
    profile: "basic",
    fixable: true,
    examples: { bad: { path: "vars/web.yml", text: "web_port: 80  \n" }, good: { path: "vars/web.yml", text: "web_port: 80\n" } },
    look: {
      file: (file) =>
        linesOutsideBlocks(file).flatMap(({ line, number }) => {
          const blanks = /[ \t]+$/.exec(line);
          if (!blanks) return [];
          const at = file.text.at(number, blanks.index + 1);
          return [{ at, message: "this line ends with blanks", fix: { edits: [file.text.replace(at, blanks[0].length, "")], changes: "nothing" } }];
        }),
    },
  },
  {
    id: "line-end",
    summary: "Lines end with a line feed, the last one too, and no empty lines follow.",
    why: "Scripts in a file with the line ends of Windows do not run, and a last line without its end joins what is put after it.",
    severity: "warning",
    profile: "basic",
    fixable: true,
    examples: { bad: { path: "vars/web.yml", text: "web_port: 80" }, good: { path: "vars/web.yml", text: "web_port: 80\n" } },
    look: { file: lineEnds },
  },
  {
    id: "no-tabs",
    summary: "Blanks stand between words, not tabs.",
    why: "A tab is as wide as somebody's editor says, and YAML takes none where it indents.",
    severity: "warning",
    profile: "basic",
    examples: { bad: { path: "vars/web.yml", text: "web_port:\t80\n" }, good: { path: "vars/web.yml", text: "web_port: 80\n" } },
    look: {
      file: (file) => (file.root ? linesOutsideBlocks(file).flatMap(({ line, number }) => (/\t.*\S/.test(line) ? [{ at: file.text.at(number, line.indexOf("\t") + 1), message: "a tab stands here", hint: 'write a blank, or "\\t" where a text needs one' }] : [])) : []),
    },
  },
  {
    id: "truthy",
    summary: "A boolean is written `true` or `false`.",
    why: "YAML 1.2 reads `yes`, `no`, `on` and `off` as texts, which are neither.",
    severity: "warning",
    profile: "basic",
    fixable: true,
    insteadOf: ["syntax", "args", "expression"],
    examples: {
      bad: { text: "- name: Web\n  hosts: all\n  become: yes\n  tasks: []\n" },
      good: { text: "- name: Web\n  hosts: all\n  become: true\n  tasks: []\n" },
    },
    look: {
      play: ({ node }, context) => flags(node, context),
      task: ({ node, call }: Task, context) => [...flags(node, context), ...(call?.args.entries ?? []).filter(({ key }) => isBoolean(call?.module?.args[key])).flatMap((entry) => truthy(entry, context, true))],
      variable: ({ name, at, value }: Variable, context) => (value ? truthy({ key: name, keyAt: at, value }, context, false) : []),
    },
  },
];

interface NumberedLine {
  readonly line: string;
  readonly number: number;
}

/** What stands in a `|` or `>` is the text of somebody else. */
function linesOutsideBlocks({ text, root }: LintFile): NumberedLine[] {
  const inside = new Set<number>();
  for (const { firstLine, indent } of root ? blocksIn(root) : []) {
    for (let number = firstLine; number <= text.lines.length; number += 1) {
      const line = text.lines[number - 1]!;
      if (line.trim() !== "" && /^ */.exec(line)![0].length < indent) break;
      inside.add(number);
    }
  }
  return text.lines.map((line, index) => ({ line, number: index + 1 })).filter(({ number }) => !inside.has(number));
}

function blocksIn(node: SourceNode): { firstLine: number; indent: number }[] {
  if (node.kind === "sequence") return node.items.flatMap(blocksIn);
  if (node.kind === "mapping") return node.entries.flatMap(({ value }) => blocksIn(value));
  return node.kind === "scalar" && node.block ? [node.block] : [];
}

function lineEnds({ text }: LintFile): Remark[] {
  const { source } = text;
  const carriage = [...source.matchAll(/\r\n/g)].map(({ index }) => ({ from: index, to: index + 1, text: "" }));
  const first = source.slice(0, carriage[0]?.from ?? 0).split("\n").length;
  const windows: Remark[] = carriage.length > 0 ? [{ at: text.at(first, 1), message: "the lines of this file end as on Windows", fix: { edits: carriage, changes: "nothing" } }] : [];
  const last = text.lines.length;
  const end = /\S[ \t\r]*(\n\s*)?$/.exec(source);
  const tail = end?.[1] ?? "";
  if (source.trim() === "" || tail.replace(/[ \t\r]/g, "") === "\n") return windows;
  if (tail === "") return [...windows, { at: text.at(last, 1), message: "the last line has no end", fix: { edits: [{ from: source.length, to: source.length, text: "\n" }], changes: "nothing" } }];
  const from = source.length - tail.length + 1;
  return [...windows, { at: text.at(source.slice(0, from).split("\n").length, 1), message: "the file ends with empty lines", fix: { edits: [{ from, to: source.length, text: "" }], changes: "nothing" } }];
}

const flagKeys = [
  "any_errors_fatal", "become", "changed_when", "check_mode", "delegate_facts", "diff", "failed_when", "force_handlers", "gather_facts", "ignore_errors", "ignore_unreachable", "no_log", "run_once", "when",
];

function flags(node: MappingNode, context: Context): Remark[] {
  return flagKeys.flatMap((key) => {
    const entry = entryOf(node, key);
    return entry ? truthy(entry, context, true) : [];
  });
}

/** `True` is a boolean, oddly written; `yes` is a text, and meant as a boolean only where nothing else may stand. */
function truthy({ key, value }: MappingEntry, { file }: Context, meant: boolean): Remark[] {
  const written = value.kind === "scalar" ? file.text.plain(value) : undefined;
  if (value.kind !== "scalar" || written === undefined) return [];
  const { at } = value;
  const isText = typeof value.value === "string" && /^(yes|no|on|off)$/i.test(value.value);
  if (!isText && !(typeof value.value === "boolean" && written !== String(value.value))) return [];
  const boolean = /^(yes|on|true)$/i.test(written) ? "true" : "false";
  const fix = { edits: [file.text.replace(at, written.length, boolean)], changes: isText ? ("one value" as const) : ("nothing" as const) };
  const hint = meant || !isText ? `write ${boolean}` : `write ${boolean}, or "${written}" where the text is meant`;
  return [{ at, message: `"${key}" is ${isText ? "the text" : "written"} ${written}`, hint, ...(meant || !isText ? { fix } : {}) }];
}

function isBoolean(type: { safeParse(value: unknown): { readonly success: boolean } } | undefined): boolean {
  return type !== undefined && type.safeParse(true).success && !type.safeParse("yes").success;
}
