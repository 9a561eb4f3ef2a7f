import { descendants } from "../lab/process.ts";
import { removeRunDirs } from "../lab/run-dir.ts";

/** End every process that this one started, hosts and contestants alike, and remove what they kept in the temporary directory. */
export async function cleanUp(): Promise<void> {
  // All are found before the first one ends: what a dead process started can no longer be found from here.
  for (const pid of descendants(process.pid)) end(pid);
  await removeRunDirs();
}

/** Clean up when told to stop, once, and end with the exit code of an interrupted shell command. */
export function cleanUpOnSignals(): void {
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    process.stderr.write(`bench: ${signal}: ending what was started\n`);
    void cleanUp().finally(() => process.exit(130));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
