import { patternOf } from "../core/pattern.ts";
import { anyText, oneOf, optional, text, withDefault } from "./args.ts";
import { defineResource, type Bound } from "./contract.ts";
import { bare, editArgs, editNames, editNotes, editRules, editState, linesOf, lookAtText, parseEdit, pattern, planEdit, withLines, type EditSeen } from "./_edit.ts";
import { lazily } from "./_lazy.ts";
import { paths } from "./_path_family.ts";
import { observeAt } from "./_path_look.ts";

const blockArgs = lazily(() => ({
  ...editArgs,
  block: withDefault(anyText("The lines; none at all takes the block away."), ""),
  state: withDefault(oneOf(["present", "absent"], "Whether the block is to be there."), "present"),
  marker: withDefault(text("The line before and behind; `{mark}` stands for what tells the two from each other.").regex(/^[^\n]*$/, "must be one line"), "# {mark} ANSIBLE MANAGED BLOCK"),
  marker_begin: withDefault(text("What stands for `{mark}` before the block."), "BEGIN"),
  marker_end: withDefault(text("What stands for `{mark}` behind the block."), "END"),
  insertafter: optional(pattern("A new block goes behind the last line that this finds; `EOF`, or what finds nothing, is the end.")),
  insertbefore: optional(pattern("A new block goes before the last line that this finds; `BOF` is the beginning.")),
}));

type BlockArgs = Bound<typeof blockArgs>;

export const blockinfile = defineResource<typeof blockArgs, EditSeen>({
  name: "blockinfile",
  summary: "Make a block of lines between two marks stand in a file, or be absent.",
  notes: `${editNotes.trimEnd()}\n* The marks are Ansible's unless others are named, so that its blocks are found. Two blocks in one file need marks of their own.\n`,
  args: blockArgs,
  otherNames: { ...editNames, content: "block", text: "block" },
  examples: [
    { title: "Some hosts", yaml: 'blockinfile:\n  path: /etc/hosts\n  block: |\n    10.0.0.7 db\n    10.0.0.8 cache' },
    { title: "Marks of its own", yaml: 'blockinfile:\n  path: /etc/ssh/sshd_config\n  marker: "# {mark} operators"\n  insertbefore: ^Match\n  block: AllowGroups operators' },
  ],
  rules: (args) => [
    ...editRules(args),
    ...(args.marker.includes("{mark}") || args.marker_begin === args.marker_end ? [] : ['"marker" must have {mark}, which tells the line before from the one behind']),
    ...(args.insertafter !== undefined && args.insertbefore !== undefined ? ['takes one of "insertafter" and "insertbefore"'] : []),
  ],
  observe: (args) => observeAt(lookAtText(args)),
  together: { family: paths, subject: lookAtText },
  parse: parseEdit,
  plan,
  state: (args, seen) => editState(args, seen, () => plan(args, seen)),
  result: ({ path }) => ({ path }),
});

function plan(args: BlockArgs, seen: EditSeen) {
  return planEdit(args, seen, (before) => edited(args, before));
}

function edited(args: BlockArgs, before: string): string {
  const { block, state, marker } = args;
  const [begin, end] = [args.marker_begin, args.marker_end].map((mark) => marker.replaceAll("{mark}", mark));
  const lines = linesOf(before);
  const [from, to] = [begin, end].map((mark) => lines.findLastIndex((line) => bare(line) === mark)).sort((left, right) => left - right) as [number, number];
  const isThere = from >= 0;
  const rest = isThere ? [...lines.slice(0, from), ...lines.slice(to + 1)] : lines;
  const added = state === "absent" || block === "" ? [] : [`${begin}\n`, block.endsWith("\n") ? block : `${block}\n`, `${end}\n`];
  if (added.length === 0 && !isThere) return before;
  return withLines(rest, isThere ? from : newPlace(args, lines), added);
}

function newPlace({ insertafter: after, insertbefore: before }: BlockArgs, lines: readonly string[]): number {
  const source = after ?? before;
  if (source === "BOF") return 0;
  if (source === undefined || source === "EOF") return lines.length;
  const at = lines.findLastIndex((line) => patternOf(source).test(bare(line)));
  return at < 0 ? lines.length : after === undefined ? at : at + 1;
}
