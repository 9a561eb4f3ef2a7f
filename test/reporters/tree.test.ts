import type { Event } from "../../src/events/event.ts";
import { emptySummary, fold, type State } from "../../src/events/summary.ts";
import { treeLines } from "../../src/reporters/tree.ts";
import { dated, end, label, result, runStart, statusScenario } from "./scenario.ts";

describe("the status of a host", () => {
  test("is its name, the whole, and a line for each resource with state, label and reasons", () => {
    expect(tree(statusScenario).slice(0, 12)).toEqual([
      "web1",
      "overall                  warn",
      "|- the address           up    10.0.2.71/24@eth0",
      "|- the docker daemon     down  docker@/srv/data",
      "|                              # docker daemon is not running",
      "|- the backup volume     n/a",
      "|                              # backup is false",
      "|- the containers (web)  warn  web",
      "|                              # image differs",
      "|                              # not ready",
      "'- the containers (db)   warn",
      '                               # "dbimage" is not defined',
    ]);
  });

  test("that is out of reach is that, with the reason and what to do", () => {
    expect(tree(statusScenario).slice(12)).toEqual([
      "",
      "db1",
      "overall                  unreachable",
      "                               # db1:22 refuses connections",
      "                               # hint: is sshd up?",
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
    expect(tree(statusOf(states.map((state) => ({ state }))))[1]).toBe(`overall                  ${whole}`);
  });

  test("has tasks by the name that the host gives them, and the items of a loop by name or by number", () => {
    const items = ["a", 7, { path: "/srv" }, ["x"]].map((item) => result("ok", { item, state: { state: "up", label: "label", remarks: [] } }));
    const events = dated([
      runStart(["web1"], [label("p1.t1", "mount {{ what }}")], "status"),
      { type: "host:start", play: "p1", task: "p1.t1", host: "web1", name: "mount it" },
      end("p1.t1", "web1", result("ok", { items })),
    ]);
    expect(tree(events).slice(2).map((line) => line.slice(3, 20).trim())).toEqual(["mount it (a)", "mount it (7)", "mount it (3)", "mount it (4)"]);
  });

  test("keeps its columns under names of wide letters, and gives long ones the room they need", () => {
    const long = "the filesystem of the registry's data, where the images are";
    const lines = tree(statusOf([{ state: "up", name: "日本語" }, { state: "up", name: long }, { state: "up", name: "x" }]));
    expect(lines.slice(2)).toEqual([
      `|- 日本語${" ".repeat(50 - 6)}  up    label`,
      `|- ${long}  up    label`,
      `'- x${" ".repeat(50 - 1)}  up    label`,
    ]);
  });

  test("has a remark of several lines on as many, each marked", () => {
    const lines = tree(statusOf([{ state: "down", remarks: ["one\n  two\n"] }]));
    expect(lines.slice(3)).toEqual([`${" ".repeat(31)}# one`, `${" ".repeat(31)}# two`]);
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
