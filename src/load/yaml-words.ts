import { suggestion } from "../core/suggest.ts";

/** What the YAML parser says, in the words of the person who has to mend it; `here` is the line from the place on. */
export function syntaxWords(message: string, here = ""): { cause: string; hint?: string } {
  const line = message.split("\n")[0]!;
  const known = words.find(({ when, alone }) => when.test(line) && (!alone || /^[\w.-]+\s*$/.test(here)));
  if (known) return { cause: known.cause, ...(known.hint === undefined ? {} : { hint: known.hint }) };
  return { cause: `this is no YAML: ${line.charAt(0).toLowerCase()}${line.slice(1)}` };
}

/** `alone`: one word stands there, and nothing behind it. */
const words: readonly { when: RegExp; alone?: true; cause: string; hint?: string }[] = [
  { when: /Implicit keys need to be on a single line/, alone: true, cause: "there is no colon after this key", hint: "write key: value, or - item with a blank after the dash" },
  { when: /tabs/i, cause: "a tab where YAML wants blanks", hint: "indent with blanks" },
  { when: /Map keys must be unique/, cause: "this key stands here twice", hint: "take one of them away; the second would silently win" },
  {
    when: /Nested mappings are not allowed in compact mappings/,
    cause: "a second colon where a value stands",
    hint: "put the value in quotes",
  },
  { when: /Implicit map keys need to be followed by map values/, cause: "there is no colon after this key", hint: "write key: value, or - item with a blank after the dash" },
  { when: /Implicit keys need to be on a single line/, cause: "a key goes over more than one line", hint: "look at the indentation and at the quotes above" },
  { when: /Unexpected scalar at node end/, cause: "the value ends before this", hint: "put the whole value in quotes; a ' inside '…' is written twice" },
  { when: /All (collection|mapping|sequence) items must start at the same column/, cause: "this line is not indented like the ones above it", hint: "begin it in the column of its neighbours" },
  { when: /A block sequence may not be used as an implicit map key/, cause: "a list where a key is expected", hint: "look at the indentation" },
  { when: /Plain value cannot start with/, cause: "a value cannot begin with this character", hint: "put the value in quotes" },
];

/** Where a quote was opened that nothing closes; the parser only sees that the text has ended. */
export function openQuote(message: string, text: string, offset: number): number | undefined {
  const quote = /^Missing closing (["'])/.exec(message)?.[1];
  if (quote === undefined) return undefined;
  const before = text.slice(0, offset);
  const opened = [...before.matchAll(new RegExp(`(?:^|[:\\-,[{]\\s*|!\\S+\\s+)${quote}`, "gm"))].at(-1);
  return opened ? opened.index + opened[0].length - 1 : before.lastIndexOf(quote);
}

/** Where a bracket was opened that nothing closes; the parser only sees what cannot stand inside it. */
export function openBracket(message: string, text: string, offset: number): number | undefined {
  const kind = /^Flow (map|sequence) .* end with a [}\]]/.exec(message)?.[1];
  const [open, close] = kind === "map" ? ["{", "}"] : ["[", "]"];
  if (kind === undefined) return undefined;
  for (let index = offset - 1, depth = 0; index >= 0; index -= 1) {
    if (text[index] === close) depth += 1;
    else if (text[index] === open && (depth -= 1) < 0) return index;
  }
  return undefined;
}

/** A line below a value, read as more of it until its colon came: where it begins. */
export function tooDeepLine(message: string, text: string, offset: number): number | undefined {
  const here = lineFrom(text, offset);
  const isValue = /:[ ]+$/.test(text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset));
  if (!isValue || !/^(Nested mappings are not allowed in compact mappings|Implicit keys need to be on a single line)/.test(message) || /:(\s|$)/.test(here)) return undefined;
  const below = /\S/.exec(text.slice(offset + here.length));
  return below ? offset + here.length + below.index : undefined;
}

export function lineFrom(text: string, offset: number): string {
  return text.slice(offset).split("\n", 1)[0]!;
}

export function anchorHint(name: string, known: readonly string[]): { hint: string } {
  return { hint: suggestion(name, known) ?? `write &${name} before the value that it stands for, or the text in quotes` };
}

/** The `{{ …` of a line that stands where a value begins, outside quotes. */
export function bareBraces(line: string): { text: string; index: number } | undefined {
  const match = /^(\s*(?:- )*(?:[^"'#]*?:\s+|-\s+)?)(\{\{.*?)(\s+#.*)?\s*$/.exec(line);
  return match ? { text: match[2]!, index: match[1]!.length } : undefined;
}

export function tagHint(tag: string): string {
  if (tag === "!unsafe") return "take it away, and write \\{{ where a template must not begin";
  return "!expr, !secret and !vault are all there are";
}
