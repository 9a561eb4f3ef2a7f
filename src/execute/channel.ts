import { BowlineError } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import { emitFromAfar } from "../events/emitter.ts";
import type { Play, Task } from "../compile/program.ts";
import type { Context } from "../template/context.ts";
import { render } from "../template/render.ts";
import { becomeOf } from "./become.ts";
import type { HostState } from "./host.ts";
import type { Handlers } from "./handlers.ts";
import type { Hosts } from "./hosts.ts";
import type { Engine } from "./ports.ts";
import { waysOf } from "./reach.ts";
import type { Channel } from "./steps.ts";

/** One task on one host. */
export interface TaskRun {
  readonly play: Play;
  readonly task: Task;
  readonly host: HostState;
  readonly engine: Engine;
  readonly hosts: Hosts;
  readonly handlers: Handlers;
  /** What a `rescue` waits for here: failures, or a host out of reach too. */
  readonly rescue?: "failed" | "unreachable";
}

/** How this task talks to its machine; the time that it has begins now. */
export function channelFor({ play, task, host, engine, hosts }: Pick<TaskRun, "play" | "task" | "host" | "engine" | "hosts">, context: Context): Channel {
  const limit = numberOf(task.timeout ?? task.async, context, 0);
  const environments = task.environment.map((node) => environmentOf(node, context));
  const delegate = delegateOf(task, context);
  const target = delegate === undefined ? host : hosts.named(delegate);
  return {
    host: hosts.machine(host, target, waysOf({ play, task, host }, context, target)),
    mode: engine.options.mode,
    become: becomeOf(task, context, { target, host, engine }),
    environment: Object.assign({}, ...environments) as Record<string, string>,
    deadline: limit > 0 ? Date.now() + limit * 1000 : undefined,
    signal: engine.options.signal,
    onLine: ({ stream, text }) => {
      if (!task.noLog) emitFromAfar(engine.ports.emit, { type: "output", task: task.id, host: host.name, stream, text });
    },
  };
}

/** The name of the host that does the work in the place of the task's own. */
export function delegateOf({ delegateTo }: Task, context: Context): string | undefined {
  if (!delegateTo) return undefined;
  const name = render(delegateTo, context);
  if (typeof name === "string" && name !== "") return name;
  if (name === null || name === undefined) return undefined;
  throw wrong('"delegate_to" must be the name of a host', delegateTo);
}

/** Whether a keyword holds; false where it is absent. */
export function flagOf(node: SourceNode | undefined, context: Context): boolean {
  if (!node) return false;
  const value = render(node, context);
  if (typeof value === "boolean") return value;
  throw wrong(`must be true or false, not ${JSON.stringify(value)}`, node);
}

/** The number that a key of a task gives, or another one where the key is absent. */
export function numberOf(node: SourceNode | undefined, context: Context, otherwise: number): number {
  if (!node) return otherwise;
  const value = Number(render(node, context));
  if (Number.isFinite(value) && value >= 0) return value;
  throw wrong("must be a number that is not negative", node);
}

function environmentOf(node: SourceNode, context: Context): Record<string, string> {
  const value = render(node, context);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong('"environment" must be a mapping of names to values', node);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, variable(name, inner, node)]));
}

function variable(name: string, value: unknown, node: SourceNode): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw wrong(`"${name}" cannot be the name of an environment variable`, node);
  if (typeof value === "object" && value !== null) throw wrong(`the environment variable ${name} must be text or a number`, node);
  return value === null || value === undefined ? "" : String(value);
}

function wrong(message: string, { at }: SourceNode): BowlineError {
  return new BowlineError({ code: "E_ARGS", message, at });
}
