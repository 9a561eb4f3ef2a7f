import { BowlineError } from "../core/errors.ts";
import type { Answer, Step, Steps } from "../core/step.ts";
import type { Mode } from "../events/event.ts";
import type { Become, OutputLine, Reply, Request } from "../transport/transport.ts";
import type { HostState } from "./host.ts";

/** How the steps of a task reach a host, which may not be the task's own: as whom, with which variables, until when. */
export interface Channel {
  readonly host: HostState;
  readonly mode: Mode;
  readonly become: Become | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; undefined: no limit. */
  readonly deadline: number | undefined;
  readonly signal: AbortSignal;
  readonly onLine: (line: Omit<OutputLine, "request">) => void;
}

/** A step that did not do what it should. */
export interface FailedStep {
  readonly title: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly reason: "exit code" | "timeout" | "cancelled" | "too much output";
}

export interface Driven {
  readonly answers: readonly Answer[];
  readonly failed?: FailedStep;
}

/** True when steps can go to the host together, without an answer in between. */
export function canBatch(steps: Steps): steps is readonly Step[] {
  return Array.isArray(steps) && steps.every((step: Step) => step.kind !== "reconnect");
}

/** Sends steps in one round trip; what follows a failed one is not run. `vital`: how many of them a lost connection may not cost. */
export async function sendBatch(steps: readonly Step[], titles: readonly string[], channel: Channel, vital = steps.length): Promise<Driven> {
  if (steps.length === 0) return { answers: [] };
  const replies = await channel.host.ask(channel.become, steps.map((step) => requestOf(step, channel)), {
    signal: channel.signal,
    mode: channel.mode,
    vital,
    onLine: (line) => {
      const step = steps[line.request];
      if (step?.kind !== "run" || !step.silent) channel.onLine(line);
    },
  });
  const mutilated = replies.findIndex((reply, index) => reply.omitted && isWhole(steps[index]!));
  const last = mutilated < 0 ? replies.length - 1 : mutilated;
  const reply = replies[last];
  if (!reply) throw new BowlineError({ code: "E_BUG", message: "the session gave no answer" });
  const answers = replies.slice(0, last + 1).map((each, index) => answerOf(each, steps[index]!));
  return isGood(reply, steps[last]!) ? { answers } : { answers, failed: failedStep(reply, titles[last] ?? titles[0] ?? "step", steps[last]!) };
}

/** Whether only the whole output is of use: from a part of it a module would get a wrong picture of the host. */
function isWhole(step: Step): boolean {
  return step.kind === "fetch" || (step.kind === "run" && (step.trusted === true || step.silent === true || step.whole === true));
}

/** Runs steps one after the other, as a conversation or because one of them drops the connection. */
export async function converse(steps: Steps, title: string, channel: Channel): Promise<Driven> {
  const conversation = typeof steps === "function" ? steps() : steps.values();
  const answers: Answer[] = [];
  let next = conversation.next();
  while (!next.done) {
    const step: Step = next.value;
    if (step.kind === "reconnect") {
      await channel.host.reconnect(step.timeout);
      answers.push({ code: 0, stdout: "", stderr: "" });
    } else {
      const driven = await sendBatch([step], [title], channel);
      answers.push(...driven.answers);
      if (driven.failed) return { answers, failed: await cleanedUp(conversation, driven.failed, channel) };
    }
    next = typeof steps === "function" ? (conversation as Generator<Step, void, Answer>).next(answers.at(-1)!) : conversation.next();
  }
  return { answers };
}

/** A generator may hold a `finally` that takes away what it left on the host; its steps run, and cannot fail the task twice. */
async function cleanedUp(conversation: Iterator<Step, void, Answer>, failed: FailedStep, channel: Channel): Promise<FailedStep> {
  let next = conversation.return?.();
  while (next && !next.done) {
    if (next.value.kind !== "reconnect") await sendBatch([next.value], ["clean up"], channel);
    next = conversation.next();
  }
  return failed;
}

function requestOf(step: Exclude<Step, { kind: "reconnect" }> | Step, channel: Channel): Request {
  switch (step.kind) {
    case "run": {
      const { script, stdin, accept, onDisconnect, trusted, expected } = step;
      const timeout = secondsLeft(step.timeout, channel.deadline);
      return {
        kind: "script",
        script,
        environment: channel.environment,
        ...(stdin === undefined ? {} : { stdin }),
        ...(accept ? { accept } : {}),
        ...(onDisconnect ? { onDisconnect } : {}),
        ...(trusted ? { trusted } : {}),
        ...(expected ? { expected } : {}),
        ...(timeout === undefined ? {} : { timeout }),
      };
    }
    case "put":
    case "fetch":
      return step;
    case "reconnect":
      throw new BowlineError({ code: "E_BUG", message: "a reconnect cannot stand in a batch" });
    default:
      return step satisfies never;
  }
}

/** The shorter of the step's own limit and what is left of the task's; at least a moment, so that 0 never means "no limit". */
function secondsLeft(own: number | undefined, deadline: number | undefined): number | undefined {
  if (deadline === undefined) return own;
  const left = Math.max(0.1, (deadline - Date.now()) / 1000);
  return own === undefined ? left : Math.min(own, left);
}

function isGood(reply: Reply, step: Step): boolean {
  const accept = step.kind === "run" ? (step.accept ?? [0]) : [0];
  return reply.status === "done" && accept.includes(reply.code) && !(reply.omitted && isWhole(step));
}

/** A fetched file comes as base64: an answer is text. */
function answerOf(reply: Reply, step: Step): Answer {
  const stdout = reply.stdout.toString(step.kind === "fetch" ? "base64" : "utf8");
  return { code: reply.code, stdout, stderr: reply.stderr.toString("utf8"), ...(reply.omitted ? { omitted: reply.omitted } : {}) };
}

function failedStep(reply: Reply, title: string, step: Step): FailedStep {
  const own = step.kind === "run" ? step.title : step.kind === "put" ? `write ${step.path}` : undefined;
  return {
    title: own ?? title,
    code: reply.code,
    stdout: endOf(reply.stdout),
    stderr: endOf(reply.stderr),
    reason: reply.omitted && isWhole(step) ? "too much output" : reply.status === "done" ? "exit code" : reply.status,
  };
}

const shownLines = 20;

/** The last lines, and the number of those before; without taking all of it apart, for it may be long. */
function endOf(bytes: Buffer): string {
  const text = bytes.toString("utf8").trimEnd();
  let from = text.length;
  for (let left = shownLines; left > 0 && from >= 0; left -= 1) from = from === 0 ? -1 : text.lastIndexOf("\n", from - 1);
  if (from < 0) return shortened(text);
  let before = 1;
  for (let at = text.indexOf("\n"); at < from; at = text.indexOf("\n", at + 1)) before += 1;
  return `… ${before} lines before\n${shortened(text.slice(from + 1))}`;
}

/** Characters of a failed step's output that a report shows. */
const shownLength = 64 * 1024;

function shortened(text: string): string {
  return text.length <= shownLength ? text : `… ${text.length - shownLength} characters before\n${text.slice(-shownLength)}`;
}
