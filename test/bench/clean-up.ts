import { setTimeout as sleep } from "node:timers/promises";
import { descendants } from "../lab/process.ts";
import { removeRunDirs } from "../lab/run-dir.ts";

/**
 * End every process that this one started, hosts and contestants alike, and remove what they kept in the temporary directory.
 * Whoever is at work meanwhile may start another before it learns that all is over, so it is looked for again.
 */
export async function cleanUp(): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    // All are found before the first one ends: what a dead process started can no longer be found from here.
    const found = descendants(process.pid);
    found.forEach(end);
    try {
      await removeRunDirs();
      if (found.length === 0) return;
    } catch (error) {
      // Somebody wrote into a directory while it was being removed.
      if (tries === 50) throw error;
    }
    await sleep(50);
  }
}

/**
 * Clean up when told to stop, once, and end with the exit code of an interrupted shell command. The returned function says
 * whether that has begun: what fails from then on fails because of it.
 */
export function cleanUpOnSignals(): () => boolean {
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    process.stderr.write(`bench: ${signal}: ending what was started\n`);
    void cleanUp().finally(() => process.exit(130));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  return () => stopping;
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
