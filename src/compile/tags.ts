import { suggestion } from "../core/suggest.ts";

/** What --tags and --skip-tags chose; empty lists choose everything. */
export interface TagChoice {
  readonly tags: readonly string[];
  readonly skipTags: readonly string[];
}

/**
 * Whether a task with these tags runs, by Ansible's rules: `always` runs unless skipped by name, `never` only when one
 * of its tags is asked for, and `all`, `tagged`, `untagged` have their plain meaning.
 */
export function isSelected(taskTags: readonly string[], choice: TagChoice): boolean {
  return isWanted(taskTags, choice.tags) && !isUnwanted(taskTags, choice.skipTags);
}

function isWanted(taskTags: readonly string[], wanted: readonly string[]): boolean {
  const named = taskTags.some((tag) => wanted.includes(tag));
  if (taskTags.includes("never") && !named) return false;
  if (wanted.length === 0 || wanted.includes("all") || named) return true;
  if (taskTags.includes("always")) return true;
  return taskTags.length > 0 ? wanted.includes("tagged") : wanted.includes("untagged");
}

function isUnwanted(taskTags: readonly string[], unwanted: readonly string[]): boolean {
  if (taskTags.some((tag) => unwanted.includes(tag))) return true;
  if (unwanted.includes("all")) return !taskTags.includes("always");
  return taskTags.length > 0 ? unwanted.includes("tagged") : unwanted.includes("untagged");
}

const special = ["all", "always", "never", "tagged", "untagged"];

/** Tags that were asked for and that no task has: a slip of the hand would silently run too little or too much. */
export function unknownTags(choice: TagChoice, known: readonly string[]): string[] {
  const unknown = (option: string, tags: readonly string[]) =>
    tags
      .filter((tag) => !known.includes(tag) && !special.includes(tag))
      .map((tag) => [`${option}: no task has the tag "${tag}"`, suggestion(tag, known)].filter(Boolean).join(": "));
  return [...unknown("--tags", choice.tags), ...unknown("--skip-tags", choice.skipTags)];
}
