import * as z from "zod";

const symbolic = /^[ugoa]*([-+=]([rwxXst]*|[ugo]))+(,[ugoa]*([-+=]([rwxXst]*|[ugo]))+)*$/;

/** Octal digits in quotes, or symbols as chmod(1) reads them; {@link modeFrom} makes digits of both. */
export function anyMode(words: string) {
  const error = 'must be octal digits in quotes, like "0644", or symbols, like "u=rw,g=r,o="';
  return z
    .string(error)
    .refine((mode) => /^[0-7]{3,4}$/.test(mode) || symbolic.test(mode), error)
    .transform((mode) => (/^[0-7]+$/.test(mode) ? mode.padStart(4, "0") : mode))
    .describe(words);
}

/** What a mode makes of the one that something has: four octal digits. */
export function modeFrom(mode: string, before: string, isDirectory: boolean): string {
  if (/^[0-7]+$/.test(mode)) return mode;
  const bits = mode.split(",").reduce((so, clause) => clauseOn(clause, so, isDirectory), parseInt(before, 8));
  return bits.toString(8).padStart(4, "0");
}

const whose = { u: { shift: 6, set: 0o4000 }, g: { shift: 3, set: 0o2000 }, o: { shift: 0, set: 0o1000 } } as const;
type Who = keyof typeof whose;

/** The umask of nearly every host: what a clause without a name of somebody leaves alone. */
const umask = 0o022;

/** `u+rw-x`: as Ansible reads it (basic.py, _symbolic_mode_to_octal), `=` takes the set-id bit away too, of a directory as well. */
function clauseOn(clause: string, before: number, isDirectory: boolean): number {
  const [, names = "", operations = ""] = /^([ugoa]*)(.*)$/.exec(clause) ?? [];
  const who = (names === "" || names.includes("a") ? ["u", "g", "o"] : [...new Set(names)]) as Who[];
  const spared = names === "" ? umask : 0;
  let bits = before;
  for (const [, operator, letters = ""] of operations.matchAll(/([-+=])([rwxXst]*|[ugo])(?=[-+=]|$)/g)) {
    const wanted = who.reduce((sum, name) => sum | bitsOf(letters, name, bits, isDirectory), 0) & ~spared;
    if (operator === "+") bits |= wanted;
    else if (operator === "-") bits &= ~wanted;
    else bits = (bits & ~who.reduce((sum, name) => sum | (7 << whose[name].shift) | whose[name].set, 0)) | wanted;
  }
  return bits;
}

function bitsOf(letters: string, name: Who, before: number, isDirectory: boolean): number {
  const { shift, set } = whose[name];
  if (letters !== "" && letters in whose) return ((before >> whose[letters as Who].shift) & 7) << shift;
  const each: Readonly<Record<string, number>> = {
    r: 4 << shift,
    w: 2 << shift,
    x: 1 << shift,
    X: isDirectory || (before & 0o111) !== 0 ? 1 << shift : 0,
    s: name === "o" ? 0 : set,
    t: name === "o" ? set : 0,
  };
  return [...letters].reduce((sum, letter) => sum | (each[letter] ?? 0), 0);
}
