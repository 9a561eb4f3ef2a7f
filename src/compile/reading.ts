import { basename, dirname, join, normalize } from "node:path";
import type { Problem } from "../core/errors.ts";
import { nearPath } from "../core/near-path.ts";
import type { SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition } from "../core/scope.ts";
import type { Registry } from "../modules/contract.ts";
import type { Role, Task } from "./program.ts";
import { hintOf, type Problems } from "./shape.ts";
import type { TagChoice } from "./tags.ts";

/**
 * The YAML files of a project, for a compiler that reads none itself: one that has not been read yet counts as empty,
 * and is read before the next attempt. Paths are absolute.
 */
export interface ProjectFiles {
  /** Something was asked for that is not known yet. */
  readonly isWaiting?: boolean;
  /** The content of a file: undefined when there is none, null while it is not known. */
  yaml(path: string): { readonly root: SourceNode } | { readonly problems: readonly Problem[]; readonly isSealed?: boolean } | undefined | null;
  /** The names in a directory: undefined when there is none, null while it is not known. */
  names(dir: string): readonly string[] | undefined | null;
}

/** What the reading of one play carries along. */
export interface Reading {
  readonly registry: Registry;
  readonly problems: Problems;
  readonly files: ProjectFiles;
  readonly tags: TagChoice;
  /** Absolute: where roles are looked for, the nearest first. */
  readonly rolesPath: readonly string[];
  /** Variables that are known before any host is: names of files may be made of them. */
  readonly early: readonly Definition[];
  readonly collected: Collected;
  /** Told of a file that is encrypted and stays closed: it may define any name. */
  readonly onSealed?: () => void;
  /** Told of every task that the tags leave out. */
  readonly onLeftOut: (task: Task) => void;
}

/** What the reading of a play gathers, in the order of the files. */
export class Collected {
  readonly tasks: Task[] = [];
  readonly handlers: Task[] = [];
  readonly roles: Role[] = [];
  /** Roles that were read already, by all that makes one differ from another. */
  readonly seen = new Set<string>();
  /** What files named by a dynamic include may bring; it is only looked at. */
  readonly possible: Task[] = [];
  readonly possibleRoles: Role[] = [];
  /** What include_vars may bring, and what tasks that are broken would have: names of variables and of handlers. */
  readonly names = new Set<string>();
  /** There is an include whose files cannot be known before it is reached. */
  isOpen = false;
  readonly #id: string;
  #tasks = 0;
  #handlers = 0;
  #roles = 0;

  constructor(id: string) {
    this.#id = id;
  }

  /** For a look at what may come; it changes nothing of this one. */
  shadow(): Collected {
    return new Collected(`${this.#id}.f${this.possibleRoles.length + this.possible.length}`);
  }

  /** What a look at what may come has found. */
  foresee({ tasks, handlers, roles, possible, possibleRoles, names, isOpen }: Collected): void {
    this.possible.push(...tasks, ...handlers, ...possible);
    this.possibleRoles.push(...roles, ...possibleRoles);
    for (const name of names) this.names.add(name);
    this.isOpen ||= isOpen;
  }

  nextTask(): string {
    this.#tasks += 1;
    return `${this.#id}.t${this.#tasks}`;
  }

  /** As in Ansible the last one of a name counts, so one that a role brings again takes the place of the first. */
  addHandler(handler: Omit<Task, "id">): void {
    const { file, line, column } = handler.at;
    const before = this.handlers.findIndex(({ at }) => at.file === file && at.line === line && at.column === column);
    if (before >= 0) this.handlers.splice(before, 1);
    this.#handlers += 1;
    this.handlers.push({ id: `${this.#id}.h${this.#handlers}`, ...handler });
  }

  nextRole(): string {
    this.#roles += 1;
    return `${this.#id}.r${this.#roles}`;
  }
}

/** Where a list of tasks stands. */
export interface Place {
  /** Absolute: files that it names are looked for here first. */
  readonly dir: string;
  /** The files that led here, this one last. */
  readonly trail: readonly string[];
  /** The role that it belongs to. */
  readonly role?: Role;
  /** The roles that use this one, the outermost first. */
  readonly above?: readonly Role[];
  readonly rescues?: true;
}

/** The first of these files that is there; its mistakes join the others. Undefined when there is none, or not yet. */
export function readFirst(paths: readonly string[], reading: Pick<Reading, "files" | "problems" | "onSealed">): { readonly root: SourceNode; readonly path: string } | "absent" | undefined {
  // All are asked for at once: each round of reading is a round of compiling.
  const all = paths.map((path) => ({ path, found: reading.files.yaml(path) }));
  for (const { path, found } of all) {
    if (found === null) return undefined;
    if (found === undefined) continue;
    if ("root" in found) return { root: found.root, path };
    reading.problems.list.push(...found.problems);
    if (found.isSealed) reading.onSealed?.();
    return undefined;
  }
  return "absent";
}

/** Reports that none of the files is there. */
export function missingFile(name: string, paths: readonly string[], at: Position, { files, problems }: Pick<Reading, "files" | "problems">): void {
  const near = [...new Set(paths.map((path) => dirname(path)))].flatMap((dir) => files.names(dir) ?? []);
  const known = [...new Set(near.filter((each) => /\.ya?ml$/.test(each)).map((each) => (/\.\w+$/.test(name) ? each : each.replace(/\.ya?ml$/, ""))))];
  problems.list.push({ code: "E_FILE", message: `there is no file ${name}`, at, seen: `looked for ${paths.map(nearPath).join(", ")}`, ...hintOf(basename(name), known) });
}

/** Whether a path stays inside a directory. */
export function isInside(path: string, dir: string): boolean {
  return normalize(path).startsWith(`${normalize(dir)}/`);
}

/** `name`, and with the endings that YAML files have where it has none. */
export function withEndings(dir: string, name: string): string[] {
  const path = join(dir, name);
  return /\.(ya?ml|json)$/.test(name) ? [path] : [`${path}.yml`, `${path}.yaml`, path];
}
