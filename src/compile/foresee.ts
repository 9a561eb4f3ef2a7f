import { join, resolve } from "node:path";
import { entryOf, isTemplated, type SourceNode } from "../core/node.ts";
import type { Task } from "./program.ts";
import type { Place, Reading } from "./reading.ts";
import { literalArg } from "./task.ts";

/** The names that an include of variables brings; where only a host can tell the file, all that it may be. */
export function foreseeVariables({ args }: Task, place: Place, reading: Reading): void {
  const { collected, files } = reading;
  const dir = literalArg(args, "dir");
  const node = entryOf(args, "file")?.value;
  const name = literalArg(args, "name");
  if (name !== undefined) collected.names.add(name);
  if (entryOf(args, "name")) return;
  const places = variablePlaces(place);
  const named = dir !== undefined ? places.flatMap((each) => (files.names(join(each, dir)) ?? []).map((name) => join(dir, name))) : node && (isTemplated(node) ? candidates(node, "include_vars", place, reading) : [literalArg(args, "file")!]);
  if (!named) collected.isOpen = true;
  for (const path of (named ?? []).flatMap((name) => places.map((each) => resolve(each, name)))) {
    const found = files.yaml(path);
    if (found && "root" in found && found.root.kind === "mapping") for (const { key } of found.root.entries) collected.names.add(key);
  }
}

/** Where include_vars looks: the vars of the role, then beside the file that names it. */
function variablePlaces({ dir, role }: Place): string[] {
  return [...(role ? [join(role.path, "vars"), role.path] : [join(dir, "vars")]), dir];
}

/** Names that the template of an include could give. */
export function candidates(node: SourceNode, module: string, place: Place, reading: Reading): string[] {
  const beside = module === "include_vars" ? variablePlaces(place) : [place.dir, ...(place.role ? [join(place.role.path, "tasks")] : [])];
  if (module !== "include_role") return matching(node, beside, reading);
  return matching(node, reading.rolesPath, reading).filter((name) => !/\/(tasks|handlers|vars|defaults|meta|files|templates)$/.test(name));
}

/** Names in these directories that a template could give, by its plain parts; where it has none, nothing can be said. */
export function matching(node: SourceNode, dirs: readonly string[], { files, collected }: Reading): string[] {
  const text = node.kind === "scalar" ? String(node.value) : "{{ }}";
  const plain = text.split(/\{\{.*?\}\}/);
  const folder = plain[0]!.includes("/") ? plain[0]!.slice(0, plain[0]!.lastIndexOf("/")) : "";
  if (plain.join("") === "" || (text.startsWith("{{") && plain[1]!.includes("/"))) {
    collected.isOpen = true;
    return [];
  }
  const pattern = new RegExp(`^${plain.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*")}(\\.ya?ml)?$`);
  const names = dirs.flatMap((dir) => namesIn(join(dir, folder), files));
  return [...new Set(names)].map((each) => join(folder, each)).filter((each) => pattern.test(each));
}

/** What is in a directory and in those in it: what a template gives may hold a slash. */
function namesIn(dir: string, files: Reading["files"]): string[] {
  const names = files.names(dir) ?? [];
  const deeper = names.filter((name) => !name.includes(".")).flatMap((folder) => (files.names(join(dir, folder)) ?? []).map((name) => join(folder, name)));
  return [...names, ...deeper];
}
