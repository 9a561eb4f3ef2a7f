import { closeSync, openSync, writeSync } from "node:fs";
import { BowlineError } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import type { Mode } from "../events/event.ts";
import { jsonReporter } from "./json.ts";
import { junitReporter } from "./junit.ts";
import { plainReporter } from "./plain.ts";
import type { Reporter, ReportOptions } from "./reporter.ts";

/** One `--output`: a format, and the file it goes to when it is not the terminal's. */
export interface Output {
  readonly format: Format;
  readonly file?: string;
}

const formats = ["tty", "plain", "json", "junit"] as const;
export type Format = (typeof formats)[number];

/** `json`, `json=run.ndjson`, … */
export function parseOutput(text: string): Output {
  const [format, file] = text.split(/=(.*)/s) as [string, string | undefined];
  if (!isFormat(format)) {
    const hint = suggestion(format, formats);
    throw new BowlineError({ code: "E_OPTIONS", message: `--output has no format "${format}"`, expected: formats.join(", "), ...(hint ? { hint } : {}) });
  }
  return file === undefined || file === "" ? { format } : { format, file };
}

/** The reporters of a run. Without a choice: the live view in a terminal, plain lines elsewhere. */
export async function openReporters(outputs: readonly Output[], terminal: Terminal, detail: Pick<ReportOptions, "diff" | "verbosity"> & { mode: Mode }): Promise<Reporter[]> {
  const chosen: readonly Output[] = outputs.length > 0 ? outputs : [{ format: terminal.isTTY && detail.mode !== "status" ? "tty" : "plain" }];
  return Promise.all(chosen.map((output) => openReporter(output, terminal, detail)));
}

/** What is known of standard output. */
export interface Terminal {
  readonly isTTY: boolean;
  readonly color: boolean;
  readonly write: (text: string) => void;
}

async function openReporter(output: Output, terminal: Terminal, detail: Pick<ReportOptions, "diff" | "verbosity">): Promise<Reporter> {
  const file = output.file === undefined ? undefined : openFile(output.file);
  const options: ReportOptions = { ...detail, write: file?.write ?? terminal.write, color: file === undefined && terminal.color };
  const reporter = await makers[output.format](options);
  if (!file) return reporter;
  return {
    report: reporter.report,
    end: async () => {
      await reporter.end();
      file.close();
    },
  };
}

const makers: Readonly<Record<Format, (options: ReportOptions) => Reporter | Promise<Reporter>>> = {
  plain: plainReporter,
  json: jsonReporter,
  junit: junitReporter,
  tty: async (options) => (await import("./tty.ts")).ttyReporter(options),
};

function isFormat(text: string): text is Format {
  return (formats as readonly string[]).includes(text);
}

function openFile(path: string): { write: (text: string) => void; close: () => void } {
  try {
    const fd = openSync(path, "w");
    return { write: (text) => void writeSync(fd, text), close: () => closeSync(fd) };
  } catch (error) {
    throw new BowlineError({ code: "E_OPTIONS", message: `--output cannot write ${path}: ${error instanceof Error ? error.message : String(error)}` });
  }
}
