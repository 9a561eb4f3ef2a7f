import { filledIn, patternOf } from "../core/pattern.ts";
import { boolean, oneOf, optional, text, withDefault } from "./args.ts";
import { defineResource, type Bound } from "./contract.ts";
import { bare, editArgs, editNames, editNotes, editRules, editState, linesOf, lookAtText, parseEdit, pattern, planEdit, withLines, type EditSeen } from "./_edit.ts";
import { lazily } from "./_lazy.ts";
import { paths } from "./_path_family.ts";
import { observeAt } from "./_path_look.ts";

const lineArgs = lazily(() => ({
  ...editArgs,
  line: optional(text("The line, whole.").regex(/^[^\n]*$/, "must be one line")),
  state: withDefault(oneOf(["present", "absent"], "Whether the line is to be there."), "present"),
  regexp: optional(pattern("What finds the line that it replaces, the last such one; with `absent`, all lines that go.")),
  search_string: optional(text("The same, as plain text that is somewhere in the line.")),
  backrefs: withDefault(boolean("What `regexp` found fills `\\1` and the like in `line`; where it finds nothing, nothing changes."), false),
  insertafter: optional(pattern("A new line goes behind the last line that this finds; `EOF`, or what finds nothing, is the end.")),
  insertbefore: optional(pattern("A new line goes before the last line that this finds; `BOF` is the beginning.")),
  firstmatch: withDefault(boolean("The first line that is found counts, not the last."), false),
}));

type LineArgs = Bound<typeof lineArgs>;

export const lineinfile = defineResource<typeof lineArgs, EditSeen>({
  name: "lineinfile",
  summary: "Make one line of a file be as it should be, or be absent.",
  notes: `${editNotes.trimEnd()}\n* As in Ansible: what \`regexp\` finds is replaced; else a line that is there already is enough; else it goes where \`insertafter\` and \`insertbefore\` say, or to the end.\n`,
  args: lineArgs,
  otherNames: { ...editNames, regex: "regexp", value: "line" },
  examples: [
    { title: "A setting", yaml: "lineinfile:\n  path: /etc/ssh/sshd_config\n  regexp: ^#?PermitRootLogin\\b\n  line: PermitRootLogin no\n  validate: sshd -t -f %s" },
    { title: "Behind another", yaml: 'lineinfile:\n  path: /etc/hosts\n  line: "10.0.0.7 db"\n  insertafter: ^127\\.0\\.0\\.1' },
    { title: "Not there", yaml: "lineinfile:\n  path: /etc/fstab\n  regexp: \\sswap\\s\n  state: absent" },
  ],
  rules: (args) => [
    ...editRules(args),
    ...(args.state === "present" && args.line === undefined ? ['"line" is missing: what is to be there'] : []),
    ...(args.state === "absent" && args.line === undefined && args.regexp === undefined && args.search_string === undefined ? ['takes "line", "regexp" or "search_string" for what is to go'] : []),
    ...(args.regexp !== undefined && args.search_string !== undefined ? ['takes one of "regexp" and "search_string"'] : []),
    ...(args.insertafter !== undefined && args.insertbefore !== undefined ? ['takes one of "insertafter" and "insertbefore"'] : []),
    ...(args.backrefs && args.regexp === undefined ? ['"backrefs" needs "regexp"'] : []),
  ],
  observe: (args) => observeAt(lookAtText(args)),
  together: { family: paths, subject: lookAtText },
  parse: parseEdit,
  plan,
  state: (args, seen) => editState(args, seen, () => plan(args, seen)),
  result: ({ path }) => ({ path }),
});

function plan(args: LineArgs, seen: EditSeen) {
  return planEdit(args, seen, (before) => (args.state === "absent" ? without(args, before) : having(args, before)));
}

function without(args: LineArgs, before: string): string {
  const finds = finderOf(args) ?? ((line: string) => line === args.line);
  return linesOf(before).filter((line) => !finds(bare(line))).join("");
}

function finderOf({ regexp, search_string: search }: LineArgs): ((line: string) => boolean) | undefined {
  if (regexp !== undefined) return (line) => patternOf(regexp).test(line);
  return search === undefined ? undefined : (line) => line.includes(search);
}

function having(args: LineArgs, before: string): string {
  const { line = "", backrefs, firstmatch } = args;
  const lines = linesOf(before);
  const finds = finderOf(args);
  const found = finds ? placeOf(lines, finds, firstmatch) : -1;
  if (found >= 0) return replaced(lines, found, backrefs ? filled(args, bare(lines[found]!)) : line);
  const same = lines.findLastIndex((each) => bare(each) === line);
  if (same >= 0 || backrefs) return before;
  return withLines(lines, newPlace(args, lines), [`${line}\n`]);
}

function placeOf(lines: readonly string[], finds: (line: string) => boolean, first: boolean): number {
  const test = (line: string) => finds(bare(line));
  return first ? lines.findIndex(test) : lines.findLastIndex(test);
}

function replaced(lines: readonly string[], at: number, line: string): string {
  return bare(lines[at]!) === line ? lines.join("") : lines.with(at, `${line}\n`).join("");
}

function filled({ line = "", regexp = "" }: LineArgs, found: string): string {
  const match = patternOf(regexp).exec(found);
  return match ? filledIn(line, { groups: [...match], named: match.groups ?? {} }) : line;
}

function newPlace({ insertafter: after, insertbefore: before, firstmatch }: LineArgs, lines: readonly string[]): number {
  if (before === "BOF" || after === "BOF") return 0;
  const source = after ?? before;
  if (source === undefined || source === "EOF") return lines.length;
  const at = placeOf(lines, (line) => patternOf(source).test(line), firstmatch);
  return at < 0 ? lines.length : after === undefined ? at : at + 1;
}
