import { BowlineError } from "../core/errors.ts";

/** Reads the value of an option that counts something. */
export function wholeNumber(option: string): (text: string) => number {
  return (text) => {
    if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
    throw new BowlineError({ code: "E_OPTIONS", message: `${option} must be a whole number above 0, not ${text}` });
  };
}
