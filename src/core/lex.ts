import { BowlineError } from "./errors.ts";

/**
 * The words of a command line, cut as a POSIX shell cuts them (POSIX.1-2017, XCU 2.2 and 2.3) but without any
 * expansion: `$`, `*`, `~`, `;`, `|` and `#` are ordinary characters. Throws a BowlineError (E_ARGS) when a quote is
 * not closed or the text ends with a backslash.
 */
export function lexWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; ) {
    const piece = nextPiece(text, at);
    at = piece.end;
    if (piece.text === undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (piece.text !== "" || piece.quoted) {
      word = (word ?? "") + piece.text;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** Why a text cannot be cut into words, or undefined when it can. */
export function lexProblem(text: string): string | undefined {
  try {
    lexWords(text);
    return undefined;
  } catch (error) {
    if (error instanceof BowlineError) return error.problems[0].message;
    throw error;
  }
}

/** A run of characters that belong to one word; without `text` it ends the word. Empty quotes make an empty word. */
interface Piece {
  readonly text?: string;
  readonly quoted: boolean;
  readonly end: number;
}

function nextPiece(text: string, at: number): Piece {
  const char = text[at]!;
  if (/[ \t\r\n]/.test(char)) return { quoted: false, end: at + 1 };
  if (char === "'") return singleQuoted(text, at);
  if (char === '"') return doubleQuoted(text, at);
  if (char === "\\") return escaped(text, at);
  return { text: char, quoted: false, end: at + 1 };
}

function singleQuoted(text: string, at: number): Piece {
  const close = text.indexOf("'", at + 1);
  if (close === -1) throw unclosed("single quote (')", text, at);
  return { text: text.slice(at + 1, close), quoted: true, end: close + 1 };
}

/** In double quotes a backslash is special only before `$`, a backquote, `"`, another backslash and a newline. */
function doubleQuoted(text: string, at: number): Piece {
  const inside = /(?:[^"\\]|\\[^])*/y;
  inside.lastIndex = at + 1;
  const [body = ""] = inside.exec(text) ?? [];
  const close = at + 1 + body.length;
  if (text[close] !== '"') throw unclosed('double quote (")', text, at);
  return { text: body.replace(/\\([$`"\\\n])/g, (_, char: string) => (char === "\n" ? "" : char)), quoted: true, end: close + 1 };
}

/** Outside of quotes a backslash makes any character ordinary, and joins two lines. */
function escaped(text: string, at: number): Piece {
  const char = text[at + 1];
  if (char === undefined) throw unclosed("backslash (\\)", text, at);
  return { text: char === "\n" ? "" : char, quoted: char !== "\n", end: at + 2 };
}

function unclosed(what: string, text: string, at: number): BowlineError {
  return new BowlineError({
    code: "E_ARGS",
    message: `a ${what} has no partner`,
    expected: "words as a shell reads them, each quote closed",
    seen: `…${text.slice(at, at + 40)}`,
    hint: "close the quote, or put a backslash before it",
  });
}
