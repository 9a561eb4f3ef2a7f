import type { Result } from "../events/event.ts";

/**
 * What `register` sees, in Ansible's words: `changed`, `failed`, `skipped`, `unreachable`, `msg`, the module's own keys,
 * and for a loop `results`.
 */
export function registered(result: Omit<Result, "elapsed">): Record<string, unknown> {
  const { status, data, items, problem, message, alsoChanged = false } = result;
  const msg = problem?.message ?? message;
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
    ...(result.item === undefined ? {} : { item: result.item }),
    ...(items ? { results: items.map(registered) } : {}),
  };
}
