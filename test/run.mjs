/** `npm test`: sets up what is missing, checks the types, and runs every suite; ends with `N passed, N failed`. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setUp } from "./setup.mjs";

const project = resolve(import.meta.dirname, "..");
const suites = [
  ["unit", []],
  ["lab", ["test/lab/[a-z-]+\\.test\\.ts", "--runInBand"]],
];

await setUp({ lab: true, tests: true, build: true });
const typesFit = (await run(join(project, "node_modules/.bin/tsc"), ["-p", "tsconfig.json"])) === 0;
const totals = { passed: 0, failed: typesFit ? 0 : 1 };
for (const [name, options] of suites) await suite(name, options);
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;

/** A suite that could not even report counts as a failure. */
async function suite(name, options) {
  const dir = mkdtempSync(join(tmpdir(), "bowline-test-"));
  const file = join(dir, "result.json");
  try {
    const code = await run(join(project, "node_modules/.bin/jest"), [...options, "--json", `--outputFile=${file}`, "--selectProjects", name]);
    const result = JSON.parse(readFileSync(file, "utf8"));
    totals.passed += result.numPassedTests;
    totals.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    if (code !== 0 && result.numFailedTests + result.numRuntimeErrorTestSuites === 0) totals.failed += 1;
  } catch {
    totals.failed += 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** jest prints its JSON to standard output too when asked; only its report is for people. */
function run(command, args) {
  const env = { ...process.env, NODE_OPTIONS: "--experimental-vm-modules --no-warnings" };
  return new Promise((done) => spawn(command, args, { cwd: project, env, stdio: ["ignore", "ignore", "inherit"] }).on("close", done));
}
