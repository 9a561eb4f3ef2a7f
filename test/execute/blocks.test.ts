import { FakeHost } from "./fake-transport.ts";
import { recap, resultOf, said, story, trial } from "./kit.ts";

/** A play for all of these tasks, written at column 1. */
const play = (tasks: string, keys = "") => `- hosts: all\n${keys}  tasks:\n${tasks.replaceAll(/^(?=.)/gm, "    ")}`;

describe("a block", () => {
  test.each<[string, string, string[], Record<string, number>]>([
    ["whose body succeeds leaves its rescue out", `
- block: [{act: say body}]
  rescue: [{act: say rescue}]
  always: [{act: say always}]
- act: say after
`, ["body", "always", "after"], { ok: 3, changed: 3 }],
    ["whose body fails is rescued, and the host goes on", `
- block: [{act: say body}, {act: fail 3 oh}, {act: say never}]
  rescue: [{act: say rescue}]
  always: [{act: say always}]
- act: say after
`, ["body", "rescue", "always", "after"], { ok: 4, changed: 4, rescued: 1 }],
    ["without a rescue fails, after what stands under always", `
- block: [{act: fail 3 oh}, {act: say never}]
  always: [{act: say always}]
- act: say never
`, ["always"], { ok: 1, changed: 1, failed: 1 }],
    ["that fails in its rescue too fails, after what stands under always", `
- block: [{act: fail 3 oh}]
  rescue: [{act: say rescue}, {act: fail 4 oh}, {act: say never}]
  always: [{act: say always}]
- act: say never
`, ["rescue", "always"], { ok: 2, changed: 2, rescued: 1, failed: 1 }],
    ["that fails under always fails, though its body was rescued", `
- block: [{act: fail 3 oh}]
  rescue: [{act: say rescue}]
  always: [{act: fail 4 oh}, {act: say never}]
- act: say never
`, ["rescue"], { ok: 1, changed: 1, rescued: 1, failed: 1 }],
    ["with an empty rescue list is as one without", `
- block: [{act: fail 3 oh}]
  rescue: []
- act: say never
`, [], { failed: 1 }],
    ["is not rescued from what is ignored", `
- block: [{act: fail 3 oh}, {act: say body}]
  ignore_errors: true
  rescue: [{act: say never}]
- act: say after
`, ["body", "after"], { ok: 3, changed: 3, ignored: 1 }],
    ["is rescued from a template that cannot be rendered", `
- block: [{act: "say {{ r.never }}"}]
  rescue: [{act: say rescue}]
`, ["rescue"], { ok: 1, changed: 1, rescued: 1 }],
    ["is rescued from one item of a loop", `
- block:
    - act: "{{ item }}"
      loop: [say x, fail 3 oh, say y]
  rescue: [{act: say rescue}]
`, ["x", "y", "rescue"], { ok: 1, changed: 1, rescued: 1 }],
    ["is rescued from a condition that is none", `
- block:
    - act: say never
      when: r.stdout
  rescue: [{act: say rescue}]
`, ["rescue"], { ok: 1, changed: 1, rescued: 1 }],
  ])("%s", async (_, tasks, lines, counts) => {
    const outcome = await trial(play(`- act: see r\n  register: r\n  changed_when: false\n${tasks}`));
    expect(said(outcome)).toEqual(lines);
    expect(recap(outcome)).toEqual({ ...counts, ok: (counts["ok"] ?? 0) + 1 });
    expect(outcome.exitCode).toBe(counts["failed"] === undefined ? 0 : 2);
  });
});

describe("blocks in blocks", () => {
  test("the innermost rescue takes the failure, and that of the one around what fails in it", async () => {
    const outcome = await trial(play(`
- block:
    - block: [{act: fail 3 oh}]
      rescue: [{act: say inner rescue}, {act: fail 4 oh}]
      always: [{act: say inner always}]
    - act: say never
  rescue: [{act: say outer rescue}]
  always: [{act: say outer always}]
- act: say after
`));
    expect(said(outcome)).toEqual(["inner rescue", "inner always", "outer rescue", "outer always", "after"]);
    expect(recap(outcome)).toEqual({ ok: 5, changed: 5, rescued: 2 });
  });

  test("a failure passes through those without a rescue, whose always runs on the way", async () => {
    const outcome = await trial(play(`
- block:
    - block:
        - block: [{act: fail 3 oh}]
          always: [{act: say 3}]
        - act: say never
      always: [{act: say 2}]
  rescue: [{act: say 1}]
`));
    expect(said(outcome)).toEqual(["3", "2", "1"]);
    expect(recap(outcome)).toEqual({ ok: 3, changed: 3, rescued: 1 });
  });

  test("a block under rescue is rescued by its own rescue, and one under always runs whole", async () => {
    const outcome = await trial(play(`
- block: [{act: fail 3 oh}]
  rescue:
    - block: [{act: say a}, {act: fail 4 oh}]
      rescue: [{act: say b}]
  always:
    - block: [{act: say c}, {act: fail 5 oh}]
      rescue: [{act: say d}]
- act: say after
`));
    expect(said(outcome)).toEqual(["a", "b", "c", "d", "after"]);
    expect(recap(outcome)).toEqual({ ok: 5, changed: 5, rescued: 3 });
  });

  test("ten deep, the failure comes out where somebody waits for it", async () => {
    let tasks = "{act: fail 3 oh}";
    for (let depth = 10; depth > 0; depth -= 1) tasks = `{block: [${tasks}], always: [{act: say ${depth}}]}`;
    const outcome = await trial(play(`- block: [${tasks}]\n  rescue: [{act: say rescued}]\n`));
    expect(said(outcome)).toEqual(["10", "9", "8", "7", "6", "5", "4", "3", "2", "1", "rescued"]);
    expect(outcome.exitCode).toBe(0);
  });
});

describe("each host has its own way through a block", () => {
  const tasks = `
- name: body
  block:
    - name: try
      act: "{{ line }}"
    - name: then
      act: say then
  rescue:
    - name: mend
      act: say mend
  always:
    - name: tidy
      act: say tidy
- name: after
  act: say after
`;

  test("those that failed are rescued, together, after the others are through with the body", async () => {
    const outcome = await trial(play(tasks), { hosts: ["a", "b", "c"], vars: { line: "say x" }, hostVars: { b: { line: "fail 3 oh" } } });
    expect(story(outcome)).toEqual([
      "a: try changed", "b: try rescued", "c: try changed", "a: then changed", "c: then changed", "b: mend changed",
      "a: tidy changed", "b: tidy changed", "c: tidy changed", "a: after changed", "b: after changed", "c: after changed",
    ]);
  });

  test.each([
    ["has no part in rescue and always", "", [], { unreachable: 1 }, 4],
    ["is rescued where the block says so, and takes part again", "  rescue_unreachable: true\n", ["rescue", "always", "after"], { ok: 3, changed: 3, rescued: 1 }, 0],
  ])("a host out of reach %s", async (_, key, lines, counts, code) => {
    const outcome = await trial(play(`- block: [{act: lose}, {act: say never}]\n  rescue: [{act: say rescue}]\n  always: [{act: say always}]\n${key}- act: say after\n`), { hosts: ["a", "b"], world: { b: new FakeHost() } });
    expect(said(outcome)).toEqual(lines);
    expect(recap(outcome)).toEqual(counts);
    expect(outcome.exitCode).toBe(code);
  });

  test("one that is out of reach still while it is rescued is unreachable then", async () => {
    const a = new FakeHost();
    a.reachable = false;
    const outcome = await trial(play("- block: [{act: say never}]\n  rescue: [{act: say rescue}]\n  rescue_unreachable: true\n- act: say never\n"), { world: { a } });
    expect(story(outcome)).toEqual(["a: act rescued", "a: act unreachable"]);
    expect(a.connects).toBe(2);
    expect(outcome.exitCode).toBe(4);
  });
});

describe("what failed is told to the rescue", () => {
  test.each([
    ["ansible_failed_task.name", "break it"],
    ["ansible_failed_task.action", "act"],
    ["ansible_failed_result.rc", "3"],
    ["ansible_failed_result.msg", "exit code 3"],
    ["ansible_failed_result.failed", "true"],
    ["failed_task.name", "break it"],
    ["failed_result.rc", "3"],
  ])("{{ %s }} is %s", async (name, value) => {
    const outcome = await trial(play(`- block:\n    - name: break it\n      act: fail 3 oh\n  rescue:\n    - debug: {msg: "{{ ${name} }}"}\n`));
    expect(resultOf(outcome, "p1.t2").message).toBe(value);
  });

  test("what the failed task registered is there too", async () => {
    const outcome = await trial(play('- block:\n    - act: fail 3 oh\n      register: r\n  rescue:\n    - debug: {msg: "{{ r.rc }} {{ r.failed }}"}\n'));
    expect(resultOf(outcome, "p1.t2").message).toBe("3 true");
  });
});

describe("the keywords of a block are those of its tasks", () => {
  test("when: all conditions must hold, the outermost first, and each task asks them anew", async () => {
    const outcome = await trial(play(`
- block:
    - block: [{act: say x}, {set_fact: {size: 1}}, {act: say y}, {act: say z, when: size == 1}]
      when: size > 2
  when: size > 1
`), { vars: { size: 3 } });
    expect(said(outcome)).toEqual(["x"]);
    expect(resultOf(outcome, "p1.t3").message).toBe("size > 1 is false");
  });

  test("become, environment and vars, which the task may say otherwise", async () => {
    const outcome = await trial(play(`
- block:
    - act: env A
      register: one
    - act: env B
      environment: {B: own}
      register: two
    - debug: {msg: "{{ one.stdout }} {{ two.stdout }} {{ word }}"}
    - debug: {msg: "{{ word }}"}
      vars: {word: own}
    - act: whoami
    - act: whoami
      become: false
  become: true
  become_user: ops
  environment: {A: block, B: block}
  vars: {word: block}
`), { vars: { word: "inventory" } });
    expect(resultOf(outcome, "p1.t3").message).toBe("block own block");
    expect(resultOf(outcome, "p1.t4").message).toBe("own");
    expect([resultOf(outcome, "p1.t5").data, resultOf(outcome, "p1.t6").data]).toMatchObject([{ stdout: "ops" }, { stdout: "login" }]);
  });

  test.each([
    [["one"], ["a", "b"]],
    [["two"], ["b"]],
    [["none"], []],
  ])("tags: with --tags %s", async (tags, lines) => {
    const outcome = await trial(play("- block: [{act: say a}, {act: say b, tags: two}]\n  tags: one\n- act: say c\n"), { tags });
    expect(said(outcome)).toEqual(lines);
  });

  test("rescue and always inherit them too", async () => {
    const outcome = await trial(play("- block: [{act: fail 3 oh}]\n  rescue: [{act: whoami}]\n  always: [{act: whoami}]\n  become: true\n  become_user: ops\n"));
    expect([resultOf(outcome, "p1.t2").data, resultOf(outcome, "p1.t3").data]).toMatchObject([{ stdout: "ops" }, { stdout: "ops" }]);
  });
});

describe("in the other modes", () => {
  const tasks = "- block: [{thing: {name: x, how: fail}}, {thing: {name: y}}]\n  rescue: [{thing: {name: z}}]\n  always: [{thing: {name: w}}]\n";

  test("check foresees the body and always, for nothing fails that is not tried", async () => {
    const outcome = await trial(play(tasks), { mode: "check" });
    expect(story(outcome)).toEqual(["a: thing changed", "a: thing changed", "a: thing changed"]);
    expect(outcome.world["a"]!.ran["put"]).toBeUndefined();
  });

  test("check rescues what is known to fail", async () => {
    const outcome = await trial(play("- block: [{fail: {msg: no}}]\n  rescue: [{thing: {name: z}}]\n"), { mode: "check" });
    expect(story(outcome)).toEqual(["a: fail rescued", "a: thing changed"]);
  });

  test("status looks at the body and at always", async () => {
    const outcome = await trial(play(tasks), { mode: "status", world: { a: new FakeHost({ x: "up", y: "up", w: "up" }) } });
    expect(story(outcome)).toEqual(["a: thing ok", "a: thing ok", "a: thing ok"]);
  });

  test("down takes the body and always down in reverse, and leaves the rescue alone", async () => {
    const a = new FakeHost({ x: "up", y: "up", z: "up", w: "up" });
    await trial(play(tasks.replace(", how: fail", "")), { mode: "down", world: { a } });
    expect(a.lines.filter((line) => line.startsWith("put"))).toEqual(["put w ''", "put y ''", "put x ''"]);
    expect(a.things.get("z")).toBe("up");
  });
});

test("an interruption is not rescued, and always does not run", async () => {
  const controller = new AbortController();
  const a = new FakeHost();
  a.onScript = (line) => line === "hang" && controller.abort();
  const outcome = await trial(play("- block: [{act: hang}]\n  rescue: [{act: say rescue}]\n  always: [{act: say always}]\n"), { world: { a }, signal: controller.signal });
  expect(story(outcome)).toEqual(["a: act failed"]);
  expect(outcome.exitCode).toBe(99);
});

test("a bug of ours is not rescued away: it is told, and the host goes on as the rescue says", async () => {
  const outcome = await trial(play("- block: [{broken: {where: plan}}]\n  rescue: [{act: say rescue}]\n"));
  expect(resultOf(outcome, "p1.t1").status).toBe("failed");
  expect(said(outcome)).toEqual(["rescue"]);
  expect(outcome.exitCode).toBe(250);
});

test("any_errors_fatal in a block: what failed on one host is rescued on all", async () => {
  const outcome = await trial(play(`
- block:
    - name: try
      act: "{{ line }}"
    - act: say never
  any_errors_fatal: true
  rescue:
    - name: mend
      act: say mend
- name: after
  act: say after
`), { hosts: ["a", "b"], vars: { line: "say x" }, hostVars: { b: { line: "fail 3 oh" } } });
  expect(story(outcome)).toEqual(["a: try changed", "b: try rescued", "a: mend changed", "b: mend changed", "a: after changed", "b: after changed"]);
});
