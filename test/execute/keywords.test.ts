import { FakeHost } from "./fake-transport.ts";
import { recap, resultOf, said, story, statusOf, trial } from "./kit.ts";

/** A play for all of these tasks, written at column 1. */
const play = (tasks: string, keys = "") => `- hosts: all\n${keys.replaceAll(/^(?=.)/gm, "  ")}\n  tasks:\n${tasks.replaceAll(/^(?=.)/gm, "    ")}`;
const message = async (tasks: string, more: Parameters<typeof trial>[1] = {}, keys = "") => {
  const outcome = await trial(play(tasks, keys), more);
  return outcome.events.filter((event) => event.type === "host:end").at(-1)?.result.message;
};

describe("tries", () => {
  const counting = () => {
    const host = new FakeHost();
    host.onScript = (line) => line.startsWith("see n") && host.things.set("n", `${Number(host.things.get("n") ?? 0) + 1}`);
    return host;
  };

  test.each<[string, string, string, string]>([
    ["until holds at once", "act: see n", 'until: r.stdout == "1"', "1 false"],
    ["until holds at the third try", "act: see n", 'until: r.stdout == "3"\n  delay: 0', "3 false"],
    ["retries: 2 are three tries", "act: fail 3 oh", "until: r.rc == 0\n  retries: 2\n  delay: 0\n  ignore_errors: true", "3 true"],
    ["retries: 0 is one try", "act: fail 3 oh", "until: r.rc == 0\n  retries: 0\n  ignore_errors: true", "1 true"],
    ["retries alone try until it succeeds", "act: fail 3 oh", "retries: 2\n  delay: 0\n  ignore_errors: true", "3 true"],
    ["retries alone end with the first success", "act: see n", "retries: 2\n  delay: 0", "1 false"],
    ["retries of a template", "act: fail 3 oh", 'until: false\n  retries: "{{ few }}"\n  delay: 0\n  ignore_errors: true', "2 true"],
    ["until sees how many tries there were", "act: see n", "until: r.attempts == 2\n  delay: 0", "2 false"],
    ["failed_when is asked before until", "act: see n", 'failed_when: r.stdout == "1"\n  until: "!r.failed"\n  delay: 0', "2 false"],
  ])("%s", async (_, task, keys, registered) => {
    expect(await message(`- ${task}\n  register: r\n  ${keys}\n- debug: {msg: "{{ r.attempts }} {{ r.failed }}"}\n`, { world: { a: counting() }, vars: { few: 1 } })).toBe(registered);
  });

  test("backoff makes each delay longer than the one before", async () => {
    const outcome = await trial(play("- act: fail 3 oh\n  retries: 3\n  delay: 0.001\n  backoff: 2\n"));
    expect(outcome.events.filter((event) => event.type === "retry").map(({ delay }) => delay)).toEqual([0.001, 0.002, 0.004]);
  });
});

describe("check_mode of a task", () => {
  test("true: it only looks, and its handlers and register go by what it would do", async () => {
    const outcome = await trial(`${play('- thing: {name: x}\n  check_mode: true\n  register: r\n  notify: h\n- debug: {msg: "{{ r.changed }}"}\n')}  handlers: [{name: h, act: say handler}]\n`);
    expect(outcome.world["a"]!.ran["put"]).toBeUndefined();
    expect(resultOf(outcome, "p1.t2").message).toBe("true");
    expect(said(outcome)).toEqual(["handler"]);
  });

  test.each([["false"], ['"{{ no }}"']])("%s: it is done in a check run, too", async (value) => {
    const outcome = await trial(play(`- act: say x\n  check_mode: ${value}\n- thing: {name: y}\n`), { mode: "check", vars: { no: false } });
    expect(said(outcome)).toEqual(["x"]);
    expect(outcome.world["a"]!.ran["put"]).toBeUndefined();
  });

  test.each(["status", "down"] as const)("it makes nothing happen in %s", async (mode) => {
    const outcome = await trial(play("- act: say x\n  check_mode: false\n"), { mode });
    expect(said(outcome)).toEqual([]);
  });
});

describe("diff of a task", () => {
  test.each([
    ["true", true, 1],
    ["false", undefined, 0],
  ])("%s", async (value, shown, texts) => {
    const outcome = await trial(play(`- thing: {name: x}\n  diff: ${value}\n`));
    const result = resultOf(outcome, "p1.t1");
    expect(result.showDiff).toBe(shown);
    expect(result.changes.filter((change) => "after" in change)).toHaveLength(texts);
  });
});

describe("no_log", () => {
  test.each([
    ["true", true],
    ["false", false],
    ['"{{ hidden }}"', true],
    ['"{{ not hidden }}"', false],
  ])("%s", async (value, isHidden) => {
    const outcome = await trial(play(`- act: say secret word\n  no_log: ${value}\n`), { vars: { hidden: true } });
    expect(JSON.stringify(outcome.events).includes("secret word")).toBe(!isHidden);
    expect(outcome.events.some((event) => event.type === "output")).toBe(!isHidden);
    expect(resultOf(outcome, "p1.t1").data === undefined).toBe(isHidden);
  });

  test("one that cannot be decided hides what it is about, and fails the task", async () => {
    const outcome = await trial(play('- act: say x\n  no_log: "{{ r.none }}"\n', "vars: {r: {}}"));
    expect(statusOf(outcome, "p1.t1")).toBe("failed");
    expect(said(outcome)).toEqual([]);
  });

  test("of a block holds for its tasks, and a task may say otherwise", async () => {
    const outcome = await trial(play("- block: [{act: say one}, {act: say two, no_log: false}]\n  no_log: true\n"));
    expect(outcome.events.flatMap((event) => (event.type === "output" ? [event.text] : []))).toEqual(["two"]);
  });
});

describe("ignore_unreachable", () => {
  test("lets the host go on, which is asked anew by the next task", async () => {
    const outcome = await trial(play("- act: lose\n  ignore_unreachable: true\n  register: r\n- act: say {{ r.unreachable }} {{ r.failed }}\n"));
    expect(story(outcome)).toEqual(["a: act ignored", "a: act changed"]);
    expect(said(outcome)).toEqual(["true false"]);
    expect(recap(outcome)).toEqual({ ok: 2, changed: 1, ignored: 1 });
    expect(outcome.exitCode).toBe(0);
  });

  test("of a play holds for all of its tasks, but not for failures", async () => {
    const outcome = await trial(play("- act: lose\n- act: fail 3 oh\n- act: say never\n", "ignore_unreachable: true"));
    expect(story(outcome)).toEqual(["a: act ignored", "a: act failed"]);
  });
});

test("environment: play, block and task add up, the innermost wins, and a template may give all of it", async () => {
  expect(await message(`
- block:
    - act: env A
      register: a
    - act: env B
      register: b
    - act: env C
      register: c
      environment: "{{ own }}"
    - debug: {msg: "{{ a.stdout }} {{ b.stdout }} {{ c.stdout }}"}
  environment: {B: block, C: block}
`, { vars: { own: { C: "task" } } }, "environment: {A: play, B: play}")).toBe("play block task");
});

describe("module_defaults", () => {
  const shown = "- debug: {}\n";

  test.each<[string, string, string, string | undefined]>([
    ["of the play fill in what a task leaves out", shown, "module_defaults: {debug: {msg: play}}", "play"],
    ["are weaker than the task's own arguments", "- debug: {msg: own}\n", "module_defaults: {debug: {msg: play}}", "own"],
    ["of a block count before those of the play", `- block: [{debug: {}}]\n  module_defaults: {debug: {msg: block}}\n`, "module_defaults: {debug: {msg: play}}", "block"],
    ["of a task before those of a block", "- block: [{debug: {}, module_defaults: {debug: {msg: task}}}]\n  module_defaults: {debug: {msg: block}}\n", "", "task"],
    ["count whole: an empty mapping takes them back", "- block: [{debug: {}}]\n  module_defaults: {debug: {}}\n", "module_defaults: {debug: {msg: play}}", "Hello world!"],
    ["name modules with their collection, too", shown, "module_defaults: {ansible.builtin.debug: {msg: play}}", "play"],
    ["may be templates", shown, 'module_defaults: {debug: {msg: "{{ word }}"}}', "word"],
  ])("%s", async (_, tasks, keys, expected) => {
    expect(await message(tasks, { vars: { word: "word" } }, keys)).toBe(expected);
  });

  test.each([
    ["module_defaults: {debgu: {msg: x}}", 'module_defaults: there is no module "debgu"'],
    ["module_defaults: {debug: x}", "module_defaults: the arguments of debug must be a mapping"],
  ])("%s is refused", async (keys, problem) => {
    await expect(trial(play(shown, keys))).rejects.toThrow(problem);
  });
});

test("timeout bounds the task, of a block each of its tasks", async () => {
  const a = new FakeHost();
  const outcome = await trial(play("- block: [{act: hang}]\n  timeout: 7\n"), { world: { a } });
  expect(resultOf(outcome, "p1.t1")).toMatchObject({ status: "failed", problem: { message: "act: took too long, and was stopped with all it had started" } });
  expect(Math.round(a.limits.at(-1)!)).toBe(7);
});

describe("register", () => {
  test.each<[string, string, string]>([
    ["a skipped task", "act: say x\n  when: false", "false false true false"],
    ["a failed one", "act: fail 3 oh\n  ignore_errors: true", "true true false false"],
    ["a changed one", "act: say x", "true false false false"],
    ["one that is ok", "act: say x\n  changed_when: false", "false false false false"],
    ["a host out of reach", "act: lose\n  ignore_unreachable: true", "false false false true"],
    ["one that failed_when fails", "act: say x\n  failed_when: true\n  ignore_errors: true", "true true false false"],
  ])("tells of %s whether it changed, failed, was skipped, was out of reach", async (_, task, expected) => {
    expect(await message(`- ${task}\n  register: r\n- debug: {msg: "{{ r.changed }} {{ r.failed }} {{ r.skipped }} {{ r.unreachable }}"}\n`)).toBe(expected);
  });
});
