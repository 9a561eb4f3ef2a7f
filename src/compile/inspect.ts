import { textAt, type SourceNode } from "../core/node.ts";
import { resolvedKindOf, type ResolvedKind } from "../modules/args.ts";
import type { Registry } from "../modules/contract.ts";
import { inspectCondition, inspectExpression, inspectFile, inspectNode, partialsAmong, together, type Inspection } from "../template/names.ts";
import type { Expression, Task } from "./program.ts";

/** What a task says of its own: the conditions on its outcome, and its arguments. */
export function inspectOwn(task: Task, input: { registry: Registry; template: FindTemplate }): Inspection {
  const outcome = [...task.until, ...(task.changedWhen ?? []), ...(task.failedWhen ?? []), ...(task.loop?.breakWhen ?? [])];
  return together([...outcome.map(inspectCondition), ...inspectArgs(task, input)]);
}

/** Its other parts, which several tasks may have inherited. */
export function nodesOf(task: Task): SourceNode[] {
  return [...parts(...singleNodes(task)), ...task.notify, ...task.variables.map((definition) => definition.value), ...task.environment];
}

function singleNodes(task: Task): (SourceNode | undefined)[] {
  const { loop, become, reach } = task;
  const loopNodes = [loop?.value, loop?.label, loop?.pause];
  const run = [task.retries, task.delay, task.backoff, task.timeout, task.throttle, task.runOnce, task.async, task.poll];
  const flags = [task.ignoreErrors, task.ignoreUnreachable, task.anyErrorsFatal, task.checkMode, task.diff, task.hide, task.delegateFacts];
  return [...loopNodes, ...run, ...flags, task.delegateTo, become.become, become.user, become.method, reach.connection, reach.port, reach.user];
}

function parts(...nodes: readonly (SourceNode | undefined)[]): SourceNode[] {
  return nodes.filter((node) => node !== undefined);
}

/** A template file that is there already, by the path that a task names. */
export type FindTemplate = (path: string) => { readonly text: string; readonly file: string } | undefined;

/** Some arguments hold conditions, expressions or the path of a template where others hold text. */
function inspectArgs(task: Task, { registry, template }: { registry: Registry; template: FindTemplate }): Inspection[] {
  return task.args.entries.flatMap(({ key, value }) => {
    const type = registry.get(task.module)?.args[key];
    const kind = type && resolvedKindOf(type);
    return [inspectArg(kind, value, template), ...(kind === "templateFile" ? inspectTemplate(value, template) : [])];
  });
}

function inspectArg(kind: ResolvedKind | undefined, value: SourceNode, template: FindTemplate): Inspection {
  if (kind === "conditions") return together(scalarsOf(value).map(inspectCondition));
  return kind === "expression" ? together(scalarsOf(value).map(inspectExpression)) : inspectNode(value, partialsAmong(template));
}

function inspectTemplate(path: SourceNode, template: FindTemplate): Inspection[] {
  const isLiteral = path.kind === "scalar" && typeof path.value === "string" && !path.value.includes("{{");
  const found = isLiteral ? template(String(path.value)) : undefined;
  return found ? [inspectFile(found.text, found.file, partialsAmong(template))] : [];
}

function scalarsOf(node: SourceNode): Expression[] {
  if (node.kind === "sequence") return node.items.flatMap(scalarsOf);
  if (node.kind === "expression") return [node];
  return node.kind === "scalar" && node.value !== null ? [{ source: String(node.value), at: textAt(node) }] : [];
}

