import { run } from "../lab/process.ts";
import type { StartUp } from "./report.ts";

/** `bowline --version` and `--help` beside a Node.js that does nothing, in turn. */
export async function startUpTimes(main: string, rounds: number): Promise<StartUp> {
  const times: StartUp = { node: [], version: [], help: [] };
  const commands: Readonly<Record<keyof StartUp, readonly string[]>> = { node: ["-e", "0"], version: [main, "--version"], help: [main, "--help"] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, args] of Object.entries(commands)) times[name as keyof StartUp].push(await secondsOf(args));
  }
  return times;
}

async function secondsOf(args: readonly string[]): Promise<number> {
  const started = performance.now();
  const { code, stderr } = await run("node", args);
  if (code !== 0) throw new Error(`node ${args.join(" ")}: exit code ${code}\n${stderr}`);
  return (performance.now() - started) / 1000;
}
