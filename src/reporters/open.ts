import { resolve } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import { growingFile, wholeFile } from "./files.ts";
import { printableEvent } from "./printable.ts";
import type { Reporter, ReportOptions } from "./reporter.ts";

/** One `--output`: a format, and the file it goes to when it is not the terminal's. */
export interface Output {
  readonly format: Format;
  readonly file?: string;
}

/** What each format is for: what people read is kept out of a stream that a program reads. */
const formats = { tty: "people", plain: "people", json: "programs", junit: "programs" } as const;
export type Format = keyof typeof formats;

/** `json`, `json=run.ndjson`, … */
export function parseOutput(text: string): Output {
  const [format, file] = text.split(/=(.*)/s) as [string, string | undefined];
  if (!isFormat(format)) {
    const names = Object.keys(formats);
    const hint = suggestion(format, names);
    throw optionsError({ message: `--output has no format "${format}"`, expected: `${names.join(", ")}, each with =FILE if you like`, ...(hint ? { hint } : {}) });
  }
  if (file === undefined) return { format };
  if (file === "") throw optionsError({ message: `--output ${format}= needs the name of a file` });
  if (format === "tty") throw optionsError({ message: "--output tty is for a terminal, not for a file", hint: "plain is the same for a file" });
  return { format, file };
}

/** What is known of the two streams of the process. */
export interface Terminal {
  readonly isTTY: boolean;
  readonly color: boolean;
  readonly write: (text: string) => void;
  /** Standard error, for what people read when standard output is a program's. */
  readonly stderr: (text: string) => void;
  readonly size: () => { columns: number; rows: number };
}

/** What is shown for people: plays with their tasks, or what one command came to on each host. */
export type Manner = "plays" | "command";

type Detail = Pick<ReportOptions, "diff" | "verbosity"> & { readonly manner?: Manner };

/** The reporters of a run. Without a choice: the live view in a terminal, plain lines elsewhere. */
export async function openReporters(outputs: readonly Output[], terminal: Terminal, detail: Detail): Promise<Reporter[]> {
  const chosen: readonly Output[] = outputs.some((output) => output.file === undefined) ? outputs : [{ format: terminal.isTTY ? "tty" : "plain" }, ...outputs];
  const here = chosen.filter((output) => output.file === undefined);
  const programs = here.filter((output) => formats[output.format] === "programs");
  const people = here.filter((output) => formats[output.format] === "people");
  for (const rivals of [programs, people]) if (rivals.length > 1) throw rivalsError(rivals);
  refuseSharedFiles(chosen);
  const forPeople = programs.length > 0 ? { ...terminal, isTTY: false, color: false, write: terminal.stderr } : terminal;
  return Promise.all(chosen.map((output) => openReporter(output, formats[output.format] === "people" ? forPeople : terminal, detail)));
}

async function openReporter(output: Output, terminal: Terminal, detail: Detail): Promise<Reporter> {
  const file = output.file === undefined ? undefined : files[output.format](output.file);
  const { size, color } = terminal;
  const { manner = "plays", ...about } = detail;
  const options: ReportOptions = { ...about, size, write: file?.write ?? terminal.write, color: file === undefined && color };
  // A live view without a terminal is a file full of escape sequences.
  const format = output.format === "tty" && !terminal.isTTY ? "plain" : output.format;
  const reporter = await (formats[format] === "people" ? manners[manner](format, options) : makers[format](options));
  return file ? { ...reporter, end: () => reporter.end().finally(file.close) } : reporter;
}

/** Events and lines are of use while the run goes on; half an XML document never is. */
const files = { tty: growingFile, plain: growingFile, json: growingFile, junit: wholeFile } as const;

/** Every command line reads this file for its options; few need a reporter, and none needs all. */
const makers: Readonly<Record<Format, (options: ReportOptions) => Promise<Reporter>>> = {
  plain: async (options) => readable((await import("./plain.ts")).plainReporter(options)),
  json: async (options) => (await import("./json.ts")).jsonReporter(options),
  junit: async (options) => readable((await import("./junit.ts")).junitReporter(options)),
  tty: async (options) => readable((await import("./tty.ts")).ttyReporter(options)),
};

const manners: Readonly<Record<Manner, (format: Format, options: ReportOptions) => Promise<Reporter>>> = {
  plays: (format, options) => makers[format](options),
  command: async (format, options) => readable((await import("./command.ts")).commandReporter({ ...options, isLive: format === "tty" })),
};

function readable(reporter: Reporter): Reporter {
  return { ...reporter, report: (event) => reporter.report(printableEvent(event)) };
}

function isFormat(text: string): text is Format {
  return Object.hasOwn(formats, text);
}

function refuseSharedFiles(outputs: readonly Output[]): void {
  const paths = outputs.flatMap(({ file }) => (file === undefined ? [] : [resolve(file)]));
  const shared = paths.find((path, index) => paths.indexOf(path) !== index);
  if (shared !== undefined) throw optionsError({ message: `two --output go to the same file ${shared}`, hint: "give each a file of its own" });
}

function rivalsError(rivals: readonly Output[]): BowlineError {
  const names = rivals.map((output) => output.format);
  return optionsError({
    message: `--output ${names.join(" and ")} cannot both go to standard output`,
    hint: `give one of them a file: --output ${names.at(-1) === "tty" ? "plain" : names.at(-1)}=FILE`,
  });
}

function optionsError(problem: { message: string; expected?: string; hint?: string }): BowlineError {
  return new BowlineError({ code: "E_OPTIONS", ...problem });
}
