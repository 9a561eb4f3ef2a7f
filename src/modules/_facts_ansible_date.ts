import type { JsonObject } from "../core/json.ts";
import type { DateFacts } from "./_facts_system.ts";

/** Ansible's `date_time`: text with leading zeros; what ends with Z is UTC, all else the host's own time. */
export function dateTime(date: DateFacts): JsonObject {
  const { epoch } = date;
  const two = (value: number | null) => (value === null ? null : String(value).padStart(2, "0"));
  const [year, month, day, hour, minute, second] = [date.year === null ? null : String(date.year), ...[date.month, date.day, date.hour, date.minute, date.second].map(two)];
  const utc = epoch === null ? null : new Date(epoch * 1000).toISOString().slice(0, 19);
  const basic = epoch === null ? null : `${year}${month}${day}T${hour}${minute}${second}`;
  return {
    year: year ?? null,
    month: month ?? null,
    day: day ?? null,
    hour: hour ?? null,
    minute: minute ?? null,
    second: second ?? null,
    weekday: date.weekday,
    weekday_number: date.weekday_number === null ? null : String(date.weekday_number),
    weeknumber: epoch === null ? null : two(weekOf(date)),
    date: epoch === null ? null : `${year}-${month}-${day}`,
    time: epoch === null ? null : `${hour}:${minute}:${second}`,
    epoch: epoch === null ? null : String(epoch),
    epoch_int: epoch === null ? null : String(epoch),
    iso8601: utc === null ? null : `${utc}Z`,
    iso8601_micro: utc === null ? null : `${utc}.000000Z`,
    iso8601_basic: basic === null ? null : `${basic}000000`,
    iso8601_basic_short: basic,
    tz: date.tz,
    tz_offset: date.tz_offset,
  };
}

/** strftime's %W: weeks begin on Monday, and the days before the first one are week 0. */
function weekOf({ year, month, day, weekday_number: weekday }: DateFacts): number {
  const dayOfYear = (Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1) - Date.UTC(year ?? 0, 0, 1)) / 86_400_000;
  return Math.floor((dayOfYear + 7 - (((weekday ?? 0) + 6) % 7)) / 7);
}
