/** `npm run bench -- …`: makes ready what the bench needs, then hands over to bench/bench.ts. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setUp } from "./setup.mjs";

await setUp({ bench: true, build: true });

const project = join(import.meta.dirname, "..");
const child = spawn(join(project, "node_modules/.bin/tsx"), [join(project, "test/bench/bench.ts"), ...process.argv.slice(2)], { stdio: "inherit" });
// The child is in our process group and is told of Ctrl-C by the terminal itself; it decides what that means.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
child.once("close", (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
