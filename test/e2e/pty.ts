import { spawn } from "node:child_process";
import { join } from "node:path";
import { FakeTerminal } from "../reporters/screen.ts";
import { project } from "./cli.ts";

/** The command line with a person at it: what the screen shows, and what is typed. */
export interface Sitting {
  readonly screen: FakeTerminal;
  readonly type: (keys: string) => void;
  /** The exit code. */
  readonly ended: Promise<number>;
}

export interface SittingOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly columns?: number;
  readonly rows?: number;
}

export const ctrlC = "\u0003";
export const enter = "\r";

/** Starts the built command line in a terminal of script(1), which every Debian has. */
export function sitDown(words: readonly string[], { cwd, env = {}, columns = 80, rows = 24 }: SittingOptions): Sitting {
  const screen = new FakeTerminal(columns, rows);
  const quoted = [process.execPath, join(project, "dist/main.js"), ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const line = `stty cols ${columns} rows ${rows}; exec ${quoted}`;
  const clean = { CI: undefined, NO_COLOR: undefined, NODE_OPTIONS: "", TERM: "xterm-256color", SHELL: "/bin/sh" };
  const child = spawn("script", ["-qefc", line, "/dev/null"], { cwd, env: { ...process.env, ...clean, ...env }, stdio: ["pipe", "pipe", "inherit"] });
  child.stdout.setEncoding("utf8").on("data", screen.write);
  const ended = new Promise<number>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => done(code ?? -1));
  });
  return { screen, type: (keys) => void child.stdin.write(keys), ended };
}
