import { BowlineError, problemsOf } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import { Scope, type Definition } from "../core/scope.ts";
import { makeContext, render } from "../template/render.ts";

/** The value of something that counts before any host is known: the name of a file, a pattern of hosts, the size of a batch. */
export function renderEarly(node: SourceNode, definitions: readonly Definition[]): unknown {
  try {
    return render(node, makeContext(Scope.empty.with(definitions), {}));
  } catch (error) {
    const [problem] = problemsOf(error);
    if (problem.code !== "E_UNDEFINED") throw error;
    const hint = "no host is known yet: only -e, the play's vars and playbook_dir, inventory_dir and groups can stand here";
    throw new BowlineError({ ...problem, hint: problem.hint?.startsWith("did") ? problem.hint : hint }, { cause: error });
  }
}
