/** What the YAML parser says, in the words of the person who has to mend it. */
export function syntaxWords(message: string): { cause: string; hint?: string } {
  const line = message.split("\n")[0]!;
  const known = words.find(({ when }) => when.test(line));
  if (known) return { cause: known.cause, ...(known.hint === undefined ? {} : { hint: known.hint }) };
  return { cause: `this is no YAML: ${line.charAt(0).toLowerCase()}${line.slice(1)}` };
}

const words: readonly { when: RegExp; cause: string; hint?: string }[] = [
  { when: /tabs/i, cause: "a tab where YAML wants blanks", hint: "indent with blanks" },
  { when: /Map keys must be unique/, cause: "this key stands here twice", hint: "take one of them away; the second would silently win" },
  {
    when: /Nested mappings are not allowed in compact mappings/,
    cause: "a second colon where a value stands",
    hint: "put the value in quotes; or, if the next line belongs to it, mend the indentation",
  },
  { when: /Implicit map keys need to be followed by map values/, cause: "there is no colon after this key", hint: "write key: value, or - item with a blank after the dash" },
  { when: /Implicit keys need to be on a single line/, cause: "a key goes over more than one line", hint: "look at the indentation and at the quotes above" },
  { when: /Unexpected scalar at node end/, cause: "the value ends before this", hint: "put the whole value in quotes; a ' inside '…' is written twice" },
  { when: /All (collection|mapping|sequence) items must start at the same column/, cause: "this line is not indented like the ones above it" },
  { when: /A block sequence may not be used as an implicit map key/, cause: "a list where a key is expected", hint: "look at the indentation" },
  { when: /Plain value cannot start with/, cause: "a value cannot begin with this character", hint: "put the value in quotes" },
  { when: /^Flow (map|sequence).*must (be sufficiently indented and )?end with a [}\]]/, cause: "a bracket that was opened is not closed before this" },
];

/** Where a quote was opened that nothing closes; the parser only sees that the text has ended. */
export function openQuote(message: string, text: string, offset: number): number | undefined {
  const quote = /^Missing closing (["'])/.exec(message)?.[1];
  if (quote === undefined) return undefined;
  const before = text.slice(0, offset);
  const opened = [...before.matchAll(new RegExp(`(?:^|[:\\-,[{]\\s*|!\\S+\\s+)${quote}`, "gm"))].at(-1);
  return opened ? opened.index + opened[0].length - 1 : before.lastIndexOf(quote);
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
