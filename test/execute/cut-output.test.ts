import { FakeHost } from "./fake-transport.ts";
import { resultOf, statuses, trial } from "./kit.ts";

const one = (task: string) => `- hosts: all\n  tasks:\n    - ${task}\n`;

describe("an output of which only the ends were kept", () => {
  const cutting = (word: string, things = {}) => {
    const host = new FakeHost(things);
    host.cuts = (line) => line.startsWith(word);
    return { world: { a: host } };
  };
  const cutWords = /it wrote more than is kept of one output, and what was left out is needed/;

  test("of an action goes into its result, and a person is told", async () => {
    const outcome = await trial(one("act: say x"), cutting("say"));
    expect(statuses(outcome)).toEqual(["p1.t1 changed"]);
    expect(outcome.events.filter((event) => event.type === "warning")).toMatchObject([{ host: "a", message: "5 bytes in the middle of stdout were left out of the result: only both ends of so long an output are kept" }]);
  });

  test("of a look is a failure in words, and nothing is changed", async () => {
    const outcome = await trial(one("thing: {name: x}"), cutting("see"));
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { message: expect.stringMatching(cutWords) } });
    expect(outcome.world["a"]!.ran["put"]).toBeUndefined();
  });

  test("of a look that went along costs the task that took it along nothing", async () => {
    const outcome = await trial("- hosts: all\n  tasks:\n    - thing: {name: x}\n    - thing: {name: y}\n    - thing: {name: z}\n", cutting("see y", { x: "up", y: "up", z: "up" }));
    expect(statuses(outcome)).toEqual(["p1.t1 ok", "p1.t2 failed"]);
  });

  test("of the second look has failed, and tells what was changed", async () => {
    let looks = 0;
    const host = new FakeHost();
    host.cuts = (line) => line === "see x" && (looks += 1) === 2;
    const outcome = await trial(one("thing: {name: x}"), { world: { a: host } });
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", alsoChanged: true, changes: [{ title: "make x up" }], problem: { message: expect.stringMatching(cutWords) } });
  });
});
