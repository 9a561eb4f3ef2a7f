import { median, ratioOf, type Measures, type Row } from "./row.ts";

/** A measure's column: its head, and a cell of it. */
const columns: Readonly<Record<keyof Measures, readonly [head: string, cell: (value: number) => string]>> = {
  cpuSeconds: ["processor", secondsText],
  hostCpuSeconds: ["hosts' processor", secondsText],
  memoryMB: ["memory", (value) => `${Math.round(value)} MB`],
  handshakes: ["handshakes", countText],
  roundTrips: ["round trips of a host", countText],
  wireRoundTrips: ["on the wire, with handshake", countText],
  bytes: ["bytes", bytesText],
  bytesPerTask: ["bytes a task", bytesText],
};
const measures = Object.keys(columns) as (keyof Measures)[];

/** A limit and what was seen. */
export interface Verdict {
  readonly row: Row;
  readonly what: string;
  readonly seen: string;
  readonly limit: string;
  readonly met: boolean;
}

/** Every limit of a row, in the order of the columns. */
export function verdictsOf(row: Row): Verdict[] {
  const ratio = ratioOf(row);
  const ratios = ratio === undefined || row.limit === undefined ? [] : [{ row, what: `time, × ${code(row.against!.name)}`, seen: ratioText(ratio), limit: ratioText(row.limit), met: ratio <= row.limit }];
  const within = row.within === undefined || row.seconds.length === 0 ? [] : [withinOf(row, row.within)];
  const others = measures.flatMap((measure) => {
    const [seen, limit] = [row[measure], row.atMost?.[measure]];
    if (seen === undefined || limit === undefined) return [];
    const [what, text] = columns[measure];
    return [{ row, what, seen: text(seen), limit: text(limit), met: seen <= limit }];
  });
  return [...ratios, ...within, ...others];
}

function withinOf(row: Row, within: number): Verdict {
  const seen = median(row.seconds);
  return { row, what: "time", seen: secondsText(seen), limit: secondsText(within), met: seen <= within };
}

/** What was measured, a line for each name, and below it whatever stands beside something else. */
export function rowsText(rows: readonly Row[]): string {
  const named = rows.filter((row, index) => rows.findIndex(({ name }) => name === row.name) === index);
  const compared = rows.filter((row) => ratioOf(row) !== undefined);
  return [measured(named), ...(compared.length === 0 ? [] : ["", besides(compared)])].join("\n");
}

function measured(rows: readonly Row[]): string {
  const shown = measures.filter((measure) => rows.some((row) => row[measure] !== undefined));
  const noted = rows.some(({ detail }) => detail !== undefined);
  const head = ["", "median", "rounds", "worst / median", ...shown.map((measure) => columns[measure][0]), ...(noted ? [""] : [])];
  return table(head, rows.map((row) => [code(row.name), ...times(row.seconds), ...shown.map((measure) => cell(row, measure)), ...(noted ? [row.detail ?? ""] : [])]));
}

function cell(row: Row, measure: keyof Measures): string {
  const value = row[measure];
  return value === undefined ? "" : columns[measure][1](value);
}

function times(seconds: readonly number[]): string[] {
  if (seconds.length === 0) return ["", "", ""];
  const middle = median(seconds);
  return [secondsText(middle), String(seconds.length), middle === 0 ? "" : (Math.max(...seconds) / middle).toFixed(2)];
}

function besides(rows: readonly Row[]): string {
  return table(["", "beside", "×", "limit", ""], rows.map((row) => {
    const [verdict] = row.limit === undefined ? [] : verdictsOf(row);
    return [code(row.name), code(row.against!.name), ratioText(ratioOf(row)!), verdict?.limit ?? "", verdict === undefined ? "" : metText(verdict)];
  }));
}

export function metText({ met }: Verdict): string {
  return met ? "met" : "**not met**";
}

/** A command's name; words that mark their commands themselves stay as they are. */
export function code(name: string): string {
  return name.includes("`") ? name : `\`${name}\``;
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map((text) => text.replaceAll(/\s*\n\s*/g, " ").replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}

/** Three digits, so that a small ratio can be told from its limit. */
function ratioText(ratio: number): string {
  return ratio < 0.1 ? ratio.toFixed(3) : ratio.toFixed(2);
}

function secondsText(value: number): string {
  return `${value.toFixed(2)} s`;
}

function countText(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function bytesText(value: number): string {
  return String(Math.round(value));
}
