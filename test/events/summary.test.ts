import { exitCodes, type ErrorCode } from "../../src/core/errors.ts";
import type { Event, Result, Status } from "../../src/events/event.ts";
import { emptySummary, exitCodeOf, fold, overall, recapColumns, type State, type Summary } from "../../src/events/summary.ts";
import { dated, end, label, result, runStart, scenario, statusScenario } from "../reporters/scenario.ts";

const folded = (events: readonly Event[]): Summary => events.reduce(fold, emptySummary());
const ended = { interrupted: false, problems: [] };

describe("states fold to one as in OpenSVC's table, less its standby states", () => {
  const states: readonly State[] = ["up", "down", "warn", "n/a"];
  const table: Readonly<Record<State, readonly State[]>> = {
    up: ["up", "warn", "warn", "up"],
    down: ["warn", "down", "warn", "down"],
    warn: ["warn", "warn", "warn", "warn"],
    "n/a": ["up", "down", "warn", "n/a"],
  };
  test.each(states.flatMap((left) => states.map((right, index) => [left, right, table[left][index]!] as const)))("%s and %s are %s", (left, right, both) => {
    expect(overall([left, right])).toBe(both);
  });

  test("in every order and grouping the same", () => {
    const triples = states.flatMap((a) => states.flatMap((b) => states.map((c) => [a, b, c] as const)));
    for (const [a, b, c] of triples) {
      const orders = [[a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a], [a, overall([b, c])]] as State[][];
      expect(orders.map((order) => overall(order))).toEqual(orders.map(() => overall([a, b, c])));
    }
  });

  test.each([
    [[], "n/a"],
    [["up"], "up"],
    // The tutorial's first status: all of it is down, so the service is down and not "warn".
    [["down", "down", "down", "down", "down", "down"], "down"],
    [["up", "up", "up", "up", "up", "down"], "warn"],
    [["up", "n/a", "up"], "up"],
  ] as [State[], State][])("%j is %s", (list, all) => expect(overall(list)).toBe(all));
});

describe("the recap counts as Ansible does", () => {
  test.each<[string, Partial<Result> & { status: Status }, Partial<Record<Status, number>>]>([
    ["ok", { status: "ok" }, { ok: 1 }],
    ["changed is ok too", { status: "changed" }, { ok: 1, changed: 1 }],
    ["skipped", { status: "skipped" }, { skipped: 1 }],
    ["failed", { status: "failed", alsoChanged: true }, { failed: 1 }],
    ["unreachable", { status: "unreachable" }, { unreachable: 1 }],
    ["rescued is not ok", { status: "rescued" }, { rescued: 1 }],
    ["ignored is ok too", { status: "ignored" }, { ok: 1, ignored: 1 }],
    ["ignored that changed something is both", { status: "ignored", alsoChanged: true }, { ok: 1, ignored: 1, changed: 1 }],
    ["unknown", { status: "unknown" }, { unknown: 1 }],
  ])("%s", (_, { status, ...more }, counts) => {
    const { hosts } = folded(dated([runStart(["a"], [label("p1.t1", "x")]), end("p1.t1", "a", result(status, more))]));
    const none = { ok: 0, changed: 0, skipped: 0, failed: 0, unreachable: 0, rescued: 0, ignored: 0, unknown: 0 };
    expect(hosts["a"]).toEqual({ ...none, ...counts });
  });

  test("in its order of columns", () => {
    expect(recapColumns).toEqual(["ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored"]);
  });
});

describe("the exit code", () => {
  const of = (statuses: readonly Status[], more: Partial<Result> = {}) =>
    folded(dated([runStart(statuses.map((_, index) => `h${index}`), [label("p1.t1", "x")]), ...statuses.map((status, index) => end("p1.t1", `h${index}`, result(status, more)))]));

  test.each<[readonly Status[], number]>([
    [["ok", "changed", "skipped", "ignored", "rescued", "unknown"], 0],
    [["ok", "failed"], 2],
    [["ok", "unreachable"], 4],
    [["failed", "unreachable"], 2],
    [[], 0],
  ])("of %j is %d", (statuses, code) => expect(exitCodeOf(of(statuses), ended)).toBe(code));

  test("of an interrupted run is 99, whatever failed", () => {
    expect(exitCodeOf(of(["failed", "unreachable"]), { ...ended, interrupted: true })).toBe(99);
  });

  test("of a bug in a task is 250, beside whatever failed", () => {
    const bug = { problem: { code: "E_BUG" as const, message: "odd" } };
    expect(exitCodeOf(of(["ok", "failed"], bug), ended)).toBe(250);
  });

  test.each<[ErrorCode]>([["E_RUN"], ["E_BUG"]])("of a run that %s ended is that problem's", (code) => {
    expect(exitCodeOf(of(["failed"]), { interrupted: true, problems: [{ code, message: "x" }] })).toBe(exitCodes[code]);
  });

  const statusOf = (states: readonly (State | undefined)[]) =>
    folded(dated([runStart(["a"], [label("p1.t1", "x")], "status"), ...states.map((state) => end("p1.t1", "a", result("ok", state ? { state: { state, label: "", remarks: [] } } : {})))]));
  test.each<[readonly (State | undefined)[], number]>([
    [["up", "up"], 0],
    [["up", "n/a", undefined], 0],
    [[], 0],
    [["down"], 3],
    [["up", "down"], 3],
    [["up", "warn"], 3],
  ])("of a status of %j is %d", (states, code) => expect(exitCodeOf(statusOf(states), ended)).toBe(code));
});

describe("the fold", () => {
  const summary = folded(scenario);

  test("knows what ran, when, how it ended, and every failure in its order", () => {
    expect(summary).toMatchObject({ run: "20261123-190702-k3f9", playbook: "site.yml", mode: "run", plays: { p1: "the registry" }, exitCode: 2, interrupted: false, roundTrips: { web1: 4 }, problems: [] });
    expect(summary.failures.map(({ host, task }) => `${host} ${task}`)).toEqual(["db1 p1.t1", "web2 p1.t2"]);
    expect([summary.startedAt, summary.endedAt]).toEqual([scenario[0]!.time, scenario.at(-1)!.time]);
    expect(summary.tasks["p1.h1"]).toMatchObject({ name: "say so", handler: true });
  });

  test("copies no table of all hosts for one event: that would cost hosts × events", () => {
    const before = folded(scenario.slice(0, 1));
    const { hosts, begun, failures, states } = before;
    const after = scenario.slice(1).reduce(fold, before);
    expect([after.hosts === hosts, after.begun === begun, after.failures === failures, after.states === states]).toEqual([true, true, true, true]);
    const first = statusScenario.slice(1).reduce(fold, folded(statusScenario.slice(0, 1)));
    expect(first).toEqual(folded(statusScenario));
  });

  test("of a journal without an end is what is known", () => {
    expect(folded(scenario.slice(0, -2))).toMatchObject({ interrupted: false, hosts: { web1: { ok: 4 } } });
    expect(folded(scenario.slice(0, -2)).endedAt).toBeUndefined();
  });

  test("has what was included behind its include, in the order in which it came", () => {
    const brought = (by: string, ...tasks: string[]) => ({ type: "tasks:added" as const, play: "p1", by, tasks: tasks.map((task) => label(task, task)) });
    const events = dated([
      runStart(["web1"], ["p1.t1", "p1.t2", "p1.t10"].map((task) => label(task, task))),
      brought("p1.t1", "p1.t1.1.t1", "p1.t1.1.t2"),
      brought("p1.t1", "p1.t1.2.t1"),
      brought("p1.t1.1.t1", "p1.t1.1.t1.1.t1"),
      brought("p1.t10", "p1.t10.1.t1"),
    ]);
    expect(Object.keys(folded(events).tasks)).toEqual(["p1.t1", "p1.t1.1.t1", "p1.t1.1.t1.1.t1", "p1.t1.1.t2", "p1.t1.2.t1", "p1.t2", "p1.t10", "p1.t10.1.t1"]);
  });

  test("a status has a line for each resource and item, and a warning for what could not be looked at", () => {
    const { states } = folded(statusScenario);
    expect(states["web1"]!.map(({ task, state, remarks }) => [task, state, remarks])).toEqual([
      ["the address", "up", []],
      ["the docker daemon", "down", ["docker daemon is not running"]],
      ["the backup volume", "n/a", ["backup is false"]],
      ["the containers (web)", "warn", ["image differs", "not ready"]],
      ["the containers (db)", "warn", ['"dbimage" is not defined']],
    ]);
    expect(states["db1"]).toBeUndefined();
  });
});
