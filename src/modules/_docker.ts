import * as z from "zod";
import { BowlineError } from "../core/errors.ts";
import { sh, type Script } from "../core/sh.ts";
import { absolutePath, withDefault } from "./args.ts";
import { lexWords } from "../core/lex.ts";
import { refuse } from "./refuse.ts";

/** What OpenSVC printed under a container whose daemon was silent; `status` says it in the same words. */
export const notRunning = "docker daemon is not running";

/** The argument that says which daemon is meant. */
export const socketArg = () => withDefault(absolutePath("The unix socket of the daemon; the `dockerd` task of a private daemon names its own."), "/var/run/docker.sock");

/** Seconds for one question: a busy daemon may need some, and one that hangs never ends. */
const patience = 30;

/** The docker client on one daemon; every call is bounded, since a hung daemon never answers. */
export function client(socket: string, seconds = patience): Script {
  return sh`timeout ${seconds} docker -H ${`unix://${socket}`}`;
}

/** The client without a bound, for what the task's own time-outs end: loads, pulls, stops. */
export function patientClient(socket: string): Script {
  return sh`docker -H ${`unix://${socket}`}`;
}

/** Words of a command line: a list, or text that is cut as a shell would cut it (nothing is expanded). */
export function commandWords(words: string) {
  const item = z.union([z.string(), z.number(), z.boolean()], "must be text").transform(String);
  return z
    .union([z.string(), z.array(item)], "must be text or a list of words")
    .transform((value, context) => {
      if (Array.isArray(value)) return value;
      try {
        return lexWords(value);
      } catch (error) {
        if (!(error instanceof BowlineError)) throw error;
        context.addIssue({ code: "custom", message: `cannot be cut into words: ${error.message}` });
        return z.NEVER;
      }
    })
    .describe(words);
}

/** How the daemon behaved when it was asked. */
export interface Daemon {
  readonly answers: boolean;
  /** What the client said when there was no answer. */
  readonly silence: string;
}

/**
 * Whether a daemon stands behind what `docker inspect --format '{{json .}}' … 2>&1` said: it does when there is JSON,
 * or when it is the daemon that says there is no such thing ("no such file" is said of a socket that is not there).
 */
export function daemonOf(said: string): Daemon {
  const answers = /^\{/m.test(said) || /no such (image|container|object)/i.test(said);
  return { answers, silence: answers ? "" : lastLine(said) };
}

/** Refuses when nobody answers on the socket, or when the one who asks may not speak to the daemon. */
export function refuseSilence(socket: string, daemon: Daemon): void {
  if (daemon.answers) return;
  refuseHidden(socket, daemon);
  refuse(notRunning, {
    expected: `a daemon that answers on ${socket}`,
    seen: daemon.silence,
    hint: "a dockerd task before this one starts it; `socket` says which daemon is meant",
  });
}

/** Refuses when there may well be a daemon, though it cannot be asked: what runs on it is not known then. */
export function refuseHidden(socket: string, daemon: Daemon): void {
  const why = hiddenBy(socket, daemon);
  if (why === undefined) return;
  const denied = forbidden.test(daemon.silence);
  refuse(why, {
    ...(daemon.silence === "" ? {} : { seen: daemon.silence }),
    hint: denied ? "run the task with become: true, or as a user of the socket's group" : "the log of that dockerd may say why",
  });
}

/** Two lines of status for a daemon that does not answer: it is down, or nobody can tell. */
export function silentState(socket: string, daemon: Daemon): { readonly state: "down" | "warn"; readonly remarks: readonly string[] } {
  const why = hiddenBy(socket, daemon);
  return why === undefined ? { state: "down", remarks: [notRunning] } : { state: "warn", remarks: [why] };
}

function hiddenBy(socket: string, { answers, silence }: Daemon): string | undefined {
  if (answers || nobodyThere.test(silence)) return undefined;
  if (forbidden.test(silence)) return `not allowed to speak to the docker daemon on ${socket}`;
  return `the docker daemon on ${socket} ${silence === "" ? `does not answer within ${patience} s` : "answers with an error"}`;
}

const forbidden = /permission denied/i;

/** What docker's client says when nobody listens on a unix socket; the second one since version 29. */
const nobodyThere = /cannot connect to the docker daemon|failed to connect to the docker api.*(no such file|connection refused)/i;

/** The plain data behind lines of JSON, as `docker inspect --format '{{json .}}'` prints them; other lines are left out. */
export function jsonLines(text: string): unknown[] {
  return text.split("\n").flatMap((line) => {
    if (!line.startsWith("{")) return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch {
      return [];
    }
  });
}

/** The twelve digits by which people know an image or a container. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, "").slice(0, 12);
}

export function lastLine(text: string): string {
  return text.trim().split("\n").pop() ?? "";
}
