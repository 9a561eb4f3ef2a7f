import type { JsonObject } from "../core/json.ts";
import { sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { absolutePath, anyText, boolean, optional, withDefault } from "./args.ts";
import type { Outcome } from "./contract.ts";

/** The arguments that command and shell share. */
export const processArgs = {
  chdir: optional(absolutePath("The directory to run in.")),
  creates: optional(absolutePath("Do nothing when this path exists.")),
  removes: optional(absolutePath("Do nothing when this path does not exist.")),
  stdin: optional(anyText("What the command reads.")),
  read_only: withDefault(boolean("It changes nothing: check mode runs it too, and it is reported as ok."), false),
};

/** Exit code 0 when `creates` or `removes` says that there is nothing to do, with the reason as the last line. */
export function processProbe(args: { creates?: string | undefined; removes?: string | undefined }): Script | undefined {
  if (args.creates !== undefined) return sh`[ -e ${args.creates} ] && echo ${`${args.creates} exists`}`;
  if (args.removes !== undefined) return sh`[ ! -e ${args.removes} ] && echo ${`${args.removes} does not exist`}`;
  return undefined;
}

/** Enters the directory, or ends with words. */
export function inDirectory(path: string | undefined): Script {
  return path === undefined ? sh`:` : sh`cd ${path} || exit 1`;
}

/** Ansible's keys of a command's result. */
export function processOutcome(cmd: string, readOnly: boolean, answer: Answer | undefined): Outcome {
  const { code = 1, stdout = "", stderr = "" } = answer ?? {};
  const data: JsonObject = {
    cmd,
    rc: code,
    stdout: stdout.replace(/\n$/, ""),
    stderr: stderr.replace(/\n$/, ""),
    stdout_lines: linesOf(stdout),
    stderr_lines: linesOf(stderr),
  };
  if (code !== 0) return { changed: !readOnly, failed: `${cmd.split("\n")[0]}: exit code ${code}`, data };
  return { changed: !readOnly, data };
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}
