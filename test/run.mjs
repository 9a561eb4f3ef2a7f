/**
 * `npm test`: makes ready what is missing, checks types and style, and runs every test; ends with `N passed, N failed`.
 * `npm test -- unit` or `npm test -- lab` runs one part.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setUp } from "./setup.mjs";

const project = resolve(import.meta.dirname, "..");
const bin = (name) => join(project, "node_modules/.bin", name);

/** The lab's machines are emulated: two at a time is what two cores can carry. */
const parts = {
  unit: [["types", bin("tsc"), ["-p", "tsconfig.json"]], ["style", bin("eslint"), ["src", "test"]], ["unit", "jest", []]],
  lab: [["lab", "jest", ["--maxWorkers=2"]]],
};

const wanted = process.argv.slice(2);
const chosen = Object.entries(parts).filter(([name]) => wanted.length === 0 || wanted.includes(name));
if (chosen.length === 0) throw new Error(`there is no part ${wanted.join(", ")}: unit or lab`);
await setUp({ lab: true, tests: true, build: true });
const totals = { passed: 0, failed: 0, skipped: 0 };
for (const [name, command, args] of chosen.flatMap(([, steps]) => steps)) await (command === "jest" ? suite(name, args) : check(name, command, args));
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ""}\n`);
// Nothing may skip itself: a test that did not run proves nothing.
process.exitCode = totals.failed === 0 && totals.skipped === 0 && totals.passed > 0 ? 0 : 1;

async function check(name, command, args) {
  const passed = (await run(command, args)) === 0;
  totals[passed ? "passed" : "failed"] += 1;
  process.stderr.write(`${passed ? "PASS" : "FAIL"} ${name}\n`);
}

/** A suite that could not even report counts as a failure. */
async function suite(name, options) {
  const dir = mkdtempSync(join(tmpdir(), "bowline-test-"));
  const file = join(dir, "result.json");
  try {
    const code = await run(bin("jest"), [...options, "--json", `--outputFile=${file}`, "--selectProjects", name], { output: "ignore" });
    const result = JSON.parse(readFileSync(file, "utf8"));
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    totals.passed += result.numPassedTests;
    totals.failed += failed > 0 || code === 0 ? failed : 1;
    totals.skipped += result.numPendingTests + result.numTodoTests;
  } catch {
    totals.failed += 1;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** With --json jest prints its JSON to standard output; its report for people is on standard error. */
function run(command, args, { output = "inherit" } = {}) {
  const env = { ...process.env, NODE_OPTIONS: "--experimental-vm-modules --no-warnings" };
  return new Promise((done) => spawn(command, args, { cwd: project, env, stdio: ["ignore", output, "inherit"] }).on("close", done));
}
