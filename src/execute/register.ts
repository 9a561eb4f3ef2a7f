import type { Loop } from "../compile/program.ts";
import type { Result } from "../events/event.ts";

/**
 * What `register` sees, in Ansible's words: `changed`, `failed`, `skipped`, `unreachable`, `msg`, the module's own keys,
 * and for a loop `results`, each with its item under the name that the loop gives it.
 */
export function registered(result: Omit<Result, "elapsed">, loop?: Loop): Record<string, unknown> {
  const { status, data, items, problem, message, alsoChanged = false } = result;
  const msg = items ? ofItems(result, items) : (problem?.message ?? message);
  return {
    ...data,
    changed: status === "changed" || alsoChanged,
    failed: status === "failed" || status === "rescued" || (status === "ignored" && problem?.code !== "E_UNREACHABLE"),
    skipped: status === "skipped",
    unreachable: status === "unreachable" || problem?.code === "E_UNREACHABLE",
    unknown: status === "unknown",
    changes: result.changes.map((change) => change.title),
    // The module's own keeps its type, unless there is a failure to tell of.
    ...(msg === undefined || (problem === undefined && data?.["msg"] !== undefined) ? {} : { msg }),
    ...(items ? { results: items.map((item, index) => ({ ...registered(item), ...placeOf(item, index, loop) })) } : {}),
  };
}

function ofItems({ status }: Pick<Result, "status">, items: readonly Result[]): string {
  if (items.some((item) => item.status === "failed" || item.status === "ignored")) return "One or more items failed";
  return status === "skipped" ? "All items skipped" : "All items completed";
}

function placeOf({ item }: Result, index: number, loop: Loop | undefined): Record<string, unknown> {
  const { variable = "item", indexVariable } = loop ?? {};
  return { [variable]: item, ansible_loop_var: variable, ...(indexVariable === undefined ? {} : { [indexVariable]: index, ansible_index_var: indexVariable }) };
}
