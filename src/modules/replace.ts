import { filledIn, patternOf } from "../core/pattern.ts";
import { anyText, optional, withDefault } from "./args.ts";
import { defineResource, type Bound } from "./contract.ts";
import { editArgs, editNames, editNotes, editRules, editState, lookAtText, parseEdit, pattern, planEdit, type EditSeen } from "./_edit.ts";
import { lazily } from "./_lazy.ts";
import { paths } from "./_path_family.ts";
import { observeAt } from "./_path_look.ts";

const textArgs = lazily(() => {
  const { create: _, ...rest } = editArgs;
  return rest;
});

const replaceArgs = lazily(() => ({
  ...textArgs,
  regexp: pattern("What is replaced, wherever it is; `^` and `$` stand for the ends of lines."),
  replace: withDefault(anyText("What takes its place; `\\1` and `\\g<name>` are what the groups found. Without it, what is found goes."), ""),
  after: optional(pattern("Only what comes behind this is looked at.")),
  before: optional(pattern("Only what comes before this is looked at.")),
}));

type ReplaceArgs = Bound<typeof replaceArgs>;

export const replace = defineResource<typeof replaceArgs, EditSeen>({
  name: "replace",
  summary: "Replace all that a regular expression finds in a file.",
  notes: `${editNotes.trimEnd()}\n* What replaces must not be found again, or a second look finds that it is not so.\n`,
  args: replaceArgs,
  otherNames: { ...editNames, regex: "regexp", replacement: "replace" },
  examples: [
    { title: "A name that changed", yaml: 'replace:\n  path: /etc/hosts\n  regexp: \\bold\\.example\\.com\\b\n  replace: new.example.com' },
    { title: "In one section", yaml: "replace:\n  path: /etc/app.ini\n  after: '\\[server\\]'\n  before: '\\[client\\]'\n  regexp: ^port = \\d+$\n  replace: port = 8080" },
  ],
  rules: (args) => editRules({ ...args, create: false }),
  observe: (args) => observeAt(lookAtText(args)),
  together: { family: paths, subject: lookAtText },
  parse: parseEdit,
  plan,
  state: (args, seen) => editState({ ...args, create: false }, seen, () => plan(args, seen)),
  result: ({ path }) => ({ path }),
});

function plan(args: ReplaceArgs, seen: EditSeen) {
  // A file that is not there is an error: the marker makes the empty text differ.
  return planEdit({ ...args, create: false }, seen, (text) => (seen.text === undefined ? "\n" : replacedIn(args, text)));
}

function replacedIn(args: ReplaceArgs, text: string): string {
  const section = sectionOf(args, text);
  if (!section) return text;
  const [from, to] = section;
  const changed = text.slice(from, to).replace(patternOf(args.regexp, "gm"), (...found: unknown[]) => filledIn(args.replace, groupsOf(found)));
  return text.slice(0, from) + changed + text.slice(to);
}

/** From where to where is looked at; nothing when the marks are not there. */
function sectionOf({ after, before }: ReplaceArgs, text: string): [number, number] | undefined {
  if (after === undefined && before === undefined) return [0, text.length];
  const source = `${after ?? ""}(?<subsection>${after !== undefined && before !== undefined ? "[^]*?" : "[^]*"})${before ?? ""}`;
  return patternOf(source, "ds").exec(text)?.indices?.groups?.["subsection"];
}

/** What String.replace hands over: the match, its groups, the place, the text, and the named groups where there are some. */
function groupsOf(found: readonly unknown[]) {
  const place = found.findIndex((each) => typeof each === "number");
  return { groups: found.slice(0, place) as (string | undefined)[], named: (found[place + 2] ?? {}) as Record<string, string | undefined> };
}
