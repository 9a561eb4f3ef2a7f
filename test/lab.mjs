/** `npm run lab -- …`: makes ready what the lab needs, then hands over to lab/cli.ts. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setUp } from "./setup.mjs";

const args = process.argv.slice(2);
await setUp({ lab: true, build: args[0] === "up" });

const project = join(import.meta.dirname, "..");
const child = spawn(join(project, "node_modules/.bin/tsx"), [join(project, "test/lab/cli.ts"), ...args], { stdio: "inherit" });
// The child is in our process group and is told of Ctrl-C by the terminal itself; it decides what that means.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
child.once("close", (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
