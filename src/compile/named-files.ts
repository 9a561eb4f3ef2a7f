import type { Problem } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import { resolvedKindOf, scriptWords } from "../modules/args.ts";
import type { Registry } from "../modules/contract.ts";
import type { ReadPlay } from "./play.ts";
import type { Task } from "./program.ts";
import { literalArg } from "./task.ts";
import type { Problems } from "./shape.ts";

/** Why a file that a task names cannot be had: looked for in the folder below these directories, and in themselves. */
export type Absent = (path: string, folder: "files" | "templates", places: readonly string[]) => Problem | undefined;

/**
 * Files on the controller that tasks name as they are, and that are not there. Nothing is said of an absolute path, nor
 * where a task works on the controller: it may make the file first.
 */
export function checkFiles(read: readonly ReadPlay[], registry: Registry, absent: Absent, problems: Problems): void {
  const all = read.map((each) => ({ each, tasks: [...each.play.tasks, ...each.play.handlers, ...each.possible] }));
  if (all.some(({ each, tasks }) => each.play.hosts.some(isController) || tasks.some(worksHere))) return;
  for (const { each, tasks } of all) problems.list.push(...tasks.flatMap((task) => missingOf(task, registry, (path, folder) => absent(path, folder, placesOf(task, each)))));
}

function missingOf(task: Task, registry: Registry, absent: (path: string, folder: "files" | "templates") => Problem | undefined): Problem[] {
  if (task.ignoreErrors) return [];
  return task.args.entries.flatMap(({ key, value }) => {
    const type = registry.get(task.module)?.args[key];
    const named = type && namedBy[resolvedKindOf(type) ?? ""];
    const path = named && literalArg(task.args, key);
    const problem = path === undefined || path.startsWith("/") ? undefined : absent(named!.path(path), named!.folder);
    return problem ? [{ ...problem, at: value.at }] : [];
  });
}

/** Where the files of a task are looked for: in its role, and beside its play. */
export function placesOf({ role: id }: Pick<Task, "role">, { play, possibleRoles }: ReadPlay): string[] {
  const role = id === undefined ? undefined : (play.roles[id] ?? possibleRoles.find((each) => each.id === id));
  return [...(role ? [role.path] : []), play.dir];
}

const namedBy: Readonly<Record<string, { readonly folder: "files" | "templates"; readonly path: (written: string) => string }>> = {
  controllerFile: { folder: "files", path: (written) => written },
  scriptFile: { folder: "files", path: (written) => scriptWords(written).path },
  templateFile: { folder: "templates", path: (written) => written },
};

function isController(host: string): boolean {
  return ["localhost", "127.0.0.1", "::1"].includes(host);
}

function worksHere({ delegateTo, reach }: Task): boolean {
  const word = (node: SourceNode | undefined) => (node?.kind === "scalar" ? String(node.value) : "");
  return isController(word(delegateTo)) || word(reach.connection) === "local";
}
