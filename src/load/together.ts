import { BowlineError, problemsOf, throwProblems } from "../core/errors.ts";

/** Waits for all, so that one reading reports the mistakes of every file; throws them as one error. */
export async function together<const Work extends readonly unknown[]>(work: Work): Promise<{ -readonly [Index in keyof Work]: Awaited<Work[Index]> }> {
  const settled = await Promise.allSettled(work);
  const reasons: unknown[] = settled.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
  const bug = reasons.find((reason) => !(reason instanceof BowlineError));
  if (bug !== undefined) throw bug;
  throwProblems(reasons.flatMap(problemsOf));
  return settled.map((each) => (each as PromiseFulfilledResult<unknown>).value) as { -readonly [Index in keyof Work]: Awaited<Work[Index]> };
}
