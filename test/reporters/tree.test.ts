import type { Event } from "../../src/events/event.ts";
import { emptySummary, fold, type State } from "../../src/events/summary.ts";
import { treeLines } from "../../src/reporters/tree.ts";
import { dated, end, label, result, runStart, statusScenario } from "./scenario.ts";

describe("the status of a host", () => {
  test("is its name, the whole, and a line for each resource with state, label and reasons", () => {
    expect(tree(statusScenario).slice(0, 12)).toEqual([
      "web1",
      "overall            warn",
      "|- ip#1            up    10.0.2.71/24@eth0",
      "|- dockerd#1       down  docker@/srv/data",
      "|                        # docker daemon is not running",
      "|- fs#1            n/a   the backup volume",
      "|                        # backup is false",
      "|- container#1     warn  web",
      "|                        # image differs",
      "|                        # not ready",
      "'- container#2     warn  the containers (db)",
      '                         # "dbimage" is not defined',
    ]);
  });

  test("that is out of reach is that, with the reason and what to do", () => {
    expect(tree(statusScenario).slice(12)).toEqual([
      "",
      "db1",
      "overall            unreachable",
      "                         # db1:22 refuses connections",
      "                         # hint: is sshd up?",
    ]);
  });

  test.each<[readonly State[], State]>([
    [["up", "up"], "up"],
    [["up", "n/a"], "up"],
    [["down", "down", "n/a"], "down"],
    [["up", "down"], "warn"],
    [["up", "warn"], "warn"],
    [["n/a"], "n/a"],
    [[], "n/a"],
  ])("of %j is %s", (states, whole) => {
    expect(tree(statusOf(states.map((state) => ({ state }))))[1]).toBe(`overall            ${whole}`);
  });

  test("counts its resources by their kind, the items of a loop each for itself", () => {
    const items = ["a", { path: "/srv" }].map((item) => result("ok", { item, state: { state: "up", label: "label", remarks: [] } }));
    const single = result("ok", { state: { state: "up", label: "label", remarks: [] } });
    const tasks = [label("p1.t1", "two", { module: "fs" }), label("p1.t2", "address", { module: "ip" }), label("p1.t3", "one more", { module: "fs" })];
    const events = dated([runStart(["web1"], tasks, "status"), end("p1.t1", "web1", result("ok", { items })), end("p1.t2", "web1", single), end("p1.t3", "web1", single)]);
    expect(tree(events).slice(2).map((line) => line.slice(3, 17).trim())).toEqual(["fs#1", "fs#2", "ip#1", "fs#3"]);
  });

  test("has what has no label by the name that the host gives its task", () => {
    const events = dated([
      runStart(["web1"], [label("p1.t1", "mount {{ what }}", { module: "fs" })], "status"),
      { type: "host:start", play: "p1", task: "p1.t1", host: "web1", name: "mount it" },
      end("p1.t1", "web1", result("ok", { items: ["a", ["x"]].map((item) => result("ok", { item, state: { state: "up", label: "", remarks: [] } })) })),
    ]);
    expect(tree(events).slice(2).map((line) => line.slice(25))).toEqual(["mount it (a)", "mount it (2)"]);
  });

  test("keeps its columns when a module has a long name", () => {
    const lines = tree(dated([runStart(["web1"], [label("p1.t1", "x", { module: "a_module_with_a_long_name" })], "status"), end("p1.t1", "web1", result("ok", { state: { state: "up", label: "label", remarks: ["why"] } }))]));
    expect(lines.slice(1)).toEqual([`overall${" ".repeat(25)}up`, "'- a_module_with_a_long_name#1  up    label", `${" ".repeat(38)}# why`]);
  });

  test("has a remark of several lines on as many, each marked", () => {
    const lines = tree(statusOf([{ state: "down", remarks: ["one\n  two\n"] }]));
    expect(lines.slice(3)).toEqual([`${" ".repeat(25)}# one`, `${" ".repeat(25)}# two`]);
  });

  test("shows in colour what is up, down and in doubt", () => {
    const [, whole, up, down] = treeLines(statusOf([{ state: "up" }, { state: "down" }]).reduce(fold, emptySummary()), true);
    expect([whole, up, down].map((line) => /\u001b\[(\d+)m(\S+)\u001b\[0m/.exec(line!)!.slice(1))).toEqual([["33", "warn"], ["32", "up"], ["31", "down"]]);
  });
});

function tree(events: readonly Event[]): string[] {
  return treeLines(events.reduce(fold, emptySummary()), false);
}

function statusOf(lines: readonly { state: State; name?: string; remarks?: readonly string[] }[]): readonly Event[] {
  const tasks = lines.map(({ name }, index) => label(`p1.t${index + 1}`, name ?? `thing ${index + 1}`));
  const ends = lines.map(({ state, remarks = [] }, index) => end(`p1.t${index + 1}`, "web1", result("ok", { state: { state, label: "label", remarks } })));
  return dated([runStart(["web1"], tasks, "status"), ...ends]);
}
