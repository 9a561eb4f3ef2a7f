import type { Task } from "../compile/program.ts";
import type { TaskLabel } from "../events/event.ts";
import type { Registry } from "../modules/contract.ts";

/** A task as the events name it, before any host has begun it. */
export function labelOf(task: Task, registry: Registry, handler: boolean): TaskLabel {
  const kind = registry.get(task.module)?.kind;
  return { task: task.id, name: task.name, module: task.module, ...(kind ? { kind } : {}), handler, at: task.at };
}
