import { BowlineError } from "../../src/core/errors.ts";
import type { Event } from "../../src/events/event.ts";
import { FakeHost } from "./fake-transport.ts";
import { ends, resultOf, statuses, statusOf, trial, typesOf } from "./kit.ts";

describe("handlers", () => {
  const playbook = (tasks: string, handlers: string) => `- hosts: all\n  tasks:\n${tasks}  handlers:\n${handlers}`;
  const notifying = (name: string, handler: string) => `    - thing: {name: ${name}}\n      notify: ${handler}\n`;
  const handler = (name: string, body = `act: say ${name}`) => `    - name: ${name}\n      ${body}\n`;

  test("run once, at the end of the play, in the order of their definition", async () => {
    const outcome = await trial(playbook(notifying("x", "[second, first]") + notifying("y", "second") + "    - act: say last\n", handler("first") + handler("second") + handler("third")));
    expect(statuses(outcome)).toEqual(["p1.t1 changed", "p1.t2 changed", "p1.t3 changed", "p1.h1 changed", "p1.h2 changed"]);
    expect(outcome.events.filter((event) => event.type === "handler:notified").map((event) => [event.handler, event.by])).toEqual([["p1.h2", "p1.t1"], ["p1.h1", "p1.t1"]]);
  });

  test("do not run when nothing changed", async () => {
    const outcome = await trial(playbook(notifying("x", "first"), handler("first")), { world: { a: new FakeHost({ x: "up" }) } });
    expect(statuses(outcome)).toEqual(["p1.t1 ok"]);
  });

  test("run only on the hosts that notified them", async () => {
    const outcome = await trial(playbook(notifying("x", "first"), handler("first")), { hosts: ["a", "b"], world: { b: new FakeHost({ x: "up" }) } });
    expect(statuses(outcome, "a")).toEqual(["p1.t1 changed", "p1.h1 changed"]);
    expect(statuses(outcome, "b")).toEqual(["p1.t1 ok"]);
  });

  test("may notify a later one", async () => {
    const outcome = await trial(playbook(notifying("x", "first"), handler("first", "act: say first\n      notify: second") + handler("second")));
    expect(statuses(outcome)).toEqual(["p1.t1 changed", "p1.h1 changed", "p1.h2 changed"]);
  });

  test("run at the end on a host that failed after it notified them, for what they were to do is still to be done", async () => {
    const outcome = await trial(playbook(notifying("x", "first") + "    - act: fail 3 oh\n      when: inventory_hostname == 'a'\n", handler("first")), { hosts: ["a", "b"] });
    expect(statuses(outcome, "a")).toEqual(["p1.t1 changed", "p1.t2 failed", "p1.h1 changed"]);
    expect(statuses(outcome, "b")).toEqual(["p1.t1 changed", "p1.t2 skipped", "p1.h1 changed"]);
    expect(outcome.exitCode).toBe(2);
  });

  test("do not run on a host that failed where the play says so, as with Ansible", async () => {
    const outcome = await trial(playbook(notifying("x", "first") + "    - act: fail 3 oh\n      when: inventory_hostname == 'a'\n", handler("first")).replace("- hosts: all\n", "- hosts: all\n  force_handlers: false\n"), { hosts: ["a", "b"] });
    expect(statuses(outcome, "a")).toEqual(["p1.t1 changed", "p1.t2 failed"]);
    expect(statuses(outcome, "b")).toEqual(["p1.t1 changed", "p1.t2 skipped", "p1.h1 changed"]);
  });

  test("an ignored failure notifies nobody", async () => {
    const outcome = await trial(playbook("    - act: fail 3 oh\n      ignore_errors: true\n      notify: first\n", handler("first")));
    expect(statuses(outcome)).toEqual(["p1.t1 ignored"]);
  });

  test("are predicted in check mode", async () => {
    const outcome = await trial(playbook(notifying("x", "first"), handler("first", "thing: {name: y}") + handler("second")), { mode: "check" });
    expect(statuses(outcome)).toEqual(["p1.t1 changed", "p1.h1 changed"]);
    expect(outcome.world["a"]!.ran["put"]).toBeUndefined();
  });

  test("are not predicted by what is unknown and never counts as a change", async () => {
    const notifies = (more: string) => trial(playbook(`    - act: say x\n      notify: first\n${more}`, handler("first", "thing: {name: y}")), { mode: "check" });
    expect(statuses(await notifies(""))).toEqual(["p1.t1 unknown", "p1.h1 changed"]);
    expect(statuses(await notifies("      changed_when: false\n"))).toEqual(["p1.t1 unknown"]);
  });

  test.each(["status", "down"] as const)("have no part in %s", async (mode) => {
    const outcome = await trial(playbook(notifying("x", "first"), handler("first")), { mode, world: { a: new FakeHost({ x: "up" }) } });
    expect(ends(outcome).map(({ task }) => task)).toEqual(["p1.t1"]);
    expect(typesOf(outcome)).not.toContain("handler:notified");
  });

  test("of one play are not those of the next", async () => {
    const outcome = await trial(playbook(notifying("x", "again"), handler("again")) + playbook(notifying("x", "again"), handler("again")));
    expect(statuses(outcome)).toEqual(["p1.t1 changed", "p1.h1 changed", "p2.t1 ok"]);
  });
});

describe("plays", () => {
  test("run one after the other on the same connection", async () => {
    const outcome = await trial("- hosts: all\n  tasks:\n    - act: say one\n- hosts: a\n  tasks:\n    - act: say two\n", { hosts: ["a", "b"] });
    expect(statuses(outcome, "a")).toEqual(["p1.t1 changed", "p2.t1 changed"]);
    expect(statuses(outcome, "b")).toEqual(["p1.t1 changed"]);
    expect(outcome.world["a"]).toMatchObject({ connects: 1, closes: 1 });
  });

  test("a host that failed has no part in those behind", async () => {
    const outcome = await trial("- hosts: all\n  tasks:\n    - act: fail 3 oh\n      when: inventory_hostname == 'a'\n- hosts: all\n  tasks:\n    - act: say two\n", { hosts: ["a", "b"] });
    expect(statuses(outcome, "a")).toEqual(["p1.t1 failed"]);
    expect(statuses(outcome, "b")).toEqual(["p1.t1 skipped", "p2.t1 changed"]);
  });

  test("do not go on after one that lost all of its hosts, and that is said", async () => {
    const outcome = await trial("- hosts: a\n  name: storage\n  tasks:\n    - act: fail 3 oh\n- hosts: b\n  name: web\n  tasks:\n    - act: say two\n", { hosts: ["a", "b"] });
    expect(statuses(outcome, "b")).toEqual([]);
    expect(outcome.events.find((event) => event.type === "warning")).toMatchObject({ message: 'no host of "storage" is left, so "web" and what follows it do not run' });
    expect(outcome.exitCode).toBe(2);
  });

  test("status looks at the hosts of all of them, whoever is out of reach", async () => {
    const a = new FakeHost();
    a.reachable = false;
    const outcome = await trial("- hosts: a\n  tasks:\n    - thing: {name: x}\n- hosts: b\n  tasks:\n    - thing: {name: x}\n", { hosts: ["a", "b"], mode: "status", world: { a } });
    expect(statuses(outcome, "b")).toEqual(["p2.t1 ok"]);
    expect(outcome.exitCode).toBe(4);
  });

  test("events stand in the order of what happened", async () => {
    const outcome = await trial("- hosts: all\n  tasks:\n    - debug: {}\n    - debug: {}\n- hosts: all\n  tasks:\n    - debug: {}\n");
    const task = ["task:start", "host:start", "host:end"];
    expect(typesOf(outcome)).toEqual(["run:start", "play:start", ...task, ...task, "play:end", "play:start", ...task, "play:end"]);
  });
});

describe("forks", () => {
  const names = Array.from({ length: 9 }, (_, index) => `h${index}`);

  test.each([1, 3, 9])("%d: so many hosts at most are at work, and every host is done with a task before the next one begins", async (forks) => {
    const outcome = await trial("- hosts: all\n  tasks:\n    - act: say one\n    - thing: {name: x}\n", { hosts: names, forks });
    let working = 0;
    let most = 0;
    const order: string[] = [];
    for (const event of outcome.events) {
      if (event.type === "host:start") most = Math.max(most, (working += 1));
      if (event.type === "host:end") working -= 1;
      if (event.type === "host:end") order.push(event.task);
    }
    expect(most).toBe(forks);
    expect(order).toEqual([...names.map(() => "p1.t1"), ...names.map(() => "p1.t2")]);
  });
});

describe("an interruption", () => {
  test("stops what runs on every host, marks it, and begins nothing more", async () => {
    const controller = new AbortController();
    const waiting = new Set<string>();
    const world = Object.fromEntries(["a", "b"].map((name) => {
      const host = new FakeHost();
      host.onScript = (line) => {
        if (line === "hang") waiting.add(name);
        if (waiting.size === 2) setImmediate(() => controller.abort());
      };
      return [name, host];
    }));
    const outcome = await trial("- hosts: all\n  tasks:\n    - act: hang\n      name: wait\n    - act: say two\n- hosts: all\n  tasks:\n    - act: say three\n", { hosts: ["a", "b"], world, signal: controller.signal });
    for (const host of ["a", "b"]) {
      expect(statuses(outcome, host)).toEqual(["p1.t1 failed"]);
      expect(resultOf(outcome, "p1.t1", host).problem).toMatchObject({ code: "E_INTERRUPTED", message: "wait: interrupted, and stopped on the host" });
      expect(world[host]).toMatchObject({ closes: 1 });
    }
    expect(outcome.exitCode).toBe(99);
  });

  test.each([
    ["a change: its step has its end", "thing: {name: x, how: hang}", "hang"],
    ["ignore_errors does not hide it", "act: hang\n      ignore_errors: true", "hang"],
    ["failed_when does not hide it", "act: hang\n      failed_when: false", "hang"],
    ["between two tries", "act: say x\n      until: false\n      delay: 3600", "say x"],
    ["while it looks, nothing is changed", "thing: {name: x}", "see x"],
  ])("of %s", async (_, task, line) => {
    const controller = new AbortController();
    const a = new FakeHost();
    a.onScript = (seen) => seen === line && controller.abort();
    const outcome = await trial(`- hosts: all\n  tasks:\n    - ${task}\n    - act: say later\n`, { world: { a }, signal: controller.signal });
    expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { code: "E_INTERRUPTED" } });
    expect(typesOf(outcome).filter((type) => type === "step:start")).toEqual(typesOf(outcome).filter((type) => type === "step:end").map(() => "step:start"));
    expect(a.ran["put"]).toBeUndefined();
    expect(outcome.exitCode).toBe(99);
  });

  test("before anything began connects to nothing", async () => {
    const outcome = await trial("- hosts: all\n  tasks:\n    - act: say x\n", { signal: AbortSignal.abort() });
    expect(outcome.world["a"]!.connects).toBe(0);
    expect(outcome.exitCode).toBe(99);
  });
});

describe("a journal that can no longer be written", () => {
  const full = new BowlineError({ code: "E_RUN", message: "the journal cannot be written: no space left on device" });
  const until = (stop: (event: Event) => boolean) => {
    let broken = false;
    return (event: Event) => {
      broken ||= stop(event);
      if (broken) throw full;
    };
  };

  test("stops the run on all hosts before the step that it could not record, and says why", async () => {
    const names = ["a", "b", "c"];
    const outcome = await trial("- hosts: all\n  tasks:\n    - act: say one\n    - thing: {name: x}\n    - act: say three\n", { hosts: names, journal: until((event) => event.type === "step:start") });
    for (const name of names) {
      expect(outcome.world[name]!.ran["put"]).toBeUndefined();
      expect(outcome.world[name]!.lines).not.toContain("say three");
      expect(outcome.world[name]).toMatchObject({ closes: 1 });
    }
    expect(outcome.problems).toMatchObject([{ code: "E_RUN", message: expect.stringContaining("no space left") }]);
    expect(outcome.exitCode).toBe(1);
  });

  test("while a host prints: the lines are lost, the next event ends the run", async () => {
    const outcome = await trial("- hosts: all\n  tasks:\n    - act: say one\n    - act: say two\n", { journal: until((event) => event.type === "output") });
    expect(outcome.world["a"]!.lines).toEqual(["lock r1", "say one"]);
    expect(outcome.exitCode).toBe(1);
  });

  test("at the first event of the engine touches no host", async () => {
    const outcome = await trial("- hosts: all\n  tasks:\n    - act: say one\n", { journal: until((event) => event.type === "play:start") });
    expect(outcome.world["a"]!.connects).toBe(0);
    expect(outcome.problems).toHaveLength(1);
  });

  test("stops hosts that are at work", async () => {
    const b = new FakeHost();
    const outcome = await trial("- hosts: all\n  tasks:\n    - act: hang\n", {
      hosts: ["a", "b"],
      world: { b },
      journal: until((event) => event.type === "host:start" && event.host === "b"),
    });
    expect(outcome.problems).toHaveLength(1);
    expect(outcome.world["a"]!.closes).toBe(1);
    expect(b.connects).toBe(0);
  });
});

test("a bug of the engine itself ends the run on all hosts with its trace", async () => {
  const localFile = () => undefined as never;
  const outcome = await trial("- hosts: all\n  tasks:\n    - act: say one\n", {
    files: { localFile, template: localFile },
    journal: (event) => {
      if (event.type === "host:end") throw new TypeError("cannot read properties of undefined");
    },
  });
  expect(statusOf(outcome, "p1.t1")).toBe("changed");
  expect(outcome.problems).toMatchObject([{ code: "E_BUG" }]);
  expect(outcome.events.at(-1)).toMatchObject({ type: "warning", message: expect.stringContaining("plays.test.ts") });
  expect(outcome.exitCode).toBe(250);
});

describe("a person who is asked before each task", () => {
  const text = `- hosts: all
  serial: 1
  tasks:
    - {name: one, act: say x}
    - {name: two, act: say x, notify: later}
    - block:
        - {name: three, act: fail 1 oh}
      rescue:
        - {name: four, act: say x}
  handlers:
    - {name: later, act: say x}
`;

  test("sees each once in each batch, handlers and rescues too, and what is not wanted leaves no trace", async () => {
    const asked: string[] = [];
    const confirm = (task: string) => Promise.resolve(asked.push(task) > 0 && task !== "one");
    const { events, exitCode } = await trial(text, { hosts: ["a", "b"], confirm });
    expect(asked).toEqual([1, 2].flatMap(() => ["one", "two", "three", "four", "later"]));
    expect(exitCode).toBe(0);
    const names = events.flatMap((event) => (event.type === "host:start" ? [`${event.host} ${event.name}`] : []));
    expect(names).toEqual(["a", "b"].flatMap((host) => ["two", "three", "four", "later"].map((name) => `${host} ${name}`)));
  });

  test("and ends it there ends the run in order", async () => {
    const confirm = (task: string) => (task === "two" ? Promise.reject(new BowlineError({ code: "E_INTERRUPTED", message: "interrupted" })) : Promise.resolve(true));
    const { events, exitCode, problems } = await trial(text, { hosts: ["a"], confirm });
    expect(problems).toMatchObject([{ code: "E_INTERRUPTED" }]);
    expect(exitCode).toBe(99);
    expect(events.filter((event) => event.type === "host:end")).toHaveLength(1);
  });
});
