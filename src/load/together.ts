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

/** As {@link together}, for a list that may be long: no more than so many are at work at the same time. */
export async function eachTogether<Item, Value>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<Value>): Promise<Value[]> {
  const begun: Promise<Value>[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      begun[index] = work(items[index]!);
      await begun[index].catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return together(begun);
}
