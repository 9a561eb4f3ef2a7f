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
  readonly reason: "exit code" | "timeout" | "cancelled";
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
  const answers = replies.map((reply, index) => answerOf(reply, steps[index]!));
  const last = replies.length - 1;
  const reply = replies[last];
  if (!reply) throw new BowlineError({ code: "E_BUG", message: "the session gave no answer" });
  return isGood(reply, steps[last]!) ? { answers } : { answers, failed: failedStep(reply, titles[last] ?? titles[0] ?? "step", steps[last]!) };
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
  return reply.status === "done" && accept.includes(reply.code);
}

/** A fetched file comes as base64: an answer is text. */
function answerOf(reply: Reply, step: Step): Answer {
  const stdout = reply.stdout.toString(step.kind === "fetch" ? "base64" : "utf8");
  return { code: reply.code, stdout, stderr: reply.stderr.toString("utf8") };
}

function failedStep(reply: Reply, title: string, step: Step): FailedStep {
  const own = step.kind === "run" ? step.title : step.kind === "put" ? `write ${step.path}` : undefined;
  return {
    title: own ?? title,
    code: reply.code,
    stdout: endOf(reply.stdout.toString("utf8")),
    stderr: endOf(reply.stderr.toString("utf8")),
    reason: reply.status === "done" ? "exit code" : reply.status,
  };
}

const shownLines = 20;

function endOf(text: string): string {
  const lines = text.trimEnd().split("\n");
  return lines.length <= shownLines ? lines.join("\n") : `… ${lines.length - shownLines} lines before\n${lines.slice(-shownLines).join("\n")}`;
}
