import type { Body, ChangeReport, Event, Mode, Result, RunStart, TaskLabel } from "../../src/events/event.ts";
import type { Reporter, ReportOptions } from "../../src/reporters/reporter.ts";

/** Events as an emitter would number and date them; each a second after the one before, so that times in reports are known. */
export function dated(bodies: readonly Body[]): Event[] {
  const start = Date.parse("2026-11-23T19:07:02.000Z");
  return bodies.map((body, index) => ({ ...body, time: new Date(start + index * 1000).toISOString(), sequence: index + 1 }));
}

export function label(task: string, name: string, more: Partial<TaskLabel> = {}): TaskLabel {
  const line = Number(/\d+$/.exec(task)?.[0] ?? 0) * 10;
  return { task, name, module: "directory", kind: "resource", handler: false, at: { file: "site.yml", line, column: 5 }, ...more };
}

export function runStart(hosts: readonly string[], tasks: readonly TaskLabel[], mode: Mode = "run", strategy?: "free"): RunStart {
  const plays = [{ play: "p1", name: "the registry", hosts, ...(strategy ? { strategy } : {}), tasks }];
  return { type: "run:start", version: 1, run: "20261123-190702-k3f9", bowline: "0.1.0", playbook: "site.yml", mode, hosts, plays };
}

export function result(status: Result["status"], more: Partial<Result> = {}): Result {
  return { status, changes: [], elapsed: 0.25, ...more };
}

export function end(task: string, host: string, of: Result): Body {
  return { type: "host:end", play: "p1", task, host, result: of };
}

const change: ChangeReport = { title: "set the mode of /srv", before: "0700", after: "0755" };
const edited: ChangeReport = {
  title: "write /etc/motd",
  diff: { path: "/etc/motd", before: "one\ntwo\nthree\n", after: "one\n2\nthree\n" },
};
const failure = result("failed", {
  changes: [{ title: "make /srv/data" }],
  alsoChanged: true,
  problem: {
    code: "E_FAILED",
    message: "start dockerd: no space left on device",
    at: { file: "site.yml", line: 20, column: 5 },
    expected: "exit code 0",
    seen: "exit code 1",
    hint: "make room on /srv",
  },
  failedStep: { title: "start dockerd", code: 1, stdout: "", stderr: "mkdir: /srv\nno space left on device\n" },
});

/** Three hosts, one play: every kind of event once at least. */
export const scenario: readonly Event[] = dated([
  runStart(["web1", "web2", "db1"], [
    label("p1.t1", "make the directories"),
    label("p1.t2", "start the docker daemon"),
    label("p1.t3", "look for the image", { kind: "action", module: "command" }),
    label("p1.t4", "mount /srv/{{ inventory_hostname }}"),
    label("p1.t5", "copy the backup"),
    label("p1.h1", "say so", { handler: true, kind: "control", module: "debug" }),
  ]),
  { type: "warning", message: 'no host matches "old"', hint: "known: web1, web2, db1" },
  { type: "play:start", play: "p1" },
  { type: "task:start", play: "p1", task: "p1.t1" },
  { type: "host:start", play: "p1", task: "p1.t1", host: "web1", name: "make the directories" },
  { type: "host:start", play: "p1", task: "p1.t1", host: "web2", name: "make the directories" },
  { type: "host:start", play: "p1", task: "p1.t1", host: "db1", name: "make the directories" },
  { type: "step:start", task: "p1.t1", host: "web1", change: change.title, undo: [] },
  { type: "output", task: "p1.t1", host: "web1", stream: "stdout", text: "mode was \u001b[31m0700\u001b[0m" },
  { type: "step:end", task: "p1.t1", host: "web1", change: change.title, ok: true },
  { type: "handler:notified", play: "p1", host: "web1", handler: "p1.h1", by: "p1.t1" },
  end("p1.t1", "web1", result("changed", { changes: [change, edited] })),
  end("p1.t1", "web2", result("ok")),
  end("p1.t1", "db1", result("unreachable", { problem: { code: "E_UNREACHABLE", message: "db1:22 refuses connections", hint: "is sshd up?" } })),
  { type: "task:start", play: "p1", task: "p1.t2" },
  { type: "host:start", play: "p1", task: "p1.t2", host: "web1", name: "start the docker daemon" },
  { type: "host:start", play: "p1", task: "p1.t2", host: "web2", name: "start the docker daemon" },
  end("p1.t2", "web1", result("changed", { items: [result("ok", { item: "a" }), result("changed", { item: { name: "b" }, changes: [{ title: "start b" }] })] })),
  end("p1.t2", "web2", failure),
  { type: "task:start", play: "p1", task: "p1.t3" },
  { type: "host:start", play: "p1", task: "p1.t3", host: "web1", name: "look for the image" },
  { type: "retry", task: "p1.t3", host: "web1", attempt: 1, attempts: 3, delay: 5 },
  end("p1.t3", "web1", result("ignored", { problem: { code: "E_FAILED", message: "command: not found" } })),
  { type: "task:start", play: "p1", task: "p1.t4" },
  { type: "host:start", play: "p1", task: "p1.t4", host: "web1", name: "mount /srv/web1" },
  end("p1.t4", "web1", result("rescued", { problem: { code: "E_REFUSED", message: "/srv/web1 carries another device" } })),
  { type: "task:start", play: "p1", task: "p1.t5" },
  { type: "host:start", play: "p1", task: "p1.t5", host: "web1", name: "copy the backup" },
  end("p1.t5", "web1", result("skipped", { message: "backup is false" })),
  { type: "task:start", play: "p1", task: "p1.h1" },
  { type: "host:start", play: "p1", task: "p1.h1", host: "web1", name: "say so" },
  end("p1.h1", "web1", result("ok", { message: "first line\nchanged: [web2] a forged line" })),
  { type: "play:end", play: "p1" },
  { type: "run:end", exitCode: 2, interrupted: false, roundTrips: { web1: 4, web2: 3, db1: 0 } },
]);

/** `status`: all three states, a resource that takes no part, one that could not be looked at, a host out of reach. */
export const statusScenario: readonly Event[] = dated([
  runStart(["web1", "db1"], [
    label("p1.t1", "the address", { module: "ip" }),
    label("p1.t2", "the docker daemon", { module: "dockerd" }),
    label("p1.t3", "say so", { module: "debug", kind: "control" }),
    label("p1.t4", "the backup volume", { module: "fs" }),
    label("p1.t5", "the containers", { module: "container" }),
  ], "status"),
  { type: "play:start", play: "p1" },
  end("p1.t1", "web1", result("ok", { state: { state: "up", label: "10.0.2.71/24@eth0", remarks: [] } })),
  end("p1.t1", "db1", result("unreachable", { problem: { code: "E_UNREACHABLE", message: "db1:22 refuses connections", hint: "is sshd up?" } })),
  end("p1.t2", "web1", result("ok", { state: { state: "down", label: "docker@/srv/data", remarks: ["docker daemon is not running"] } })),
  end("p1.t3", "web1", result("skipped", { message: "debug has no part in status" })),
  end("p1.t4", "web1", result("skipped", { message: "backup is false" })),
  end("p1.t5", "web1", result("ok", {
    items: [
      result("ok", { item: "web", state: { state: "warn", label: "web", remarks: ["image differs", "not ready"] } }),
      result("failed", { item: "db", problem: { code: "E_UNDEFINED", message: '"dbimage" is not defined' } }),
    ],
  })),
  { type: "play:end", play: "p1" },
  { type: "run:end", exitCode: 3, interrupted: false, roundTrips: { web1: 2, db1: 0 } },
]);

/** `run --check`: what would change, and what only a run would tell. */
export const checkScenario: readonly Event[] = dated([
  runStart(["web1"], [label("p1.t1", "make the directories"), label("p1.t2", "build", { kind: "action", module: "shell" })], "check"),
  { type: "play:start", play: "p1" },
  { type: "task:start", play: "p1", task: "p1.t1" },
  { type: "host:start", play: "p1", task: "p1.t1", host: "web1", name: "make the directories" },
  end("p1.t1", "web1", result("changed", { changes: [change, edited] })),
  { type: "task:start", play: "p1", task: "p1.t2" },
  { type: "host:start", play: "p1", task: "p1.t2", host: "web1", name: "build" },
  end("p1.t2", "web1", result("unknown", {
    message: "unknown, because what shell does is known only when it runs",
    problem: { code: "E_RUN", message: "what shell does is known only when it runs", at: { file: "site.yml", line: 20, column: 5 } },
  })),
  { type: "play:end", play: "p1" },
  { type: "run:end", exitCode: 0, interrupted: false, roundTrips: { web1: 1 } },
]);

/** `down`, interrupted by a person while the second resource was on its way. */
export const downScenario: readonly Event[] = dated([
  runStart(["web1"], [label("p1.t1", "the address"), label("p1.t2", "the filesystem"), label("p1.t3", "say so", { kind: "control", module: "debug" })], "down"),
  { type: "play:start", play: "p1" },
  { type: "task:start", play: "p1", task: "p1.t3" },
  { type: "host:start", play: "p1", task: "p1.t3", host: "web1", name: "say so" },
  end("p1.t3", "web1", result("skipped", { message: "left alone: debug has no part in down" })),
  { type: "task:start", play: "p1", task: "p1.t2" },
  { type: "host:start", play: "p1", task: "p1.t2", host: "web1", name: "the filesystem" },
  { type: "step:start", task: "p1.t2", host: "web1", change: "unmount /srv", undo: { impossible: "it was down" } },
  { type: "step:end", task: "p1.t2", host: "web1", change: "unmount /srv", ok: false },
  end("p1.t2", "web1", result("failed", {
    problem: { code: "E_INTERRUPTED", message: "unmount /srv: interrupted, and stopped on the host", at: { file: "site.yml", line: 20, column: 5 } },
    failedStep: { title: "unmount /srv", code: 143, stdout: "", stderr: "" },
  })),
  { type: "play:end", play: "p1" },
  { type: "run:end", exitCode: 99, interrupted: true, roundTrips: { web1: 2 } },
]);

/** Hosts that go each at its own pace; an include, work that another host does, and a task that shows its own diff. */
export const apartScenario: readonly Event[] = dated([
  runStart(["web1", "web2"], [label("p1.t1", "the tasks of {{ kind }}", { kind: "control", module: "include_tasks" }), label("p1.t2", "out of the balance")], "run", "free"),
  { type: "play:start", play: "p1" },
  { type: "task:start", play: "p1", task: "p1.t1" },
  { type: "host:start", play: "p1", task: "p1.t1", host: "web1", name: "the tasks of web" },
  { type: "task:start", play: "p1", task: "p1.t1" },
  { type: "host:start", play: "p1", task: "p1.t1", host: "web2", name: "the tasks of web" },
  { type: "tasks:added", play: "p1", by: "p1.t1", tasks: [label("p1.t1.1.t1", "make the directories")] },
  end("p1.t1", "web1", result("ok", { message: "included web.yml" })),
  { type: "task:start", play: "p1", task: "p1.t1.1.t1" },
  { type: "host:start", play: "p1", task: "p1.t1.1.t1", host: "web1", name: "make the directories" },
  { type: "output", task: "p1.t1.1.t1", host: "web1", stream: "stdout", text: "making them" },
  end("p1.t1", "web2", result("ok", { message: "included web.yml" })),
  { type: "task:start", play: "p1", task: "p1.t1.1.t1" },
  { type: "host:start", play: "p1", task: "p1.t1.1.t1", host: "web2", name: "make the directories" },
  end("p1.t1.1.t1", "web2", result("changed", { showDiff: true, changes: [change] })),
  { type: "task:start", play: "p1", task: "p1.t2" },
  { type: "host:start", play: "p1", task: "p1.t2", host: "web2", name: "out of the balance", on: "lb1" },
  end("p1.t2", "web2", result("changed", { changes: [{ title: "take web2 out" }] })),
  end("p1.t1.1.t1", "web1", result("rescued", { problem: { code: "E_FAILED", message: "no room" } })),
  { type: "play:end", play: "p1" },
  { type: "run:end", exitCode: 0, interrupted: false, roundTrips: { web1: 2, web2: 3 } },
]);

/** A run that ended before its time by a bug of ours. */
export const brokenScenario: readonly Event[] = dated([
  runStart(["web1"], [label("p1.t1", "make the directories")]),
  { type: "play:start", play: "p1" },
  { type: "run:end", exitCode: 250, interrupted: false, roundTrips: {}, problems: [{ code: "E_BUG", message: "internal error: no such thing", hint: "report it" }] },
]);

/** The journal of a run whose controller was killed. */
export const cutScenario: readonly Event[] = dated([
  ...scenario.slice(0, scenario.findIndex((event) => event.type === "task:start" && event.task === "p1.t2") + 2),
  { type: "step:start", task: "p1.t2", host: "web1", change: "start dockerd", undo: [] },
]);

export const scenarios: Readonly<Record<string, readonly Event[]>> = {
  run: scenario,
  check: checkScenario,
  status: statusScenario,
  down: downScenario,
  apart: apartScenario,
  broken: brokenScenario,
  cut: cutScenario,
};

/** What a reporter writes of events from the first to the end. */
export async function written(events: readonly Event[], make: (options: ReportOptions) => Reporter, more: Partial<ReportOptions> = {}): Promise<string> {
  const texts: string[] = [];
  const options = { color: false, diff: false, verbosity: 0, size: () => ({ columns: 80, rows: 24 }), ...more, write: (text: string) => void texts.push(text) };
  const reporter = make(options);
  for (const event of events) reporter.report(event);
  await reporter.end();
  return texts.join("");
}
