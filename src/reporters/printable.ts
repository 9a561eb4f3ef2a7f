import { stripVTControlCharacters } from "node:util";
import type { Event } from "../events/event.ts";

/**
 * The same event with every text in it safe to print. What a host says is not ours: an escape sequence in it could
 * clear the screen, forge a line of the report, or make a terminal answer with keystrokes.
 */
export function printableEvent(event: Event): Event {
  return printable(event) as Event;
}

/** Escape sequences are taken out; other control characters, and those that turn the direction of text, are spelt out. */
export function printableText(text: string): string {
  if (!suspicious.test(text)) return text;
  return stripVTControlCharacters(text.replaceAll("\r\n", "\n")).replace(everySuspicious, spelt);
}

/** What is safe already is handed on and not copied: nearly all is, and it may be long. */
function printable(value: unknown): unknown {
  if (typeof value === "string") return printableText(value);
  if (typeof value !== "object" || value === null || isSafe(value)) return value;
  if (Array.isArray(value)) return value.map(printable);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [printableText(key), printable(inner)]));
}

function isSafe(value: unknown): boolean {
  if (typeof value === "string") return !suspicious.test(value);
  if (typeof value !== "object" || value === null) return true;
  return Array.isArray(value) ? value.every(isSafe) : Object.entries(value).every(([key, inner]) => !suspicious.test(key) && isSafe(inner));
}

/** All of C0 but tab and newline, DEL, C1, and the marks and overrides of bidirectional text. */
const source = "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]";
const suspicious = new RegExp(source);
const everySuspicious = new RegExp(source, "g");

function spelt(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
}
