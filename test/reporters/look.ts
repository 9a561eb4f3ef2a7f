/**
 * Look at the live view with made-up events: npx tsx test/reporters/look.ts [HOSTS] [TASKS] [MODE]
 * In a terminal; ends by itself. HOSTS and TASKS are numbers (1 and 12), MODE is run, check, status or down.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Body, Mode } from "../../src/events/event.ts";
import { openReporters } from "../../src/reporters/open.ts";
import { end, label, result, runStart } from "./scenario.ts";

const [hostCount = "1", taskCount = "12", mode = "run"] = process.argv.slice(2);
const hosts = Array.from({ length: Number(hostCount) }, (_, index) => `host${String(index + 1).padStart(2, "0")}`);
const tasks = Array.from({ length: Number(taskCount) }, (_, index) => label(`p1.t${index + 1}`, `do thing number ${index + 1} of the many that a playbook does`));
const [reporter] = await openReporters([], {
  isTTY: process.stdout.isTTY === true,
  color: process.stdout.isTTY === true && !process.env["NO_COLOR"],
  write: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  size: () => ({ columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 }),
}, { diff: false, verbosity: 0 });
let sequence = 0;
const emit = (body: Body) => reporter!.report({ ...body, time: new Date().toISOString(), sequence: ++sequence });

process.once("SIGINT", () => reporter!.notice?.("interrupted: stopping what runs on the hosts (again: leave at once)"));
emit(runStart(hosts, tasks, mode as Mode));
emit({ type: "play:start", play: "p1" });
const gone = new Set<string>();
for (const [index, { task, name }] of tasks.entries()) {
  emit({ type: "task:start", play: "p1", task });
  await Promise.all(hosts.filter((host) => !gone.has(host)).map((host, place) => workOn(host, { task, name, index, place })));
}
emit({ type: "play:end", play: "p1" });
emit({ type: "run:end", exitCode: 0, interrupted: false, roundTrips: {} });
await reporter!.end();

async function workOn(host: string, at: { task: string; name: string; index: number; place: number }): Promise<void> {
  const { task, name, index, place } = at;
  await pause(place * 20);
  emit({ type: "host:start", play: "p1", task, host, name });
  for (let line = 1; line <= (index % 4) * 3; line += 1) {
    await pause(120);
    emit({ type: "output", task, host, stream: "stdout", text: `line ${line} of what \u001b[2J${name} prints, which is a rather long line that does not fit in narrow terminals` });
  }
  if (index === 4) emit({ type: "warning", host, message: "the clock of this host is a minute late" });
  if (index === 5 && place % 10 === 3) gone.add(host);
  emit(end(task, host, outcome(index, place)));
}

function outcome(index: number, place: number) {
  if (mode === "status") return result("ok", { state: { state: index === 3 ? "down" : "up", label: `thing${index}`, remarks: index === 3 ? ["it is not running"] : [] } });
  const problem = { code: "E_FAILED" as const, message: "mount: wrong fs type", at: { file: "site.yml", line: 3, column: 7 }, hint: "look at dmesg" };
  if (index === 5 && place % 10 === 3) return result("failed", { problem, failedStep: { title: "mount", code: 32, stdout: "", stderr: "mount: wrong fs type, bad option\n" } });
  if (index % 3 === 1) return result("changed", { changes: [{ title: `make /srv/${index}` }, ...(index === 7 ? [{ title: `only for place ${place}` }] : [])] });
  return index % 5 === 2 ? result("skipped", { message: "web is false" }) : result("ok");
}
