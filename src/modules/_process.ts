import type { JsonObject } from "../core/json.ts";
import { sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { absolutePath, anyText, boolean, optional, withDefault } from "./args.ts";
import type { Outcome } from "./contract.ts";
import { lazily } from "./_lazy.ts";

/** The arguments that command and shell share. */
export const processArgs = lazily(() => ({
  chdir: optional(absolutePath("The directory to run in.")),
  creates: optional(absolutePath("Do nothing when this path exists.")),
  removes: optional(absolutePath("Do nothing when this path does not exist.")),
  stdin: optional(anyText("What it reads, as it is: no newline is added.")),
  read_only: withDefault(boolean("It changes nothing: check mode runs it too, and it is reported as ok."), false),
}));

interface Probed {
  readonly creates?: string | undefined;
  readonly removes?: string | undefined;
}

/** Exit code 0 when `creates` or `removes` says that there is nothing to do, with the reason as the last line. */
export function processProbe({ creates, removes }: Probed): Script | undefined {
  if (creates === undefined && removes === undefined) return undefined;
  const made = creates === undefined ? sh`:` : sh`if [ -e ${creates} ]; then echo ${`${creates} exists`}; exit 0; fi`;
  const gone = removes === undefined ? sh`:` : sh`if [ ! -e ${removes} ]; then echo ${`${removes} does not exist`}; exit 0; fi`;
  return sh`
    ${made}
    ${gone}
    exit 1
  `;
}

/** What `register` sees when there was nothing to do: Ansible's keys, so that a condition on `rc` holds. */
export function processIdle(cmd: string, why: string): JsonObject {
  return processData(cmd, { code: 0, stdout: `skipped, since ${why}`, stderr: "" });
}

/** Enters the directory, or ends with words. */
export function inDirectory(path: string | undefined): Script {
  return path === undefined ? sh`:` : sh`cd ${path} || exit`;
}

/**
 * A script for an interpreter. It travels on a pipe that a builtin fills, so that it stands in no argument list; its
 * stdin stays its own.
 */
export function readBy(interpreter: readonly string[], script: string, args: readonly string[] = []): Script {
  return sh`
    exec 4<&0
    printf '%s\n' ${script} 2>/dev/null | { exec ${interpreter} /dev/fd/3 ${args} 3<&0 <&4 4<&-; }
  `;
}

/** Whatever ran: its exit code, and its output in Ansible's keys. */
export function processOutcome(cmd: string, readOnly: boolean, answer: Answer = { code: 1, stdout: "", stderr: "" }): Outcome {
  const data = processData(cmd, answer);
  const changed = !readOnly;
  return answer.code === 0 ? { changed, data } : { changed, failed: `${titleOf(cmd)}: exit code ${answer.code}${lastWords(answer)}`, data };
}

/** The first line that says something, for titles. */
export function titleOf(cmd: string): string {
  const [first = "", ...rest] = cmd.trim().split("\n");
  return rest.length === 0 ? first : `${first} …`;
}

function lastWords({ stderr }: Answer): string {
  const line = stderr.trim().split("\n").at(-1)!.trim().replace(shellsPrefix, "");
  return line === "" ? "" : `: ${line}`;
}

/** What a shell puts in front of its own words: the place that it reads the script from, which means nothing to a person. */
const shellsPrefix = /^\/proc\/self\/fd\/3: (line )?\d+: (exec: )?/;

export function processData(cmd: string, { code, stdout, stderr, omitted }: Answer): JsonObject {
  return {
    cmd,
    rc: code,
    stdout: chomped(stdout),
    stderr: chomped(stderr),
    stdout_lines: linesOf(stdout),
    stderr_lines: linesOf(stderr),
    ...(omitted && omitted.stdout > 0 ? { stdout_truncated: true } : {}),
    ...(omitted && omitted.stderr > 0 ? { stderr_truncated: true } : {}),
  };
}

function linesOf(text: string): string[] {
  return text === "" ? [] : chomped(text).split("\n");
}

function chomped(text: string): string {
  return text.replace(/\n$/, "");
}
