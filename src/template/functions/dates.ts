import type { Functions } from "./function.ts";
import { kindOf, number, text } from "./values.ts";

/** Moments are seconds since 1970, which can be compared and subtracted; or text. */
export const dateFunctions: Functions = {
  now: {
    summary: "The moment, as text in a format of strftime (2026-01-31T12:00:00); in UTC, or where the controller is.",
    takes: ["utc?", "fmt?"],
    examples: [["length(now(true, '%Y'))", 4], ["{{ length (now fmt='%H:%M') }}", 5]],
    call: (utc, format) => formatted(text(format ?? "%Y-%m-%dT%H:%M:%S"), new Date(), utc === true),
  },
  strftime: {
    summary: "A moment (seconds since 1970, or a text such as 2026-01-31T12:00:00Z) in a format; in UTC, or where the controller is.",
    takes: ["format", "moment", "utc?"],
    examples: [["strftime('%Y-%m-%d %H:%M:%S', 0, true)", "1970-01-01 00:00:00"], ["strftime('%d.%m.%y', '2026-01-31T12:00:00Z', true)", "31.01.26"]],
    call: (format, moment, utc) => formatted(text(format), dateOf(moment), utc === true),
  },
  to_datetime: {
    summary: "The seconds since 1970 of a text in a format (%Y-%m-%d %H:%M:%S), taken as UTC.",
    takes: ["text", "format?"],
    examples: [["to_datetime('1970-01-02 00:00:00')", 86400], ["to_datetime('31.01.2026', '%d.%m.%Y') - to_datetime('30.01.2026', '%d.%m.%Y')", 86400]],
    call: (value, format) => parsed(text(value), text(format ?? "%Y-%m-%d %H:%M:%S")),
  },
};

function dateOf(moment: unknown): Date {
  const date = typeof moment === "string" && !/^-?\d+(\.\d+)?$/.test(moment) ? new Date(moment) : new Date(number(moment) * 1000);
  if (Number.isNaN(date.getTime())) throw new TypeError(`needs seconds or a date, not ${kindOf(moment)}`);
  return date;
}

const dayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const monthNames = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

const two = (value: number) => String(value).padStart(2, "0");

/** A moment whose UTC fields are those of the wanted zone, and how many minutes that zone is ahead. */
type Part = (date: Date, ahead: number) => string;

const parts: Readonly<Record<string, Part>> = {
  "%": () => "%",
  A: (date) => dayNames[date.getUTCDay()]!,
  B: (date) => monthNames[date.getUTCMonth()]!,
  F: (date) => date.toISOString().slice(0, 10),
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(date.getUTCHours() % 12 || 12),
  M: (date) => two(date.getUTCMinutes()),
  S: (date) => two(date.getUTCSeconds()),
  T: (date) => date.toISOString().slice(11, 19),
  Y: (date) => String(date.getUTCFullYear()),
  Z: (_, ahead) => (ahead === 0 ? "UTC" : zone(ahead)),
  a: (date) => dayNames[date.getUTCDay()]!.slice(0, 3),
  b: (date) => monthNames[date.getUTCMonth()]!.slice(0, 3),
  d: (date) => two(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()).padStart(2),
  f: (date) => `${String(date.getUTCMilliseconds()).padStart(3, "0")}000`,
  j: (date) => String(Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1).padStart(3, "0"),
  m: (date) => two(date.getUTCMonth() + 1),
  n: () => "\n",
  p: (date) => (date.getUTCHours() < 12 ? "AM" : "PM"),
  s: (date, ahead) => String(Math.floor(date.getTime() / 1000) - ahead * 60),
  u: (date) => String(date.getUTCDay() || 7),
  w: (date) => String(date.getUTCDay()),
  y: (date) => two(date.getUTCFullYear() % 100),
  z: (_, ahead) => zone(ahead),
};

function zone(ahead: number): string {
  const minutes = Math.abs(ahead);
  return `${ahead < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}

function formatted(format: string, date: Date, utc: boolean): string {
  const ahead = utc ? 0 : -date.getTimezoneOffset();
  const local = new Date(date.getTime() + ahead * 60_000);
  return format.replace(/%(.)/gs, (_, letter: string) => {
    const part = Object.hasOwn(parts, letter) ? parts[letter] : undefined;
    if (!part) throw new TypeError(`knows no %${letter}; there are ${Object.keys(parts).map((each) => `%${each}`).join(" ")}`);
    return part(local, ahead);
  });
}

const readers: Readonly<Record<string, string>> = { Y: "(?<Y>\\d{4})", m: "(?<m>\\d{1,2})", d: "(?<d>\\d{1,2})", H: "(?<H>\\d{1,2})", M: "(?<M>\\d{1,2})", S: "(?<S>\\d{1,2})", f: "(?<f>\\d{1,6})", z: "(?<z>Z|[+-]\\d{2}:?\\d{2})", b: "(?<b>[A-Za-z]{3})", B: "(?<b>[A-Za-z]+)", y: "(?<y>\\d{2})" };

function parsed(value: string, format: string): number {
  const source = format.replace(/%(.)|[.*+?^${}()|[\]\\/]/gs, (sign, letter?: string) => (letter === undefined ? `\\${sign}` : reader(letter)));
  const found = new RegExp(`^${source}$`).exec(value)?.groups;
  if (!found) throw new TypeError(`needs a date as ${format}, not ${kindOf(value)}`);
  const field = (name: string, otherwise: number) => (found[name] === undefined ? otherwise : Number(found[name]));
  const named = found["b"]?.slice(0, 3).toLowerCase();
  const month = named === undefined ? field("m", 1) : monthNames.findIndex((name) => name.toLowerCase().startsWith(named)) + 1;
  const year = found["y"] === undefined ? field("Y", 1970) : 2000 + Number(found["y"]);
  const seconds = Date.UTC(year, month - 1, field("d", 1), field("H", 0), field("M", 0), field("S", 0)) / 1000;
  if (month < 1 || new Date(seconds * 1000).getUTCMonth() !== month - 1) throw new TypeError(`needs a date that there is, not ${kindOf(value)}`);
  return seconds - secondsAhead(found["z"]) + (found["f"] === undefined ? 0 : Number(`0.${found["f"]}`));
}

function reader(letter: string): string {
  if (letter === "%") return "%";
  if (Object.hasOwn(readers, letter)) return readers[letter]!;
  throw new TypeError(`cannot read %${letter}; it reads ${Object.keys(readers).map((each) => `%${each}`).join(" ")}`);
}

function secondsAhead(written: string | undefined): number {
  const zoneParts = /^([+-])(\d{2}):?(\d{2})$/.exec(written ?? "");
  return zoneParts ? (zoneParts[1] === "-" ? -1 : 1) * (Number(zoneParts[2]) * 3600 + Number(zoneParts[3]) * 60) : 0;
}
