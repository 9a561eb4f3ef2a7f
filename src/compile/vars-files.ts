import { BowlineError, problemsOf, throwProblems, type Problem } from "../core/errors.ts";
import { entryOf, type SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import { Scope, type Definition } from "../core/scope.ts";
import { makeContext, render } from "../template/render.ts";
import { kindOf } from "./shape.ts";
import { playVariables } from "./task.ts";

/** An entry of vars_files: the first of these paths that exists is meant. */
export interface VarsFilePaths {
  readonly paths: readonly string[];
  readonly at: Position;
}

/**
 * The vars_files of each play of a playbook. They are read before any host is known, so their paths may use `common`
 * variables (extra vars, playbook_dir, …) and the play's own vars.
 */
export function varsFilesOf(root: SourceNode, common: readonly Definition[]): VarsFilePaths[][] {
  const problems: Problem[] = [];
  const plays = root.kind === "sequence" ? root.items : [];
  const lists = plays.map((play) => filesOfPlay(play, common, problems));
  throwProblems(problems);
  return lists;
}

/** A text of a play that counts before any host is known, with its templates rendered. */
export function renderForPlay(node: SourceNode, play: SourceNode, common: readonly Definition[]): unknown {
  try {
    return render(node, makeContext(Scope.empty.with(common).with(playVariables(play)), {}));
  } catch (error) {
    const [problem] = problemsOf(error);
    if (problem.code !== "E_UNDEFINED") throw error;
    const hint = "no host is known yet: only -e, the play's vars and playbook_dir, inventory_dir and groups can stand here";
    throw new BowlineError({ ...problem, hint: problem.hint?.startsWith("did") ? problem.hint : hint }, { cause: error });
  }
}

function filesOfPlay(play: SourceNode, common: readonly Definition[], problems: Problem[]): VarsFilePaths[] {
  const value = play.kind === "mapping" ? entryOf(play, "vars_files")?.value : undefined;
  if (!value) return [];
  const items = value.kind === "sequence" ? value.items : [value];
  return items.flatMap((item) => {
    try {
      return [{ paths: pathsOf(renderForPlay(item, play, common), item), at: item.at }];
    } catch (error) {
      if (!(error instanceof BowlineError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
}

function pathsOf(value: unknown, item: SourceNode): string[] {
  const paths: unknown[] = Array.isArray(value) ? value : [value];
  if (paths.length > 0 && paths.every((path) => typeof path === "string" && path !== "")) return paths as string[];
  throw new BowlineError({ code: "E_PLAYBOOK", message: '"vars_files" must be a list of paths', at: item.at, expected: "the path of a YAML file, or a list of paths of which the first that exists is read", seen: kindOf(item) });
}
