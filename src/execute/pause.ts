/** Waits, unless the run is interrupted. */
export function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, seconds * 1000);
    signal.addEventListener("abort", finish, { once: true });
    if (signal.aborted) finish();
    function finish() {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    }
  });
}
