/** The value, or undefined where it cannot be had yet: what is asked ahead of its time is no mistake when it fails. */
export function attempt<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
