import { readFileSync } from "node:fs";

const words = process.argv.slice(2);
const version = (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;

void start();

/** The only place that ends the process and listens to signals. */
async function start(): Promise<void> {
  const { guard, shield, stop } = interruptible();
  for (const stream of [process.stdout, process.stderr]) stream.on("error", (error) => stop({ quietly: error }));
  process.on("uncaughtException", (error) => void ended(error));
  // It stays when nothing is left to happen and the command still waits: a bug of ours.
  process.exitCode = 250;
  process.exitCode = await commanded({ guard, shield });
  leave();
}

/** Without taking everything apart first, which takes Node as long as a command's own work; unless output is still on its way. */
function leave(): void {
  if ([process.stdout, process.stderr].every((stream) => stream.writableLength === 0)) process.exit();
}

/**
 * Signals. What is at work guards itself and is asked to stop; without anything at work, or the second time, the
 * process ends at once.
 */
function interruptible() {
  const controller = new AbortController();
  let tell: ((text: string) => void) | undefined;
  let shielded = 0;
  const stop = (how: { quietly?: Error }) => {
    if (shielded > 0) return undefined;
    const gone = how.quietly !== undefined;
    if (!tell) process.exit(gone ? 0 : 99);
    if (controller.signal.aborted) return gone ? undefined : process.exit(99);
    controller.abort();
    if (!gone) tell("interrupted: stopping what runs on the hosts, or waiting for it where half of it would do harm (again: leave at once)");
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop({}));
  const guard = (listener: (text: string) => void) => {
    tell = listener;
    return controller.signal;
  };
  const shield = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    shielded += 1;
    try {
      return await work();
    } finally {
      shielded -= 1;
    }
  };
  return { guard, shield, stop };
}

async function commanded(signals: Pick<ReturnType<typeof interruptible>, "guard" | "shield">): Promise<number> {
  // A serial console may not know how wide it is; a view cannot be drawn on it.
  const isTTY = process.stdout.isTTY === true && process.stdout.columns > 0 && process.env["TERM"] !== "dumb" && !process.env["CI"];
  const terminal = {
    isTTY,
    color: isTTY && !process.env["NO_COLOR"],
    write: (text: string) => void process.stdout.write(text),
    stderr: (text: string) => void process.stderr.write(text),
    size: () => ({ columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 }),
  };
  try {
    const { runCli } = await import("./cli/program.ts");
    return await runCli(words, { version, terminal, ...signals });
  } catch (error) {
    return shown(error);
  }
}

/** An error in words, on standard error; gives its exit code. */
async function shown(error: unknown): Promise<number> {
  const [{ describeError }, { BowlineError }] = await Promise.all([import("./cli/problems.ts"), import("./core/errors.ts")]);
  const color = process.stderr.isTTY === true && process.env["TERM"] !== "dumb" && !process.env["NO_COLOR"];
  const verbosity = words.filter((word) => /^-[a-zA-Z]*v/.test(word) || word === "--verbose").join("").replace(/--verbose/g, "v").replace(/[^v]/g, "").length;
  process.stderr.write(describeError(error, { color, verbosity, all: words.includes("--syntax-check") }));
  return error instanceof BowlineError ? error.exitCode : 250;
}

async function ended(error: unknown): Promise<never> {
  process.exit(await shown(error));
}
