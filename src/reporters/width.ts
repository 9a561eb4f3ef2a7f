import { stripVTControlCharacters } from "node:util";
import { eastAsianWidth } from "get-east-asian-width";

/** The columns that a text takes in a terminal: wide characters take two, combining ones none, colours none. */
export function widthOf(text: string): number {
  const bare = stripVTControlCharacters(text);
  if (/^[\x20-\x7e]*$/.test(bare)) return bare.length;
  return [...graphemes().segment(bare)].reduce((width, { segment }) => width + graphemeWidth(segment), 0);
}

/** The text with blanks after it, to this many columns. */
export function padded(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - widthOf(text)));
}

/** As much of the text as fits into this many columns, with a mark where something is missing. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let shown = "";
  let width = 1;
  for (const { segment } of graphemes().segment(text)) {
    width += graphemeWidth(segment);
    if (width > columns) break;
    shown += segment;
  }
  return `${shown}…`;
}

/** What a person sees as one character, so that none is cut in two. Made when a text needs it: it reads the tables of all scripts. */
function graphemes(): Intl.Segmenter {
  return (segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" }));
}

let segmenter: Intl.Segmenter | undefined;

function graphemeWidth(grapheme: string): number {
  if (/^[\p{Default_Ignorable_Code_Point}\p{Control}\p{Mark}]+$/u.test(grapheme)) return 0;
  if (/\p{Emoji_Presentation}|\ufe0f/u.test(grapheme)) return 2;
  return eastAsianWidth(grapheme.codePointAt(0)!);
}
