import { Secret } from "../core/secret.ts";
import type { Answer, Step } from "../core/step.ts";
import type { ArgsShape, Bound, Change } from "../modules/contract.ts";
import { condition } from "../template/expression.ts";
import { heldAgainst, lookOf, turnsBehind } from "./ahead.ts";
import { attempt } from "./attempt.ts";
import { digested, extrasOf, type Call, type MadeTurns, type Performed, type Turn } from "./call.ts";
import { channelFor, type TaskRun } from "./channel.ts";
import { boundArgs } from "./resolve.ts";
import { canBatch } from "./steps.ts";

/** What one call finds and is to change. */
export interface Planned {
  readonly seen: unknown;
  readonly changes: readonly Change[];
}

/** One call among those whose changes are made in one round trip. */
export interface Part extends Planned {
  readonly call: Call;
  /** What its look came to before anything was changed: it holds on the host only if a look there still comes to the same. */
  readonly was?: Answer;
}

/**
 * Whether the turns of a loop may be made in one round trip: not where something is to happen between two of them, nor where
 * a turn has a time of its own.
 */
export function madeTogether({ task, engine }: TaskRun): MadeTurns | undefined {
  const { loop, until, retries, timeout, async } = task;
  if (engine.options.mode !== "run" || !engine.options.lookAhead || !loop || engine.ports.registry.get(task.module)?.kind !== "resource") return undefined;
  if (until.length > 0 || retries || timeout || async || loop.breakWhen.length > 0 || loop.pause) return undefined;
  return { performed: new Map(), seen: new Map(), isOver: false };
}

export function isMade(turn: Turn | undefined): boolean {
  return turn?.made?.performed.has(turn.index) ?? false;
}

/** What a turn that was made already came to, unless its arguments have come out otherwise since: then it has to be made so. */
export async function madeBefore({ turn, args }: Call): Promise<Performed | undefined> {
  const made = turn?.made?.performed.get(turn.index);
  if (!made) return undefined;
  await digested(args);
  return sameArgs(made.args, args) ? made.came : undefined;
}

function sameArgs(one: Bound<ArgsShape>, other: Bound<ArgsShape>): boolean {
  return JSON.stringify(one, revealed) === JSON.stringify(other, revealed);
}

/** JSON would hide what a secret is, and two that differ would look alike. What a file holds, its digest tells. */
function revealed(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  const own = this[key];
  if (own instanceof Uint8Array) return undefined;
  return own instanceof Secret ? own.reveal() : value;
}

/**
 * The turns behind this one that can be made together with it: all that is known of them now is what they would find
 * one by one, for a turn sees nothing of the results of those before it. What these have changed on the host it may see;
 * that is found out there (docs/decisions/turns-together.md). The first that is not ready ends the row.
 */
export async function partsBehind(call: Call, plan: (call: Call, answer: Answer) => Planned): Promise<Part[]> {
  const parts: Part[] = [];
  const keys = new Set([lookOf(call).key]);
  let size = 0;
  for (const next of turnsBehind(call.turn!)) {
    const coming = await callOf(call, next);
    if (coming === "skipped") continue;
    if (!coming) break;
    const { key } = lookOf(coming);
    // Two turns that look at the same thing cannot both find it as it is.
    if (keys.has(key)) break;
    const was = answerFor(coming, key);
    await digested(coming.args).catch(() => undefined);
    const planned = was && isExact(was) ? attempt(() => plan(coming, was)) : undefined;
    if (!was || !planned || !canGoAlong(planned)) break;
    parts.push({ call: coming, ...planned, was });
    keys.add(key);
    size += sizeOf(planned);
    if (parts.length >= mostParts || size > mostBytes) break;
  }
  return parts;
}

/** Whatever has changed since: it is held against what is there when the turn's time comes. */
function answerFor({ turn, channel, engine }: Call, key: string): Answer | undefined {
  const kept = engine.kept.take(channel.host.line, key)?.answer;
  const seen = turn!.made!.seen.get(key);
  turn!.made!.seen.delete(key);
  return kept ?? seen;
}

/** Turns in one round trip, and bytes of what they put there: the host keeps all of it in its shell. */
const mostParts = 255;
const mostBytes = 1024 * 1024;

/** A turn with everything decided, if that can be done now, on the same machine, as the same user. */
async function callOf(call: Call, turn: Turn): Promise<Call | "skipped" | undefined> {
  const { play, task, host, module, engine, hosts } = call;
  const context = host.contextAhead(play, task, extrasOf(turn));
  const isWanted = attempt(() => task.when.every((expression) => condition(expression, context)));
  if (isWanted === false) return "skipped";
  const channel = isWanted && attempt(() => channelFor({ play, task, host, engine, hosts }, context));
  if (!channel || channel.host !== call.channel.host || wayOf({ channel }) !== wayOf(call)) return undefined;
  const args = await boundArgs({ play, task }, module, context, engine).catch(() => undefined);
  return args && { ...call, args, channel, turn };
}

function wayOf({ channel: { become, environment } }: Pick<Call, "channel">): string {
  return JSON.stringify([become?.user, become?.method, environment]);
}

/** Whether the host can tell that it would say the same again. */
function isExact({ stdout, stderr }: Answer): boolean {
  return stderr === "" && !/[\0\uFFFD]/.test(stdout);
}

/** Whether others may be made along with this one. What one turn writes on the controller another one may read from there. */
export function takesAlong({ call, ...planned }: Part): boolean {
  return call.turn?.made?.isOver === false && !call.channel.host.isLocal && canGoAlong(planned);
}

/** Steps that need an answer, and those that are to be finished when the connection is lost, have a round trip of their own. */
function canGoAlong({ changes }: Planned): boolean {
  return changes.every(({ steps }) => canBatch(steps) && !steps.some((step) => step.kind === "run" && step.onDisconnect === "finish"));
}

function sizeOf({ changes }: Planned): number {
  const steps = changes.flatMap((change) => change.steps as readonly Step[]);
  return steps.reduce((sum, step) => sum + (step.kind === "put" && "text" in step.content ? step.content.text.length : 0), 0);
}

/** What stands in front of the steps of a part. */
export function guardOf({ call, was }: Part): readonly Step[] {
  return was ? [heldAgainst(call, was)] : [];
}

/** Each turn takes over what it came to when it is reached; one that was not begun is begun then. */
export function remembered(parts: readonly Part[], performed: readonly (Performed | undefined)[]): void {
  for (const [index, { call: { turn, args } }] of parts.entries()) {
    const came = performed[index];
    if (turn?.made && came && index > 0) turn.made.performed.set(turn.index, { args, came });
  }
  const cut = performed.indexOf(undefined);
  const made = parts[0]?.call.turn?.made;
  // Behind one that failed nothing is begun; otherwise the first that was not saw something else.
  if (made && cut >= 0 && performed[cut - 1]?.status !== "failed") made.isOver = true;
}
