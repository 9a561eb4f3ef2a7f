import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Event, HostTaskEnd } from "../../src/events/event.ts";

export const project = resolve(import.meta.dirname, "../..");

/** What a command line came to, as the person who typed it sees it. */
export interface Ended {
  /** The exit code, or the signal that ended it. */
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when this text was printed, on either stream; rejects when the command ends without it. */
  printed(text: string): Promise<void>;
}

export interface CliOptions {
  /** More of the environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/** Starts the built command line (`npm run build`), as its own process. Runs are recorded in `BOWLINE_STATE_DIR`. */
export function startBowline(args: readonly string[], { env = {}, cwd = project }: CliOptions = {}): Started {
  const main = join(project, "dist/main.js");
  if (!existsSync(main)) throw new Error("dist/ is not built: npm run build");
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...process.env, NODE_OPTIONS: "", ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
      child.emit("printed");
    });
  }
  const ended = new Promise<Ended>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => done({ code: code ?? signal!, ...texts }));
  });
  const printed = (text: string) =>
    new Promise<void>((done, failed) => {
      const look = () => (texts.stdout + texts.stderr).includes(text) && done();
      child.on("printed", look);
      child.once("close", () => failed(new Error(`it ended without printing ${JSON.stringify(text)}:\n${texts.stdout}${texts.stderr}`)));
      look();
    });
  return { child, ended, printed };
}

export function bowline(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  return startBowline(args, options).ended;
}

/** The events of `--output json`. */
export function eventsOf(text: string): Event[] {
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line) as Event);
}

/** What each task came to, by the task's name, on the only host of the run; handlers too. */
export function resultsOf(events: readonly Event[]): Map<string, HostTaskEnd["result"]> {
  const [start] = events;
  if (start?.type !== "run:start") throw new Error("the first event is no run:start");
  const names = new Map(start.plays.flatMap((play) => play.tasks).map(({ task, name }) => [task, name]));
  return new Map(events.flatMap((event) => (event.type === "host:end" ? [[names.get(event.task)!, event.result] as const] : [])));
}

/** The round trips of the only host of the run. */
export function roundTripsOf(events: readonly Event[]): number {
  const end = events.at(-1);
  if (end?.type !== "run:end") throw new Error("the last event is no run:end");
  return Object.values(end.roundTrips).reduce((sum, count) => sum + count, 0);
}
