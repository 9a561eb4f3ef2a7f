#!/usr/bin/env node
import { readFileSync } from "node:fs";

const words = process.argv.slice(2);
const version = (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;

if (words[0] === "--version" || words[0] === "-V") process.stdout.write(`${version}\n`);
else await start();

/** The only place that ends the process and listens to signals. */
async function start(): Promise<void> {
  const controller = new AbortController();
  let interrupts = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      interrupts += 1;
      if (interrupts > 1) process.exit(99);
      process.stderr.write("\nstopping what runs on the hosts (again: leave at once)\n");
      controller.abort();
    });
  }
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  process.exitCode = await commanded(controller.signal);
}

async function commanded(signal: AbortSignal): Promise<number> {
  const [{ runCli }, { describeError }, { BowlineError }] = await Promise.all([import("./cli/program.ts"), import("./cli/problems.ts"), import("./core/errors.ts")]);
  const isTTY = process.stdout.isTTY === true && process.env["TERM"] !== "dumb" && process.env["CI"] === undefined;
  const color = isTTY && process.env["NO_COLOR"] === undefined;
  const write = (text: string) => void process.stdout.write(text);
  try {
    return await runCli(words, { version, signal, stdout: { write, isTTY, color }, stderr: (text) => void process.stderr.write(text) });
  } catch (error) {
    process.stderr.write(describeError(error, words.filter((word) => /^-v+$/.test(word)).join("").length - 1));
    return error instanceof BowlineError ? error.exitCode : 250;
  }
}
