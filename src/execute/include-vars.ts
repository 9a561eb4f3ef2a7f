import { join, resolve } from "node:path";
import type { SourceNode } from "../core/node.ts";
import type { Definition } from "../core/scope.ts";
import type { Call, Performed } from "./call.ts";
import { placesOf, withPosition } from "./resolve.ts";

interface Wanted {
  readonly file?: string;
  readonly dir?: string;
  readonly name?: string;
  readonly ignore_files?: readonly string[];
}

/** Variables from files, for the rest of the run; as they are written, for they may name others. */
export async function includeVariables({ play, task, host, args, engine }: Call): Promise<Performed> {
  const { file, dir, name, ignore_files = [] } = args as Wanted;
  const path = (file ?? dir)!;
  const role = task.role === undefined ? undefined : play.roles[task.role];
  const besides = [...(role ? [join(role.path, "vars"), role.path] : []), join(task.dir, "vars"), task.dir, ...placesOf(play, task)];
  const paths = [...new Set(besides.map((place) => resolve(place, path)))];
  const found = await withPosition(task.at, () => engine.ports.project.variables({ paths, isDirectory: dir !== undefined, ignore: ignore_files }));
  host.include(name === undefined ? found : [under(name, found, task)]);
  return { status: "ok", changes: [], message: `${found.length} ${found.length === 1 ? "variable" : "variables"} from ${path}` };
}

/** All of them as the keys of one. */
function under(name: string, definitions: readonly Definition[], { at }: { at: SourceNode["at"] }): Definition {
  const entries = definitions.map((definition) => ({ key: definition.name, keyAt: definition.value.at, value: definition.value }));
  return { name, value: { kind: "mapping", entries, at }, level: "include_vars" };
}
