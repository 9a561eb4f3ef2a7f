import { problemsOf } from "../core/errors.ts";
import { run, type Answer, type RunStep } from "../core/step.ts";
import type { Loop, Task } from "../compile/program.ts";
import type { ArgsShape, Resource } from "../modules/contract.ts";
import type { Context } from "../template/context.ts";
import { condition } from "../template/expression.ts";
import { attempt } from "./attempt.ts";
import { extrasOf, type Call, type Turn } from "./call.ts";
import { channelFor } from "./channel.ts";
import { loopItems } from "./loops.ts";
import { widest } from "./kept.ts";
import type { Engine } from "./ports.ts";
import { boundArgs } from "./resolve.ts";
import { sendBatch, type Driven, type FailedStep } from "./steps.ts";
import { questionsOf, type Look, type Question } from "./together.ts";

/** What a look came to; `isFresh` when nothing was asked of the host since, so that what is to be done may be planned from it. */
export type Looked = { readonly answer: Answer; readonly isFresh: boolean } | { readonly failed: FailedStep };

/**
 * The answer to a resource's look: the one that was kept for it, or the host's, asked now. Who asks takes the looks of
 * the tasks behind it along, in the same round trip, so that a playbook that finds all as it should be costs a handful
 * of them. An answer is found again by the exact text of its script: arguments that come out otherwise when the task
 * is reached make another script, and so another look.
 */
export async function look(call: Call): Promise<Looked> {
  const { channel, engine } = call;
  const own = lookOf(call);
  return engine.kept.take(channel.host.line, own.key) ?? ask(call, own, await looksToCome(call, { wholeLoop: true }));
}

/** The same, and nothing but the host's own answer of now will do. */
export async function lookAnew(call: Call): Promise<Looked> {
  return ask(call, lookOf(call), []);
}

/** The step that looks; also sent as the last of a change, to prove it. */
export function lookStep(call: Call, limit = ownLimit): RunStep {
  const { name } = call.module;
  return run(scriptOf(call), { title: `look at ${name}`, timeout: limit, accept: everyCode, trusted: true, silent: true });
}

/** The step that looks, and fails unless it sees exactly what was seen before. */
export function heldAgainst(call: Call, was: Answer): RunStep {
  return { ...lookStep(call, noLimit), title: `look at ${call.module.name} again`, accept: [0], expected: was };
}

/** Seconds after which a look is given up; no module looks that long on purpose. One taken ahead holds another task up. */
const ownLimit = 120;
/** Where a look ended a moment ago, and what stands between has no limit either, one would cost the host a process for each. */
export const noLimit = 0;
const aheadLimit = 20;

/** A look may end with any code; parse judges it. */
const everyCode = Array.from({ length: 256 }, (_, code) => code);

export function lookOf(call: Call, limit?: number): Look {
  const { become, environment } = call.channel;
  const { together } = resourceOf(call);
  const subject = together?.subject(call.args);
  const step = lookStep(call, limit);
  return {
    key: JSON.stringify([become?.user ?? null, environment, step.script.text]),
    step,
    ...(together && subject !== undefined ? { like: { family: together.family, subject } } : {}),
  };
}

function scriptOf(call: Call) {
  return resourceOf(call).observe(call.args);
}

function resourceOf({ module }: Call) {
  return module as Resource<ArgsShape, unknown>;
}

/** Asks for the own look and those to come, the like ones together. An own look that was not answered among others is taken alone. */
async function ask(call: Call, own: Look, more: readonly Look[]): Promise<Looked> {
  const { channel, engine } = call;
  const { era } = engine.kept;
  const questions = questionsFor(call, [own, ...more]);
  const isAmongOthers = questions[0]!.looks.length > 1;
  const asked = await channel.host.roundTrips();
  const { answers, failed } = await sendBatch(questions.map(({ step }) => step), questions.map(({ step }) => step.title!), channel, 1).catch(async (error: unknown) => {
    // Another one may have cut it off: its own look has not done so before it has done so alone.
    if (isAmongOthers && problemsOf(error)[0].code === "E_UNREACHABLE" && (await channel.host.roundTrips()) > asked) return nothing;
    throw error;
  });
  const told = toldBy(call, questions, failed ? answers.slice(0, -1) : answers);
  engine.kept.keep(channel.host.line, era, known(call, more, told));
  const answer = told.get(own.key);
  if (answer) return { answer, isFresh: true };
  if (failed && (failed.reason === "cancelled" || !isAmongOthers)) return { failed };
  return ask(call, own, more.filter(({ key }) => !told.has(key)));
}

const nothing: Driven = { answers: [] };

/** Looks as a host is asked for them, each once. */
export function questionsFor({ channel, engine }: Call, looks: readonly Look[]): Question[] {
  const once = new Map(looks.map((each) => [each.key, each]));
  return questionsOf([...once.values()], aheadLimit, ({ key }) => engine.kept.isApart(channel.host.line, key));
}

/**
 * The answers that came, by the keys of their looks. A question that does not end within its time stops those behind it: their
 * tasks will ask themselves. What was in it, and what could not be answered among others, is looked at alone from then on.
 */
export function toldBy({ channel, engine }: Call, questions: readonly Question[], came: readonly Answer[]): ReadonlyMap<string, Answer> {
  const told = new Map<string, Answer>();
  for (const [index, { looks, answers }] of questions.slice(0, came.length + 1).entries()) {
    const found = came[index] ? answers(came[index]) : [];
    for (const [place, { key }] of looks.entries()) {
      const answer = found[place];
      if (answer) told.set(key, answer);
      else engine.kept.setApart(channel.host.line, key);
    }
  }
  return told;
}

/** What can be kept for the tasks to come; what several of them look at, for each. Turns that are made together remember it, whatever changes. */
export function known({ turn }: Call, looks: readonly Look[], told: ReadonlyMap<string, Answer>): (readonly [key: string, answer: Answer])[] {
  const answers = looks.flatMap(({ key }) => (told.has(key) ? [[key, told.get(key)!] as const] : []));
  for (const [key, answer] of answers) turn?.made?.seen.set(key, answer);
  return answers;
}

/**
 * Looks that can go along with this call: as the same user, with the same variables, not yet in store. What several tasks
 * look at stands here as often. `wholeLoop`: the first turn of a loop takes all the others along, however wide its host looks;
 * so does every turn of one that is made together.
 */
export async function looksToCome(call: Call, { wholeLoop }: { wholeLoop: boolean }): Promise<Look[]> {
  const { engine, task, channel } = call;
  const looks: Look[] = [];
  const keys = new Set<string>();
  if (!engine.options.lookAhead || engine.options.mode === "down" || waits(task, call) || task.timeout) return [];
  const own = JSON.stringify([channel.become?.user, channel.environment]);
  for await (const next of callsToCome(call, wholeLoop)) {
    const { become, environment } = next.channel;
    const same = JSON.stringify([become?.user, environment]) === own;
    const coming = same ? attempt(() => lookOf(next, aheadLimit)) : undefined;
    if (!coming || engine.kept.has(channel.host.line, coming.key)) continue;
    looks.push(coming);
    keys.add(coming.key);
    if (keys.size >= mostLooks) break;
  }
  return looks;
}

/** Looks in one round trip, whatever loops there are. */
const mostLooks = 256;

/** The turns that are left of the own loop, and the tasks behind, as far as the width reaches or something stands in the way. */
async function* callsToCome(call: Call, wholeLoop: boolean): AsyncGenerator<Call> {
  const { play, task, turn, engine, channel } = call;
  const width = engine.kept.width(channel.host.line);
  const isWhole = turn?.made ? !turn.made.isOver : wholeLoop && turn?.index === 0;
  const own = isWhole ? turn!.items.length : width;
  yield* turnsOf(call, task, turn ? turnsBehind(turn).slice(0, own - 1) : []);
  const at = play.tasks.findIndex((each) => each.id === task.id);
  if (at < 0) return;
  for (const next of play.tasks.slice(at + 1, at + width)) {
    if (isWall(next, call)) return;
    if (engine.ports.registry.get(next.module)?.kind === "resource" && mayLookAhead(next)) yield* turnsOf(call, next, attempt(() => turnsAhead(next, call)) ?? []);
  }
}

/** A look of these may take another time, another mode or another moment than the others. */
function mayLookAhead({ timeout, checkMode, rescues }: Task): boolean {
  return !timeout && !checkMode && !rescues;
}

/**
 * What stands between a look and a task behind it: an action that will run changes something, or waits for something
 * to change, and so does `pause`. Other controls only make variables, and the text of the script tells whether these mattered.
 */
function isWall(task: Task, call: Call): boolean {
  const { engine, play, host } = call;
  const { mode } = engine.options;
  const module = engine.ports.registry.get(task.module);
  if (task.include) return true;
  if (mode === "status") return false;
  if (module?.kind === "control") return mode === "run" && module.forAll === true;
  if (module?.kind === "resource") return waits(task, call);
  if (mode === "check" && module?.kind === "action" && !module.readOnly) return false;
  const context = host.contextAhead(play, task);
  return task.loop !== undefined || attempt(() => task.when.every((expression) => condition(expression, context))) !== false;
}

/** A task that is tried until something holds, or that pauses between its items, lets time pass on purpose; `status` tries nothing twice. */
function waits({ until, loop }: Task, { engine }: Call): boolean {
  return (until.length > 0 || loop?.pause !== undefined) && engine.options.mode !== "status";
}

function turnsAhead(task: Task, { host, play, engine }: Call): (Turn | undefined)[] {
  const { loop } = task;
  if (!loop) return [undefined];
  const items = itemsAhead(loop, host.contextAhead(play, task), engine);
  return items.slice(0, widest).map((_, index) => ({ loop, items, index }));
}

function itemsAhead(loop: Loop, context: Context, { ports }: Engine): readonly unknown[] {
  return loop.style === "random_choice" ? [] : loopItems(loop, context, ports.inventory.select);
}

export function turnsBehind({ index, ...turn }: Turn): Turn[] {
  return turn.items.slice(index + 1).map((_, offset) => ({ ...turn, index: index + 1 + offset }));
}

/** The turns of a task whose condition holds and whose arguments are known already, as far as they are about the same machine. */
async function* turnsOf(call: Call, task: Task, turns: readonly (Turn | undefined)[]): AsyncGenerator<Call> {
  const { play, engine, host, hosts } = call;
  const module = engine.ports.registry.get(task.module)!;
  for (const turn of turns) {
    const context = host.contextAhead(play, task, extrasOf(turn));
    if (!attempt(() => task.when.every((expression) => condition(expression, context)))) continue;
    const args = await boundArgs({ play, task }, module, context, engine).catch(() => undefined);
    const channel = attempt(() => channelFor({ play, task, host, engine, hosts }, context));
    if (args && channel?.host === call.channel.host) yield { play, task, host, module, args, channel, engine, hosts, ...(turn ? { turn } : {}) };
  }
}
