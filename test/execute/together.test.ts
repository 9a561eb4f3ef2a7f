import { FakeHost } from "./fake-transport.ts";
import { resultOf, statuses, trial } from "./kit.ts";
import { play, up } from "./_things.ts";

describe("looks of one family are one question", () => {
  const kin = (...names: readonly string[]) => play(names.map((name) => `- kin: {name: ${name}}\n`).join(""));
  const numbered = (count: number) => Object.keys(up(count));
  const looked = (host: FakeHost) => host.batches.map((batch) => batch.filter((line) => /^(see|hang)/.test(line)));

  test("a loop of 100 is one request in one round trip", async () => {
    const a = new FakeHost(up(100));
    const outcome = await trial(play(`- kin: {name: "{{ item }}"}\n  loop: [${numbered(100).join(", ")}]\n`), { world: { a } });
    expect(outcome.roundTrips).toEqual({ a: 1 });
    expect(looked(a)).toEqual([[`sees ${numbered(100).join(" ")}`]]);
    expect(resultOf(outcome, "p1.t1").items).toHaveLength(100);
  });

  test("they stand where the first of them would, and one that is left is asked as it is", async () => {
    const a = new FakeHost({ ...up(4), x: "up" });
    await trial(play("- thing: {name: x}\n- kin: {name: t1}\n- kin: {name: t2, single: true}\n- thing: {name: t4}\n- kin: {name: t3}\n"), { world: { a } });
    expect(looked(a)).toEqual([["see x", "sees t1 t3", "see t2", "see t4"]]);
    const b = new FakeHost(up(2));
    await trial(play("- kin: {name: t1}\n- thing: {name: t2}\n"), { world: { a: b } });
    expect(looked(b)).toEqual([["see t1", "see t2"]]);
  });

  test("they go along behind a change as well, and what has to change is planned from that", async () => {
    const a = new FakeHost({ t1: "old", t2: "old", t3: "up" });
    const outcome = await trial(kin("t1", "t2", "t3"), { world: { a } });
    expect(statuses(outcome)).toEqual(["p1.t1 changed", "p1.t2 changed", "p1.t3 ok"]);
    expect(looked(a)).toEqual([["sees t1 t2 t3"], ["see t1", "sees t2 t3"], ["see t2", "see t3"]]);
  });

  test("what several tasks look at is asked for once, and kept for each", async () => {
    const a = new FakeHost(up(2));
    const outcome = await trial(kin("t1", "t2", "t1", "t1", "t2"), { world: { a } });
    expect(looked(a)).toEqual([["sees t1 t2"]]);
    expect(outcome.summary.hosts["a"]).toMatchObject({ ok: 5 });
  });

  test("one that cannot be answered among others is looked at alone, and never among others again", async () => {
    const a = new FakeHost({ ...up(3), odd: "up" });
    const outcome = await trial(kin("t1", "odd", "t2", "t3", "odd"), { world: { a } });
    expect(outcome.summary.hosts["a"]).toMatchObject({ ok: 5 });
    expect(looked(a)).toEqual([["sees t1 odd t2 t3"], ["see odd"]]);
    const b = new FakeHost({ ...up(2), odd: "up" });
    expect((await trial(kin("odd", "t1", "t2"), { world: { a: b } })).summary.hosts["a"]).toMatchObject({ ok: 3 });
    expect(looked(b)).toEqual([["sees odd t1 t2"], ["see odd"]]);
  });

  test("one that hangs holds the others up once: then each is looked at alone, and no task fails but its own", async () => {
    const a = new FakeHost(up(6));
    const outcome = await trial(kin("t1", "t2", "stuck", "t3").replace("stuck}", "stuck}\n      ignore_errors: true"), { world: { a } });
    expect(statuses(outcome).map((line) => line.split(" ")[1])).toEqual(["ok", "ok", "ignored", "ok"]);
    expect(looked(a)).toEqual([["sees t1 t2 stuck t3"], ["see t1", "see t2", "hang", "see t3"], ["hang", "see t3"], ["see t3"]]);
    expect(a.limits.slice(0, 4)).toEqual([20, 120, 20, 20]);
  });

  test("one that hangs in front of others that are not like it", async () => {
    const a = new FakeHost(up(3));
    const outcome = await trial(play("- thing: {name: t1}\n- kin: {name: t2}\n- kin: {name: stuck}\n  ignore_errors: true\n- thing: {name: t3}\n"), { world: { a } });
    expect(statuses(outcome).map((line) => line.split(" ")[1])).toEqual(["ok", "ok", "ignored", "ok"]);
    expect(looked(a)).toEqual([["see t1", "sees t2 stuck", "see t3"], ["see t2", "hang", "see t3"], ["hang", "see t3"], ["see t3"]]);
  });

  test("one that loses the connection takes nothing away from the task that took it along", async () => {
    const a = new FakeHost(up(3));
    const outcome = await trial(kin("t1", "lost", "t2").replace("lost}", "lost}\n      ignore_unreachable: true"), { world: { a } });
    expect(statuses(outcome)[0]).toBe("p1.t1 ok");
    expect(looked(a).slice(0, 2)).toEqual([["sees t1 lost t2"], ["see t1", "see t2"]]);
    expect(a.connects).toBeGreaterThan(1);
  });

  test("a host that cannot be reached is not called twice", async () => {
    const a = new FakeHost(up(2));
    a.reachable = false;
    const outcome = await trial(kin("t1", "t2"), { world: { a } });
    expect(statuses(outcome)[0]).toBe("p1.t1 unreachable");
    expect(a.connects).toBe(1);
  });
});
