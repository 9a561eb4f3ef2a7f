import { execFile, type ExecFileException } from "node:child_process";
import { BowlineError } from "../core/errors.ts";

/** What a program on this machine printed. */
export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
}

/** Clouds with many regions take minutes to be listed; beyond this the script hangs. */
const longest = 300_000;

/** Runs a program of the project, without a shell and without input, where Bowline was started; E_INVENTORY in words when it fails. */
export function answerOf(program: string, args: readonly string[], milliseconds = longest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { timeout: milliseconds, killSignal: "SIGKILL", maxBuffer: Infinity }, (error, stdout, stderr) => {
      if (error) reject(failed([program, ...args].join(" "), endOf(error, milliseconds), stderr));
      else resolve({ stdout, stderr });
    });
    child.stdin?.end();
  });
}

function endOf(error: ExecFileException, milliseconds: number): string {
  if (error.killed) return `no end after ${milliseconds / 1000} s`;
  if (typeof error.code === "number") return `exit code ${error.code}`;
  return error.signal ? `ended by ${error.signal}` : (startErrors[String(error.code)] ?? error.message);
}

const startErrors: Readonly<Record<string, string>> = {
  ENOENT: "it cannot be started: the interpreter that its #! line names is not there",
  EACCES: "it cannot be started: it, or the interpreter that its #! line names, may not be executed",
};

/** The end of what it says on standard error tells why. */
const shownLines = 10;

function failed(command: string, end: string, stderr: string): BowlineError {
  const said = stderr.trim().split("\n").slice(-shownLines).join("\n");
  return new BowlineError({ code: "E_INVENTORY", message: `${command} failed`, expected: "exit code 0, and JSON on standard output", seen: said === "" ? end : `${end}\n${said}` });
}
