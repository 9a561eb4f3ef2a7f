import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BowlineError } from "../src/core/errors.ts";
import type { Event, Mode } from "../src/events/event.ts";
import { parseYaml } from "../src/load/yaml.ts";
import { prepare, runProgram, type RunRequest } from "../src/pipeline.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "bowline-pipeline-"));
  // The lock of this machine belongs to whoever else runs here.
  process.env["BOWLINE_LOCK"] = join(dir, "lock");
  mkdirSync(join(dir, "there"));
  writeFileSync(join(dir, "inventory"), "a ansible_connection=local\nb ansible_connection=local\n");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function requestOf(playbook: string, more: Partial<RunRequest> = {}): RunRequest {
  writeFileSync(join(dir, "site.yml"), playbook);
  return { playbook: join(dir, "site.yml"), inventories: [join(dir, "inventory")], extraVars: [], tags: [], skipTags: [], mode: "run", diff: false, forks: 5, verbosity: 0, version: "0", rolesPath: [], ask: ({ otherwise = "" }) => Promise.resolve(otherwise), ...more };
}

interface Settings {
  readonly journal: (event: Event) => void;
  readonly signal: AbortSignal;
}

async function piped(request: RunRequest, { journal = () => undefined, signal = new AbortController().signal }: Partial<Settings> = {}) {
  const events: Event[] = [];
  const prepared = await prepare(request);
  const settings = { journal, signal, warnings: prepared.warnings, run: "20260101-000000-aaaa", bowline: "0.1.0", sinks: [(event: Event) => void events.push(event)] };
  const { exitCode } = await runProgram(prepared, request, settings);
  return { exitCode, events, end: events.at(-1)! };
}

const talk = '- hosts: all\n  tasks:\n    - debug: {msg: "hello {{ inventory_hostname }}"}\n    - name: is it so\n      assert: {that: [1 == 1]}\n  handlers:\n    - name: later\n      command: "true"\n';

test("a run begins with everything that reports need to know before it starts", async () => {
  const { events } = await piped(requestOf(talk));
  expect(events[0]).toMatchObject({ type: "run:start", sequence: 1, version: 1, run: "20260101-000000-aaaa", bowline: "0.1.0", playbook: join(dir, "site.yml"), mode: "run", hosts: ["a", "b"] });
  const start = events.find((event) => event.type === "run:start");
  const play = start?.plays[0];
  expect(play!.tasks).toMatchObject([
    { task: "p1.t1", name: "debug", module: "debug", kind: "control", handler: false, at: { line: 3 } },
    { task: "p1.t2", name: "is it so", module: "assert", kind: "control", handler: false, at: { line: 4 } },
    { task: "p1.h1", name: "later", module: "command", kind: "action", handler: true, at: { line: 7 } },
  ]);
});

test("a run ends with its exit code and the round trips of every host", async () => {
  const { exitCode, end } = await piped(requestOf(talk));
  expect(exitCode).toBe(0);
  expect(end).toMatchObject({ type: "run:end", exitCode: 0, interrupted: false, roundTrips: { a: 0, b: 0 } });
  expect(end).not.toHaveProperty("problems");
});

test.each([
  ["fail: {msg: no}", 2],
  ["assert: {that: [1 == 2]}", 2],
  ["debug: {msg: yes}", 0],
])("%s: exit code %d", async (task, code) => {
  const { exitCode } = await piped(requestOf(`- hosts: all\n  tasks:\n    - ${task}\n`));
  expect(exitCode).toBe(code);
});

test("what is wrong with the input is known before anything runs, all of it at once", async () => {
  const request = requestOf("- hosts: all\n  tasks:\n    - debgu: {msg: x}\n    - directory: {pth: /x}\n");
  await expect(prepare(request)).rejects.toMatchObject({ problems: expect.arrayContaining([expect.objectContaining({ code: "E_MODULE" }), expect.objectContaining({ code: "E_ARGS" })]) });
});

test("--limit leaves hosts out, and no host at all is an error", async () => {
  const { events } = await piped(requestOf(talk, { limit: "b" }));
  expect(events[0]).toMatchObject({ hosts: ["b"] });
  await expect(prepare(requestOf(talk.replace("all", "nobody")))).rejects.toMatchObject({ code: "E_NO_HOSTS" });
});

test("warnings of the input stand in the journal, behind the start", async () => {
  const { events } = await piped(requestOf(talk.replace("hosts: all", "hosts: [all, nobody]")));
  expect(events.slice(0, 2).map(({ type }) => type)).toEqual(["run:start", "warning"]);
});

test.each<[Mode, number, string]>([
  ["status", 3, "n/a,down"],
  ["check", 0, "ok,changed"],
])("%s looks at real things and changes none", async (mode, code, words) => {
  const task = (name: string) => `    - directory: {path: "${join(dir, name)}"}\n`;
  const { exitCode, events } = await piped(requestOf(`- hosts: a\n  tasks:\n${task("there")}${task("missing")}`, { mode }));
  const results = events.filter((event) => event.type === "host:end").map(({ result }) => (mode === "status" ? result.state?.state : result.status));
  expect(results.join(",")).toBe(words);
  expect(exitCode).toBe(code);
  expect(events.at(-1)).toMatchObject({ roundTrips: { a: 1 } });
});

test("a resource that its condition leaves out has its line in status", async () => {
  const { events } = await piped(requestOf('- hosts: a\n  tasks:\n    - directory: {path: /x}\n      when: false\n', { mode: "status" }));
  expect(events.find((event) => event.type === "run:start")).toMatchObject({ plays: [{ tasks: [{ kind: "resource" }] }] });
});

test("an interruption is 99", async () => {
  const { exitCode, end } = await piped(requestOf(talk), { signal: AbortSignal.abort() });
  expect(exitCode).toBe(99);
  expect(end).toMatchObject({ interrupted: true, exitCode: 99 });
});

describe("a journal that cannot be written", () => {
  const full = new BowlineError({ code: "E_RUN", message: "the journal cannot be written: no space left on device", hint: "make room" });
  const fullFrom = (type: Event["type"]) => {
    let broken = false;
    return (event: Event) => {
      broken ||= event.type === type;
      if (broken) throw full;
    };
  };

  test.each(["run:start", "warning", "play:start", "host:start", "host:end", "play:end"] as const)("from %s on: the run ends, and its last event says why to whoever still reads", async (type) => {
    const { exitCode, end } = await piped(requestOf(talk.replace("hosts: all", "hosts: [all, nobody]")), { journal: fullFrom(type) });
    expect(exitCode).toBe(1);
    expect(end).toMatchObject({ type: "run:end", exitCode: 1, problems: [{ code: "E_RUN", message: full.message, hint: "make room" }] });
  });

  test("when only the last event cannot be recorded, that is the error of the command", async () => {
    await expect(piped(requestOf(talk), { journal: fullFrom("run:end") })).rejects.toBe(full);
  });
});

test("a bug of ours on the way is told with its trace, and ends as 250", async () => {
  const journal = (event: Event) => {
    if (event.type === "host:end") throw new TypeError("odd");
  };
  const { exitCode, events, end } = await piped(requestOf(talk), { journal });
  expect(exitCode).toBe(250);
  expect(end).toMatchObject({ problems: [{ code: "E_BUG", message: "internal error: odd" }] });
  expect(events.find((event) => event.type === "warning")).toMatchObject({ message: expect.stringContaining("pipeline.test.ts") });
});

test("lookups and partials read from beside the playbook, and a password is in no event", async () => {
  mkdirSync(join(dir, "templates"));
  writeFileSync(join(dir, "templates/greeting.hbs"), "hello {{ inventory_hostname }}");
  const playbook = `- hosts: a
  vars: {secret: "{{ lookup 'password' 'secrets/db' }}"}
  tasks:
    - debug: {msg: "{{> greeting }}, {{ lookup 'pipe' 'echo you' }}"}
    - debug: {msg: "it is {{ secret }}"}
    - assert: {that: ["lookup('file', 'secrets/db') == secret && length(secret) == 20"]}
`;
  const { exitCode, events } = await piped(requestOf(playbook));
  const text = JSON.stringify(events);
  expect(exitCode).toBe(0);
  expect(text).toContain("hello a, you");
  expect(text).toContain("it is [redacted]");
  expect(text).not.toContain(readFileSync(join(dir, "secrets/db"), "utf8").trim());
});

describe("what the command line decides where nothing else does", () => {
  const forced = async (playbook: string, forceHandlers?: boolean) => (await prepare(requestOf(playbook, forceHandlers === undefined ? {} : { forceHandlers }))).program.plays[0]!.forceHandlers;

  test.each<[string, boolean | undefined, boolean]>([
    ["", undefined, true],
    ["", false, false],
    ["  force_handlers: true\n", false, true],
    ["  force_handlers: false\n", true, false],
  ])("with the play's %j, and %j: handlers run on hosts that failed: %j", async (key, given, expected) => {
    expect(await forced(`- hosts: all\n${key}  tasks: [{debug: }]\n`, given)).toBe(expected);
  });

  test("how hosts are reached, and no host is, with arguments that make no sense", async () => {
    writeFileSync(join(dir, "bare"), "a\n");
    const reached = { inventories: [join(dir, "bare")], reach: { connection: "local" } };
    expect((await piped(requestOf("- hosts: all\n  tasks: [{command: 'true'}]\n", reached))).exitCode).toBe(0);
    await expect(prepare(requestOf(talk, { reach: { extraArgs: "-L 1:x:1" } }))).rejects.toThrow("--ssh-extra-args: -L is not understood");
  });

  test("where it begins", async () => {
    const { events } = await piped(requestOf(talk, { startAt: "is it so" }));
    expect(events.flatMap((event) => (event.type === "host:start" ? [event.name] : []))).toEqual(["is it so", "is it so"]);
  });

  test("that hosts go side by side when a person is asked before each task", async () => {
    const request = requestOf(talk.replace("  tasks:", "  strategy: free\n  tasks:"));
    const prepared = await prepare(request);
    const told = async (confirm?: () => Promise<boolean>) => {
      const events: Event[] = [];
      await runProgram(prepared, request, { journal: (event) => void events.push(event), signal: new AbortController().signal, warnings: [], run: "r", bowline: "0", sinks: [], ...(confirm ? { confirm } : {}) });
      return events[0];
    };
    expect(await told()).toMatchObject({ plays: [{ strategy: "free" }] });
    expect(await told(() => Promise.resolve(true))).toMatchObject({ plays: [expect.not.objectContaining({ strategy: "free" })] });
  });
});

test("a playbook that no file holds is run like one", async () => {
  const root = parseYaml('- hosts: all\n  tasks: [{debug: {msg: "{{ playbook_dir }}"}}]\n', "(command line)");
  const { events, exitCode } = await piped({ ...requestOf(talk), playbook: { path: "exec", dir, root } });
  expect(exitCode).toBe(0);
  expect(events[0]).toMatchObject({ type: "run:start", playbook: "exec" });
  expect(events.flatMap((event) => (event.type === "host:end" ? [event.result.message] : []))).toEqual([dir, dir]);
});
