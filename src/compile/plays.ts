import { dirname, resolve } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { nearPath } from "../core/near-path.ts";
import { entryOf, type MappingNode, type SourceNode } from "../core/node.ts";
import type { Definition } from "../core/scope.ts";
import { renderEarly } from "./early.ts";
import { importKeys } from "./keys.ts";
import { noKeywords, readVariables, tagsOf } from "./keywords.ts";
import type { Inherited } from "./program.ts";
import { missingFile, readFirst, type ProjectFiles } from "./reading.ts";
import { checkKeys, kindOf, Reader, type Problems } from "./shape.ts";

/** A play as it stands in a file, and what the imports that brought it lay over it. */
export interface PlayNode {
  readonly node: SourceNode;
  /** Absolute: the directory of its file. */
  readonly dir: string;
  readonly outer: Inherited;
}

interface Around {
  readonly files: ProjectFiles;
  readonly problems: Problems;
  readonly common: readonly Definition[];
}

/** The plays of a playbook, those of the playbooks that it imports in their place. */
export function playNodes(playbook: { readonly root: SourceNode; readonly path: string }, around: Around): PlayNode[] {
  return nodesOf(playbook.root, { path: resolve(playbook.path), trail: [resolve(playbook.path)], outer: noKeywords }, around);
}

interface File {
  readonly path: string;
  readonly trail: readonly string[];
  readonly outer: Inherited;
}

function nodesOf(root: SourceNode, file: File, around: Around): PlayNode[] {
  if (root.kind !== "sequence" || root.items.length === 0) {
    const seen = root.kind === "sequence" ? "an empty list" : kindOf(root);
    around.problems.add(root.at, `a playbook must be a list of plays, not ${seen}`, { hint: "begin it with - name: … and hosts: …" });
    return [];
  }
  return root.items.flatMap((node) => {
    const isImport = node.kind === "mapping" && importOf(node) !== undefined;
    return isImport ? imported(node, file, around) : [{ node, dir: dirname(file.path), outer: file.outer }];
  });
}

function importOf(node: MappingNode): SourceNode | undefined {
  return (entryOf(node, "import_playbook") ?? entryOf(node, "ansible.builtin.import_playbook"))?.value;
}

function imported(node: MappingNode, file: File, around: Around): PlayNode[] {
  const { problems, files } = around;
  checkKeys(node, [...importKeys, "ansible.builtin.import_playbook"], { what: "import_playbook", later: () => undefined }, problems);
  const reader = new Reader(node, problems);
  const value = importOf(node)!;
  const name = nameOf(value, [...around.common, ...file.outer.variables], problems);
  if (name === undefined) return [];
  const path = resolve(dirname(file.path), name);
  if (file.trail.includes(path)) {
    problems.add(value.at, `a playbook imports itself: ${[...file.trail.slice(file.trail.indexOf(path)), path].map(nearPath).join(" → ")}`, { hint: "take one of the imports out" });
    return [];
  }
  const found = readFirst([path], { files, problems });
  if (found === "absent") missingFile(name, [path], value.at, { files, problems });
  if (found === undefined || found === "absent") return [];
  return nodesOf(found.root, { path, trail: [...file.trail, path], outer: laidOver(reader, file.outer) }, around);
}

/** As in Ansible, the variables beside an import are stronger than those of its plays. */
function laidOver(reader: Reader, outer: Inherited): Inherited {
  return {
    ...outer,
    when: [...outer.when, ...(reader.conditions("when") ?? [])],
    tags: [...new Set([...outer.tags, ...tagsOf(reader)])],
    variables: [...readVariables(reader, "play vars"), ...outer.variables],
  };
}

function nameOf(value: SourceNode, early: readonly Definition[], problems: Problems): string | undefined {
  try {
    const name = renderEarly(value, early);
    if (typeof name === "string" && name !== "") return name;
    problems.add(value.at, '"import_playbook" must be the path of a playbook', { seen: kindOf(value) });
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    problems.list.push(...error.problems);
  }
  return undefined;
}
