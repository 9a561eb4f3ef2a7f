import { BowlineError } from "../core/errors.ts";

/** Reads the value of an option that counts something. */
export function wholeNumber(option: string, least: 0 | 1 = 1): (text: string) => number {
  return (text) => {
    if (/^(0|[1-9]\d{0,5})$/.test(text) && Number(text) >= least) return Number(text);
    throw new BowlineError({ code: "E_OPTIONS", message: `${option} must be a whole number${least === 1 ? " above 0" : ""}, not ${text}` });
  };
}
