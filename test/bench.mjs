/** `npm run bench -- …`: makes ready what the bench needs, then hands over to bench/bench.ts. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setUp } from "./setup.mjs";

await setUp({ bench: true, build: true });

const project = join(import.meta.dirname, "..");
const child = spawn(process.execPath, ["--import", "tsx", join(project, "test/bench/bench.ts"), ...process.argv.slice(2)], { stdio: "inherit" });
// The terminal tells the whole process group of Ctrl-C, so the child may hear of it twice; it decides what that means.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.once("close", (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
