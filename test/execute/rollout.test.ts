import { FakeHost } from "./fake-transport.ts";
import { recap, resultOf, said, story, trial, warnings, type Trial } from "./kit.ts";

const four = ["a", "b", "c", "d"];
/** A play for all of these tasks, written at column 1. */
const play = (keys: string, tasks = "- name: t\n  act: say x\n") => `- hosts: all\n${keys.replaceAll(/^(?=.)/gm, "  ")}\n  tasks:\n${tasks.replaceAll(/^(?=.)/gm, "    ")}`;
/** `t` fails on these hosts. */
const failing = (hosts: readonly string[]): Partial<Trial> => ({ vars: { line: "say x" }, hostVars: Object.fromEntries(hosts.map((host) => [host, { line: "fail 3 oh" }])) });
const tasks = '- name: t\n  act: "{{ line }}"\n- name: then\n  act: say then\n';

describe("serial", () => {
  test.each<[string, string]>([
    ["serial: 1", "a|b|c|d|e|f|g"],
    ["serial: 3", "abc|def|g"],
    ['serial: "3"', "abc|def|g"],
    ["serial: 0", "abcdefg"],
    ["serial: 100", "abcdefg"],
    ['serial: "30%"', "ab|cd|ef|g"],
    ['serial: "1%"', "a|b|c|d|e|f|g"],
    ['serial: "100%"', "abcdefg"],
    ["serial: [1, 2]", "a|bc|de|fg"],
    ['serial: [1, "30%", "100%"]', "a|bc|defg"],
    ["serial: [2, 0]", "ab|cdefg"],
    ['serial: "{{ size }}"', "ab|cd|ef|g"],
    ['serial: ["{{ size }}", 5]', "ab|cdefg"],
  ])("%s makes the batches %s", async (keys, batches) => {
    const outcome = await trial(play(keys, '- debug: {msg: "{{ join ansible_play_batch \'\' }}"}\n'), { hosts: [..."abcdefg"], extraVars: { size: 2 } });
    const seen = [..."abcdefg"].map((host) => resultOf(outcome, "p1.t1", host).message);
    expect([...new Set(seen)].join("|")).toBe(batches);
  });

  test("a batch goes through the whole play before the next one begins", async () => {
    const outcome = await trial(play("serial: 2", "- {name: one, act: say x}\n- {name: two, act: say y}\n"), { hosts: four });
    expect(story(outcome).map((line) => line.slice(0, 6))).toEqual(["a: one", "b: one", "a: two", "b: two", "c: one", "d: one", "c: two", "d: two"]);
  });
});

describe("order", () => {
  test.each([
    ["inventory", "bdac"],
    ["reverse_inventory", "cadb"],
    ["sorted", "abcd"],
    ["reverse_sorted", "dcba"],
  ])("%s: %s", async (order, hosts) => {
    expect(story(await trial(play(`order: ${order}\nserial: 1`), { hosts: [..."bdac"] })).map((line) => line[0]).join("")).toBe(hosts);
  });

  test("shuffle: each once", async () => {
    expect(story(await trial(play("order: shuffle\nserial: 1"), { hosts: four })).map((line) => line[0]).sort().join("")).toBe("abcd");
  });
});

describe("a batch that failed", () => {
  test.each<[string, string, string[], string]>([
    ["in part does not hold the next one up", "serial: 2", ["a"], "bcd"],
    ["as a whole ends the rollout", "serial: 2", ["a", "b"], ""],
    ["as a whole does not where max_fail_percentage allows it", "serial: 2\nmax_fail_percentage: 100", ["a", "b"], "cd"],
    ["over max_fail_percentage ends the rollout, and its own play", "serial: 2\nmax_fail_percentage: 49", ["a"], ""],
    ["at max_fail_percentage goes on: it must be exceeded", "serial: 2\nmax_fail_percentage: 50", ["a"], "bcd"],
    ["with max_fail_percentage 0 ends at the first failure", "max_fail_percentage: 0", ["a"], ""],
    ["within what the batch may lose, but over that of the play, ends the rollout", "serial: 2\nmax_fail_percentage: {batch: 50, play: 25}", ["a", "c"], "b"],
    ["is counted of the play alone where only that is bounded", "serial: 2\nmax_fail_percentage: {play: 50}", ["a", "b"], "cd"],
    ["over a percentage that a template gives", 'serial: 2\nmax_fail_percentage: "{{ allowed }}"', ["a"], ""],
    ["by any_errors_fatal ends it for all", "serial: 2\nany_errors_fatal: true", ["a"], ""],
    ["by any_errors_fatal that does not hold is one like others", 'serial: 2\nany_errors_fatal: "{{ fatal }}"', ["a"], "bcd"],
  ])("%s", async (_, keys, failed, done) => {
    const outcome = await trial(`${play(keys, tasks)}- hosts: all\n  tasks: [{act: say next}]\n`, { hosts: four, extraVars: { allowed: 49, fatal: false }, ...failing(failed) });
    expect(four.filter((host) => said(outcome, host).includes("then")).join("")).toBe(done);
    const isOver = done === "" || keys.includes("play: 25");
    expect(four.filter((host) => said(outcome, host).includes("next")).join("")).toBe(isOver ? "" : done);
    expect(outcome.exitCode).toBe(2);
  });

  test("is told with its reason", async () => {
    expect(warnings(await trial(play("serial: 2", tasks), { hosts: four, ...failing(["a", "b"]) }))).toEqual(["every host of a batch failed, so the batch behind it does not begin; max_fail_percentage allows it"]);
    expect(warnings(await trial(play("serial: 2\nmax_fail_percentage: 0", tasks), { hosts: four, ...failing(["a"]) }))).toEqual(["1 of 2 hosts of the batch failed, more than max_fail_percentage allows (0%)"]);
    expect(warnings(await trial(play("any_errors_fatal: true", tasks), { hosts: four, ...failing(["b"]) }))).toEqual(['"t" failed on b, and any_errors_fatal ends the play for all']);
  });

  test("counts hosts out of reach as failed, though a rescue waits for failures", async () => {
    const a = new FakeHost();
    a.reachable = false;
    const outcome = await trial(play("serial: 2\nmax_fail_percentage: 49", "- block: [{act: say x}]\n  rescue: [{act: say rescue}]\n"), { hosts: four, world: { a } });
    expect(four.map((host) => said(outcome, host))).toEqual([[], ["x"], [], []]);
  });

  test("does not count what was rescued", async () => {
    const outcome = await trial(play("serial: 2\nmax_fail_percentage: 0", '- block: [{act: "{{ line }}"}]\n  rescue: [{act: say rescue}]\n'), { hosts: four, ...failing(["a", "b"]) });
    expect(four.map((host) => said(outcome, host))).toEqual([["rescue"], ["rescue"], ["x"], ["x"]]);
    expect(outcome.exitCode).toBe(0);
  });
});

describe("any_errors_fatal", () => {
  test("of a task ends the play when that task is done on all hosts", async () => {
    const outcome = await trial(play("", tasks.replace('- name: t\n', "- name: t\n  any_errors_fatal: true\n")), { hosts: four, ...failing(["b"]) });
    expect(story(outcome)).toEqual(["a: t changed", "b: t failed", "c: t changed", "d: t changed"]);
    expect(recap(outcome, "a")).toEqual({ ok: 1, changed: 1 });
  });

  test("holds for a host out of reach", async () => {
    const outcome = await trial(play("any_errors_fatal: true", tasks), { hosts: ["a", "b"], vars: { line: "say x" }, hostVars: { a: { line: "lose" } } });
    expect(said(outcome, "b")).toEqual(["x"]);
    expect(outcome.exitCode).toBe(4);
  });

  test("does not hold for what is ignored", async () => {
    const outcome = await trial(play("any_errors_fatal: true", tasks.replace("- name: t\n", "- name: t\n  ignore_errors: true\n")), { hosts: ["a", "b"], ...failing(["a"]) });
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual([["then"], ["x", "then"]]);
  });
});

describe("run_once", () => {
  const once = (value: string, further = "") => `- name: once\n  act: "{{ line }}"\n  run_once: ${value}\n${further}- name: then\n  act: say then\n`;

  test.each<[string, string[]]>([
    ["true", ["a"]],
    ["batch", ["a", "c"]],
    ["false", four],
    ['"{{ wanted }}"', ["a"]],
  ])("%s runs on %s", async (value, hosts) => {
    const outcome = await trial(play("serial: 2", once(value)), { hosts: four, vars: { line: "say x", wanted: true } });
    expect(four.filter((host) => said(outcome, host).includes("x"))).toEqual(hosts);
    expect(four.every((host) => said(outcome, host).includes("then"))).toBe(true);
  });

  test("what it registers, sets and reads is there on every host, in later batches too", async () => {
    const outcome = await trial(play("serial: 2", `
- act: say {{ inventory_hostname }}
  run_once: true
  register: r
- set_fact: {chosen: "{{ inventory_hostname }}"}
  run_once: true
- include_vars: more.yml
  run_once: true
- debug: {msg: "{{ r.stdout }} {{ chosen }} {{ more }}"}
`), { hosts: four, project: { "more.yml": "more: read\n" } });
    expect(four.map((host) => resultOf(outcome, "p1.t4", host).message)).toEqual(["a a read", "a a read", "a a read", "a a read"]);
  });

  test("that fails has failed for all", async () => {
    const outcome = await trial(play("", once("true")), { hosts: ["a", "b"], ...failing(["a", "b"]) });
    expect(story(outcome)).toEqual(["a: once failed"]);
    expect([recap(outcome, "a"), recap(outcome, "b")]).toEqual([{ failed: 1 }, {}]);
  });

  test("that fails is rescued on all", async () => {
    const outcome = await trial(play("", `- block:\n${once("true").replaceAll(/^(?=.)/gm, "    ")}  rescue: [{name: mend, act: say mend}]\n`), { hosts: ["a", "b"], ...failing(["a", "b"]) });
    expect(story(outcome)).toEqual(["a: once rescued", "a: mend changed", "b: mend changed"]);
  });

  test("that is ignored lets all go on", async () => {
    const outcome = await trial(play("", once("true", "  ignore_errors: true\n  register: r\n")), { hosts: ["a", "b"], ...failing(["a"]) });
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual([["then"], ["then"]]);
  });

  test("its condition is asked on the first host", async () => {
    const outcome = await trial(play("", once("true", "  when: inventory_hostname == 'b'\n")), { hosts: ["a", "b"], vars: { line: "say x" } });
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual([["then"], ["then"]]);
  });

  test("with delegate_to runs once there", async () => {
    const other = new FakeHost();
    const outcome = await trial(play("", once("true", "  delegate_to: other\n  register: r\n") + '- debug: {msg: "{{ r.stdout }}"}\n'), { hosts: ["a", "b"], others: ["other"], world: { other }, vars: { line: "say x" } });
    expect(said(outcome, "other")).toEqual(["x"]);
    expect(resultOf(outcome, "p1.t3", "b").message).toBe("x");
  });

  test("of an include brings its tasks to the first host alone", async () => {
    const outcome = await trial(play("", "- include_tasks: more.yml\n  run_once: true\n- act: say then\n"), { hosts: ["a", "b"], project: { "more.yml": "- act: say more\n" } });
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual([["more", "then"], ["then"]]);
  });

  test("of a block holds for each of its tasks", async () => {
    const outcome = await trial(play("", "- block: [{act: say x}, {act: say y}]\n  run_once: true\n"), { hosts: ["a", "b"] });
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual([["x", "y"], []]);
  });

  test("skips hosts that failed before", async () => {
    const outcome = await trial(play("", tasks + "- act: say once\n  run_once: true\n"), { hosts: ["a", "b"], ...failing(["a"]) });
    expect(said(outcome, "b")).toEqual(["x", "then", "once"]);
  });

  test.each(["status", "down"] as const)("counts in %s too", async (mode) => {
    const world = { a: new FakeHost({ x: "up" }), b: new FakeHost({ x: "up" }) };
    const outcome = await trial(play("", "- thing: {name: x}\n  run_once: true\n"), { hosts: ["a", "b"], mode, world });
    expect(story(outcome)).toHaveLength(1);
    expect(world.b.connects).toBe(0);
  });
});

describe("throttle", () => {
  const most = (events: Awaited<ReturnType<typeof trial>>["events"]) => {
    let working = 0;
    return events.reduce((top, event) => {
      if (event.type === "host:start") working += 1;
      if (event.type === "host:end") working -= 1;
      return Math.max(top, working);
    }, 0);
  };

  test.each<[string, string, number]>([
    ["", "throttle: 1", 1],
    ["", "throttle: 3", 3],
    ["", 'throttle: "{{ few }}"', 2],
    ["", "throttle: 0", 4],
    ["throttle: 2", "name: t", 2],
    ["throttle: 3", "throttle: 1", 1],
    ["strategy: free", "throttle: 1", 1],
    ["strategy: host_pinned", "throttle: 2", 2],
  ])("%s %s: so many hosts at once: %d", async (keys, key, count) => {
    const outcome = await trial(play(keys, `- act: say x\n  ${key}\n`), { hosts: four, vars: { few: 2 } });
    expect(most(outcome.events)).toBe(count);
  });
});

describe("strategy", () => {
  /** Host a is slow: it waits for b to be through. */
  async function withSlow(keys: string, body: string) {
    const b = new FakeHost();
    const a = new FakeHost();
    let go: () => void = () => undefined;
    const free = new Promise<void>((resolve) => (go = resolve));
    b.onScript = (line) => line === "say last" && go();
    a.waitFor = (line) => (line === "say slow" ? free : undefined);
    return trial(play(keys, body), { hosts: ["a", "b"], world: { a, b } });
  }

  test.each(["free", "host_pinned"])("%s: each host goes at its own pace", async (strategy) => {
    const outcome = await withSlow(`strategy: ${strategy}`, "- act: say slow\n- act: say last\n");
    const order = outcome.events.flatMap((event) => (event.type === "host:start" || event.type === "host:end" ? [`${event.host} ${event.task} ${event.type.slice(5)}`] : []));
    expect(order.indexOf("b p1.t2 start")).toBeLessThan(order.indexOf("a p1.t1 end"));
  });

  test("host_pinned: a host keeps its place among the forks until it is through, free gives each a turn", async () => {
    const body = "- {name: one, act: say x}\n- {name: two, act: say y}\n";
    const pinned = await trial(play("strategy: host_pinned", body), { hosts: four, forks: 1 });
    expect(story(pinned).map((line) => line.slice(0, 6))).toEqual(four.flatMap((host) => [`${host}: one`, `${host}: two`]));
    const free = await trial(play("strategy: free", body), { hosts: ["a", "b"], forks: 1 });
    expect(story(free).map((line) => line.slice(0, 6))).toEqual(["a: one", "b: one", "a: two", "b: two"]);
  });

  test("free: blocks, rescues and handlers are each host's own", async () => {
    const whole = `${play("strategy: free", '- block: [{act: say task, notify: h}, {act: "{{ line }}"}]\n  rescue: [{act: say mend}]\n  always: [{act: say tidy}]\n- meta: flush_handlers\n- act: say last\n')}  handlers: [{name: h, act: say handler}]\n`;
    const done = await trial(whole, { hosts: ["a", "b"], ...failing(["a"]) });
    expect(said(done, "a")).toEqual(["task", "mend", "tidy", "handler", "last"]);
    expect(said(done, "b")).toEqual(["task", "x", "tidy", "handler", "last"]);
  });

  test.each(["free", "host_pinned"])("%s: run_once is done once, and who comes later gets what it came to", async (strategy) => {
    const outcome = await trial(play(`strategy: ${strategy}`, '- act: say once\n  run_once: true\n  register: r\n- debug: {msg: "{{ r.stdout }}"}\n'), { hosts: four });
    expect(four.flatMap((host) => said(outcome, host))).toEqual(["once"]);
    expect(four.map((host) => resultOf(outcome, "p1.t2", host).message)).toEqual(four.map(() => "once"));
  });

  test("free: a host that fails stops nobody, unless any_errors_fatal says so", async () => {
    expect(said(await trial(play("strategy: free", tasks), { hosts: ["a", "b"], ...failing(["a"]) }), "b")).toEqual(["x", "then"]);
    const fatal = await trial(play("strategy: free\nany_errors_fatal: true", tasks), { hosts: ["a", "b"], forks: 1, ...failing(["a"]) });
    expect(said(fatal, "b")).not.toContain("then");
  });
});

describe("meta", () => {
  test("end_host ends the play for the hosts where its condition holds, who have not failed", async () => {
    const outcome = await trial(`${play("", "- meta: end_host\n  when: inventory_hostname == 'a'\n- act: say x\n")}- hosts: all\n  tasks: [{act: say next}]\n`, { hosts: ["a", "b"] });
    expect([said(outcome, "a"), said(outcome, "b")]).toEqual([["next"], ["x", "next"]]);
    expect(outcome.exitCode).toBe(0);
  });

  test("end_batch ends the batch, and end_play those behind it too", async () => {
    const body = (action: string) => `- meta: ${action}\n  when: inventory_hostname == 'a'\n- act: say x\n`;
    const batch = await trial(play("serial: 2", body("end_batch")), { hosts: four });
    expect(four.filter((host) => said(batch, host).length > 0)).toEqual(["c", "d"]);
    const whole = await trial(`${play("serial: 2", body("end_play"))}- hosts: all\n  tasks: [{act: say next}]\n`, { hosts: four });
    expect(four.map((host) => said(whole, host))).toEqual(four.map(() => ["next"]));
    expect(whole.exitCode).toBe(0);
  });

  test("clear_host_errors brings back hosts that failed or were out of reach, which are tried anew", async () => {
    const c = new FakeHost();
    c.reachable = false;
    const b = new FakeHost();
    b.onScript = (line) => line === "say then" && (c.reachable = true);
    const outcome = await trial(play("", `${tasks}- meta: clear_host_errors\n- act: say back\n`), { hosts: ["a", "b", "c"], world: { b, c }, ...failing(["a"]) });
    expect(["a", "b", "c"].map((host) => said(outcome, host))).toEqual([["back"], ["x", "then", "back"], ["back"]]);
  });

  test("reset_connection closes the connection, and the next task opens another one", async () => {
    const outcome = await trial(play("", "- act: say x\n- meta: reset_connection\n- act: say y\n"));
    expect(outcome.world["a"]).toMatchObject({ connects: 2, closes: 2 });
  });

  test("end_play in an include, in a block or under a role ends the whole play", async () => {
    const outcome = await trial(play("", "- block: [{include_tasks: end.yml}, {act: say never}]\n  always: [{act: say never}]\n- act: say never\n"), { hosts: ["a", "b"], project: { "end.yml": "- meta: end_play\n- act: say never\n" } });
    expect([said(outcome, "a"), said(outcome, "b"), outcome.exitCode]).toEqual([[], [], 0]);
  });
});

describe("what variables tell of the hosts", () => {
  test("ansible_play_hosts and ansible_play_batch lose those that failed, ansible_play_hosts_all does not", async () => {
    const message = '- debug: {msg: "{{ join ansible_play_hosts \'\' }} {{ join ansible_play_batch \'\' }} {{ join ansible_play_hosts_all \'\' }} {{ join play_hosts \'\' }}"}\n';
    const outcome = await trial(play("serial: 2", `- name: t\n  act: "{{ line }}"\n${message}`), { hosts: four, ...failing(["a"]) });
    expect(["b", "c", "d"].map((host) => resultOf(outcome, "p1.t2", host).message)).toEqual(["bcd b abcd bcd", "bcd cd abcd bcd", "bcd cd abcd bcd"]);
  });
});
