import type { Argument, Command, Option } from "commander";

/** One word that may come next. */
export interface Completion {
  readonly word: string;
  readonly summary: string;
}

/** What is asked for when a value is typed: names from outside, given what was typed before. */
export type Names = Readonly<Record<"hosts" | "patterns" | "modules" | "runs", (typed: Typed) => Promise<readonly Completion[]>>>;

/** What stands before the word that is completed. */
export interface Typed {
  /** What was named with -i. */
  readonly inventories: readonly string[];
}

/** The word of a reply that says: the shell completes the names of files. */
export const filesWord = ":files";

/** The words that fit where the last of `words` stands; read from the same commands and options that run. */
export async function completions(program: Command, words: readonly string[], names: Names): Promise<readonly Completion[]> {
  // bash hands --limit=web over as three words.
  const typed = words.slice(0, -1).filter((word) => word !== "=");
  const current = words.at(-1) === "=" ? "" : (words.at(-1) ?? "");
  const place = placeOf(program, typed);
  const assigned = /^(--[\w-]+=)(.*)$/.exec(current);
  const option = place.option ?? (assigned ? optionOf(place.command, assigned[1]!.slice(0, -1)) : undefined);
  if (option) return prefixed(await valuesOf(option, place, names), { before: assigned?.[1] ?? "", current: assigned?.[2] ?? current });
  if (current.startsWith("-")) return fitting(optionsOf(place.command), current);
  const argument = place.command.registeredArguments.at(Math.min(place.arguments, place.command.registeredArguments.length - 1));
  const isOpen = argument !== undefined && (place.arguments < place.command.registeredArguments.length || argument.variadic);
  const values = isOpen ? await valuesOf(argument, place, names) : [];
  const commands = place.arguments === 0 ? visible(place.command).map((command) => ({ word: command.name(), summary: command.description() })) : [];
  return fitting([...commands, ...values], current);
}

interface Place extends Typed {
  readonly command: Command;
  /** Words so far that are no options. */
  readonly arguments: number;
  /** The option whose value comes next. */
  readonly option: Option | undefined;
}

function placeOf(program: Command, typed: readonly string[]): Place {
  let place: Place = { command: program, arguments: 0, option: undefined, inventories: [] };
  for (const word of typed) place = after(word, place);
  return place;
}

function after(word: string, place: Place): Place {
  if (place.option) {
    const inventories = place.option.attributeName() === "inventory" ? [...place.inventories, word] : place.inventories;
    return { ...place, option: undefined, inventories };
  }
  if (word.startsWith("-")) {
    const option = optionOf(place.command, word);
    return { ...place, option: option && takesValue(option) ? option : undefined };
  }
  const command = place.arguments === 0 ? place.command.commands.find((each) => each.name() === word) : undefined;
  return command ? { ...place, command } : { ...place, arguments: place.arguments + 1 };
}

function optionOf({ options }: Command, word: string): Option | undefined {
  return options.find(({ long, short }) => word === long || word === short);
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function visible({ commands }: Command): readonly Command[] {
  return commands.filter((command) => command.name() !== "complete");
}

function optionsOf({ options }: Command): Completion[] {
  const own = options.flatMap(({ long, short, description }) => [long, short].filter((flag) => flag !== undefined && flag !== null).map((word) => ({ word, summary: description })));
  return [...own, { word: "--help", summary: "what there is" }];
}

/** What the value of an option or an argument is, by its name; those with choices and those that take any text need none. */
export const valueKinds: Readonly<Record<string, keyof Names | "files" | "text">> = {
  args: "text",
  background: "text",
  becomeMethod: "text",
  becomePasswordFile: "files",
  becomeUser: "text",
  connection: "text",
  connectionPasswordFile: "files",
  explain: "text",
  extraVars: "text",
  file: "files",
  files: "files",
  forks: "text",
  host: "hosts",
  identity: "files",
  inventory: "files",
  keyFile: "files",
  limit: "patterns",
  listHosts: "patterns",
  module: "modules",
  moduleName: "modules",
  output: "text",
  path: "files",
  pattern: "patterns",
  playbook: "files",
  poll: "text",
  privateKey: "files",
  profile: "text",
  recipient: "text",
  run: "runs",
  skip: "text",
  skipTags: "text",
  sshCommonArgs: "text",
  sshExtraArgs: "text",
  startAtTask: "text",
  startRate: "text",
  tags: "text",
  timeout: "text",
  user: "text",
  vaultId: "text",
  vaultPasswordFile: "files",
};

async function valuesOf(what: Option | Argument, typed: Typed, names: Names): Promise<readonly Completion[]> {
  if (what.argChoices) return what.argChoices.map((word) => ({ word, summary: "" }));
  const kind = valueKinds["attributeName" in what ? what.attributeName() : what.name()] ?? "text";
  if (kind === "text") return [];
  return kind === "files" ? [{ word: filesWord, summary: "" }] : names[kind](typed);
}

function fitting(all: readonly Completion[], current: string): readonly Completion[] {
  return all.filter(({ word }) => word === filesWord || word.startsWith(current));
}

/** Of a list with commas the last word is completed. */
function prefixed(all: readonly Completion[], { before, current }: { before: string; current: string }): readonly Completion[] {
  const head = current.slice(0, current.lastIndexOf(",") + 1);
  return fitting(all, current.slice(head.length)).map(({ word, summary }) => (word === filesWord ? { word, summary } : { word: `${before}${head}${word}`, summary }));
}
