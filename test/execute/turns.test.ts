import { Secret } from "../../src/core/secret.ts";
import type { Call, MadeTurns, Performed } from "../../src/execute/call.ts";
import { madeBefore } from "../../src/execute/turns.ts";
import { FakeHost } from "./fake-transport.ts";
import { resultOf, trial, type Outcome, type Trial } from "./kit.ts";

/** One item of a loop over `thing`. */
interface Item {
  readonly name: string;
  readonly value?: string;
  readonly how?: string;
}

const play = (items: readonly Item[], more = "") => `
- hosts: all
  tasks:
    - thing:
        name: "{{ item.name }}"
        value: "{{ item.value }}"
        how: "{{ item.how }}"
      loop: ${JSON.stringify(items.map((item) => ({ value: "up", how: "put", ...item })))}
      ignore_errors: true
${more.replaceAll(/^(?=.)/gm, "      ")}
`;
const oneByOne = "loop_control: {pause: 0}\n";
const names = (count: number): Item[] => Array.from({ length: count }, (_, index) => ({ name: `t${index + 1}` }));

describe("the changes of a loop are one round trip", () => {
  test.each([
    [100, 2],
    [256, 2],
    [300, 3],
  ])("for %d items: %d with the looks", async (count, roundTrips) => {
    const outcome = await trial(play(names(count)));
    expect(outcome.roundTrips).toEqual({ a: roundTrips });
    expect(resultOf(outcome, "p1.t1").items!.map(({ status }) => status)).toEqual(names(count).map(() => "changed"));
    expect([...outcome.world["a"]!.things.values()]).toEqual(names(count).map(() => "up"));
  });

  test("with those that have nothing to change among them, and the looks of the next task behind them", async () => {
    const a = new FakeHost({ t2: "up", t3: "up" });
    const outcome = await trial(`${play(names(5))}    - thing: {name: next}\n`, { world: { a } });
    expect(resultOf(outcome, "p1.t1").items!.map(({ status }) => status)).toEqual(["changed", "ok", "ok", "changed", "changed"]);
    expect(a.batches.map((batch) => batch.filter((line) => line !== "lock r1"))).toEqual([
      ["see t1", "see t2", "see t3", "see t4", "see t5", "see next"],
      ["put t1 up", "see t1", "see t2", "see t3", "see t4", "put t4 up", "see t4", "see t5", "put t5 up", "see t5", "see next"],
      ["put next up", "see next"],
    ]);
  });

  test("on many hosts at once, whatever each of them changes meanwhile", async () => {
    const hosts = Array.from({ length: 20 }, (_, index) => `h${index}`);
    const outcome = await trial(play(names(30)), { hosts, forks: 20 });
    expect(outcome.roundTrips).toEqual(Object.fromEntries(hosts.map((host) => [host, 2])));
  });

  test("on the controller each turn is alone, for it may read there what the one before wrote", async () => {
    const outcome = await trial(play(names(5)), { vars: { ansible_connection: "local" } });
    expect(outcome.roundTrips).toEqual({ a: 6 });
  });

  test("a turn that fails ends the round trip, and the next one begins another", async () => {
    const outcome = await trial(play([...names(3), { name: "x", how: "fail" }, { name: "y" }, { name: "z" }]));
    const items = resultOf(outcome, "p1.t1").items!;
    expect(items.map(({ status }) => status)).toEqual(["changed", "changed", "changed", "ignored", "changed", "changed"]);
    expect(items[3]!.problem!.message).toBe("try x: no x today");
    expect(outcome.roundTrips).toEqual({ a: 4 });
  });

  test("what is begun is told before it is sent, and what of it was not begun is told as such", async () => {
    const told: string[] = [];
    const a = new FakeHost();
    a.onScript = (line) => void (line.startsWith("see") || told.push(line));
    const journal: Trial["journal"] = (event) => {
      if (event.type === "step:start") told.push(`start ${event.change}`);
      if (event.type === "step:end") told.push(`end ${event.change}${event.ok ? "" : event.begun === false ? ", not begun" : ", failed"}`);
    };
    await trial(play([{ name: "x" }, { name: "y", how: "fail" }, { name: "z" }]), { world: { a }, journal });
    expect(told).toEqual([
      "lock r1",
      ...["start make x up", "start make y up", "start make z up"],
      ...["put x up", "fail 3 'no y today'"],
      ...["end make x up", "end make y up, failed", "end make z up, not begun"],
      ...["start make z up", "put z up", "end make z up"],
    ]);
  });

  test.each([
    ["until", "until: true\n"],
    ["retries", "retries: 1\ndelay: 0\n"],
    ["a pause", oneByOne],
    ["break_when", "loop_control: {break_when: [false]}\n"],
    ["timeout", "timeout: 60\n"],
  ])("not with %s", async (_, more) => {
    const outcome = await trial(play(names(5), more));
    expect(outcome.roundTrips["a"]).toBeGreaterThan(5);
    expect(resultOf(outcome, "p1.t1").items!.map(({ status }) => status)).toEqual(names(5).map(() => "changed"));
  });
});

test("a turn that was made already counts for the arguments that it was made with, and no others", async () => {
  const came: Performed = { status: "changed", changes: [] };
  const made = async (before: object, now: object) => {
    const performed = new Map([[1, { args: before, came }]]) as MadeTurns["performed"];
    const turn = { loop: {}, items: [1, 2], index: 1, made: { performed, seen: new Map(), isOver: false } };
    return (await madeBefore({ turn, args: now } as unknown as Call)) === came;
  };
  expect(await made({ dest: "/x", more: undefined }, { dest: "/x" })).toBe(true);
  expect(await made({ dest: "/x" }, { dest: "/y" })).toBe(false);
  expect(await made({ src: { path: "/f", size: 1, sha256: "a" } }, { src: { path: "/f", size: 1, sha256: "b" } })).toBe(false);
  expect(await made({ all: [new Secret("s")] }, { all: [new Secret("s")] })).toBe(true);
  expect(await made({ all: [new Secret("s")] }, { all: [new Secret("t")] })).toBe(false);
});

/** The same numbers every time: a linear congruential generator. */
function* numbers(seed: number): Generator<number> {
  for (let state = seed; ; ) yield (state = (state * 1103515245 + 12345) % 2147483648) >> 8;
}

/** Hosts where one thing moves another: what a turn finds depends on those before it. */
function entangled(start: Readonly<Record<string, string>>): { host: FakeHost; done: string[] } {
  const host = new FakeHost(start);
  const done: string[] = [];
  host.onScript = (line) => {
    const [word, name = ""] = line.split(" ");
    if (word !== "see" && word !== "lock") done.push(line);
    if (word === "put" && name === "a") host.things.set("b", "up");
    if (word === "put" && name === "c") host.things.delete("a");
    if (word === "put" && name === "d") host.things.set("e", "spoilt");
  };
  return { host, done };
}

/** All that a person or a program is told of the outcome, but for times and for what is told of single steps. */
function toldOf(outcome: Outcome): object {
  const { elapsed: _, ...result } = resultOf(outcome, "p1.t1");
  const items = result.items!.map(({ elapsed: __, ...item }) => item);
  return { ...result, items, things: [...outcome.world["a"]!.things].sort(), exitCode: outcome.exitCode };
}

test.each(Array.from({ length: 150 }, (_, index) => [index + 1]))("gives what the turns give one by one (seed %d)", async (seed) => {
  const next = numbers(seed);
  const pick = <T>(from: readonly T[]): T => from[next.next().value % from.length]!;
  const items = Array.from({ length: 2 + pick([0, 1, 3, 7]) }, () => ({ name: pick([..."abcdefgh"]), value: pick(["up", "up", "new"]), how: pick(["put", "put", "put", "put", "fail", "half", "lie", "refuse", "talk", "spoil"]) }));
  const start = Object.fromEntries([..."abcdefgh"].filter(() => pick([true, false])).map((name) => [name, pick(["up", "old"])]));
  const more = pick(["", "when: item.name != 'b'\n", "failed_when: result.value == 'new'\nregister: result\n", "changed_when: false\n"]);
  const told = async (own: string) => {
    const { host, done } = entangled(start);
    return { ...toldOf(await trial(play(items, more + own), { world: { a: host } })), done };
  };
  expect(await told("")).toEqual(await told(oneByOne));
});
