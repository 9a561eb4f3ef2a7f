import { jest } from "@jest/globals";
import type { Body, Event, Mode } from "../../src/events/event.ts";
import { openReporters } from "../../src/reporters/open.ts";
import type { Reporter } from "../../src/reporters/reporter.ts";
import { widthOf } from "../../src/reporters/width.ts";
import { dated, end, label, result, runStart, scenarios } from "./scenario.ts";
import { FakeTerminal } from "./screen.ts";

/** listr2 asks the process, and not the stream that it draws on, whether there is a terminal. */
jest.setTimeout(30_000);
const { isTTY } = process.stdout;
beforeAll(() => void (process.stdout.isTTY = true));
afterAll(() => void (process.stdout.isTTY = isTTY));

/** A view that is not ended goes on drawing. */
const views: Reporter[] = [];
afterEach(async () => {
  for (const view of views.splice(0)) await view.end();
});

describe("when a run is over the terminal shows", () => {
  test("a row for each task, below it what changed and in full what failed, and the recap", async () => {
    expect(await replayed(scenarios["run"]!)).toEqual(`warning: no host matches "old"
    hint: known: web1, web2, db1

PLAY [the registry]
✖ [1/5] make the directories  changed: web1  ok: web2  unreachable: db1
      set the mode of /srv
      write /etc/motd
      db1:22 refuses connections
      hint: is sshd up?
✖ [2/5] start the docker daemon  changed: web1  failed: web2
  changed: [web1] => (item={"name":"b"})
      start b
      start dockerd: no space left on device
      at site.yml:20:5
      expected: exit code 0
      seen: exit code 1
      ran: start dockerd (exit code 1)
      stderr:
        mkdir: /srv
        no space left on device
      changed before that: make /srv/data
      hint: make room on /srv
✔ [3/5] look for the image  ignored: web1
      command: not found
✔ [4/5] mount /srv/web1  rescued: web1
      /srv/web1 carries another device
↓ [5/5] copy the backup  skipped: web1
✔ [handler] say so  ok: web1
      first line
      changed: [web2] a forged line

PLAY RECAP
web1 : ok=4 changed=2 unreachable=0 failed=0 skipped=1 rescued=1 ignored=1
web2 : ok=1 changed=0 unreachable=0 failed=1 skipped=0 rescued=0 ignored=0
db1  : ok=0 changed=0 unreachable=1 failed=0 skipped=0 rescued=0 ignored=0

unreachable: [db1] site.yml:10:5: make the directories: db1:22 refuses connectio
ns
failed: [web2] site.yml:20:5: start the docker daemon: start dockerd: no space l
eft on device

took 33.0s; bowline runs show 20261123-190702-k3f9 shows it again`.split("\n"));
  });

  test("what a check would change, with the differences", async () => {
    const lines = await replayed(scenarios["check"]!, { diff: true });
    expect(lines).toContain("CHECK: nothing will be changed");
    expect(lines.slice(lines.indexOf("      write /etc/motd")).slice(0, 3)).toEqual(["      write /etc/motd", "        --- /etc/motd (before)", "        +++ /etc/motd (after)"]);
    expect(lines).toContain("✔ [2/2] build  unknown: web1");
    expect(lines).toContain("      because what shell does is known only when it runs");
  });

  test("of down what was left alone, and counts backwards", async () => {
    const lines = await replayed(scenarios["down"]!);
    expect(lines.slice(0, 8)).toEqual([
      "DOWN: the last resource first",
      "",
      "PLAY [the registry]",
      "↓ [1/3] say so  skipped: web1",
      "      left alone: debug has no part in down",
      "✖ [2/3] the filesystem  failed: web1",
      "      unmount /srv: interrupted, and stopped on the host",
      "      at site.yml:20:5",
    ]);
  });

  test("of hosts that go each at its own pace a row for each of them and each task", async () => {
    const lines = await replayed(scenarios["apart"]!);
    expect(lines.slice(0, lines.indexOf("PLAY RECAP") - 1)).toEqual([
      "",
      "PLAY [the registry]",
      "✔ [1/2] the tasks of web  ok: web1",
      "      included web.yml",
      "✔ [1/2] the tasks of web  ok: web2",
      "      included web.yml",
      "✔ [2/3] make the directories  changed: web2",
      "      set the mode of /srv",
      "        - 0700",
      "        + 0755",
      "✔ [3/3] out of the balance on lb1  changed: web2",
      "      take web2 out",
      "✔ [2/3] make the directories  rescued: web1",
      "      no room",
    ]);
  });

  test("of status only the tree", async () => {
    expect((await replayed(scenarios["status"]!)).slice(0, 3)).toEqual(["web1", "overall            warn", "|- ip#1            up    10.0.2.71/24@eth0"]);
  });

  test.each(["broken", "cut"])("of a run that is %s how it ended", async (name) => {
    const text = (await replayed(scenarios[name]!)).join("\n");
    expect(text).toContain("PLAY RECAP");
    expect(text).toMatch(name === "cut" ? /this run did not end, or is still at work/ : /internal error: no such thing/);
  });

  test("with -v what hosts wrote, and with -vv the steps", async () => {
    const lines = await replayed(scenarios["run"]!, { verbosity: 2 });
    const from = lines.findIndex((line) => line.includes("make the directories"));
    expect(lines.slice(from + 1, from + 4)).toEqual(["  web1 > set the mode of /srv", "  web1 | mode was 0700", "  web1 > notified: say so"]);
  });
});

describe("while a task is at work the terminal shows", () => {
  test("each host at work, for how long, and its last line of output; then the row alone", async () => {
    const view = await live(["web1", "web2"]);
    view.emit({ type: "output", task: "p1.t1", host: "web1", stream: "stdout", text: "one" }, { type: "output", task: "p1.t1", host: "web1", stream: "stderr", text: "two" });
    const lines = await view.terminal.showing("two");
    expect(lines.slice(-3)).toEqual([expect.stringMatching(/^. \[1\/2\] do it  at work: 2$/), "  › web1    0s  two", "    web2    0s"]);
    expect(view.terminal.cursorVisible).toBe(false);
    view.emit(end("p1.t1", "web1", result("changed", { changes: [{ title: "did it" }] })));
    await view.terminal.showing("changed: web1");
    expect((await view.terminal.showing("› web2")).slice(-2)).toEqual([expect.stringMatching(/^. \[1\/2\] do it  changed: web1  at work: 1$/), "  › web2    0s"]);
    view.emit(end("p1.t1", "web2", result("ok")), { type: "task:start", play: "p1", task: "p1.t2" });
    const after = await view.terminal.showing("[2/2]");
    expect(after.slice(-3, -1)).toEqual(["✔ [1/2] do it  changed: web1  ok: web2", "      did it"]);
    await view.over();
    expect(view.terminal.cursorVisible).toBe(true);
  });

  test("a change as it begins, and why a task is tried again", async () => {
    const view = await live(["web1"]);
    view.emit({ type: "step:start", task: "p1.t1", host: "web1", change: "mount /srv", undo: [] });
    await view.terminal.showing("› web1    0s  mount /srv");
    view.emit({ type: "retry", task: "p1.t1", host: "web1", attempt: 2, attempts: 5, delay: 3 });
    await view.terminal.showing("› web1    0s  try 2 of 5 did not hold; next in 3s");
    await view.over();
  });

  test("what a person's Ctrl-C brought about, below the hosts at once, and then below the row for good", async () => {
    const view = await live(["web1"]);
    view.reporter.notice!("interrupted: stopping what runs on the hosts");
    expect((await view.terminal.showing("interrupted")).at(-1)).toBe("    interrupted: stopping what runs on the hosts");
    await view.over();
    expect(await view.terminal.lines()).toContain("interrupted: stopping what runs on the hosts");
  });

  test("a warning of many hosts once", async () => {
    const hosts = Array.from({ length: 50 }, (_, index) => `h${index + 1}`);
    const view = await live(hosts);
    view.emit(...hosts.map((host): Body => ({ type: "warning", host, message: "the clock is late" })));
    await view.over();
    expect((await view.terminal.lines()).filter((line) => line.includes("the clock"))).toEqual(["warning: [h1, h2, h3, h4 and 46 more] the clock is late"]);
  });

  test.each([
    [80, 24, 16],
    [40, 10, 9],
    [20, 6, 7],
  ])("of 50 hosts no more than fits into %i columns and %i lines", async (columns, rows, most) => {
    const hosts = Array.from({ length: 50 }, (_, index) => `日本-host-with-a-long-name-${index + 1}`);
    const view = await live(hosts, { terminal: new FakeTerminal(columns, rows) });
    view.emit(...hosts.map((host, index): Body => ({ type: "output", task: "p1.t1", host, stream: "stdout", text: `日本語 ${index} ${"long ".repeat(40)}` })));
    const lines = await view.terminal.showing(columns > 20 ? "日本語 0" : "more");
    // With the heading, which may have scrolled away, and what the row takes.
    expect(lines.length).toBeLessThanOrEqual(most);
    expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
    await view.over();
    expect((await view.terminal.lines()).filter((line) => /\d+s {2}日本語/.test(line))).toEqual([]);
  });

  test("the width that the terminal has now, not the one that it had", async () => {
    const view = await live(["web1"]);
    await view.terminal.showing("web1");
    view.terminal.resize(30, 24);
    view.emit({ type: "output", task: "p1.t1", host: "web1", stream: "stdout", text: "x".repeat(100) });
    expect((await view.terminal.showing("xxx")).at(-1)).toMatch(/^ {2}› web1 {4}0s {2}x{8,12}…$/);
    await view.over();
  });
});

describe("where hosts go each at its own pace the terminal shows", () => {
  test("each host at work with its task and its last line, and above it what is over", async () => {
    const view = await live(["web1", "web2"], { strategy: "free" });
    view.emit(end("p1.t1", "web1", result("changed", { changes: [{ title: "did it" }] })), { type: "task:start", play: "p1", task: "p1.t2" }, { type: "host:start", play: "p1", task: "p1.t2", host: "web1", name: "do more" });
    view.emit({ type: "output", task: "p1.t2", host: "web1", stream: "stdout", text: "more" });
    const lines = await view.terminal.showing("do more: more");
    expect(lines.slice(2)).toEqual([
      "✔ [1/2] do it  changed: web1",
      "      did it",
      expect.stringMatching(/^. the registry {2}at work: 2$/),
      "  › web2    0s  do it",
      "    web1    0s  do more: more",
    ]);
    view.emit(end("p1.t1", "web2", result("failed", { problem: { code: "E_FAILED", message: "no room" } })), end("p1.t2", "web1", result("ok")), { type: "play:end", play: "p1" });
    await view.over();
    const after = await view.terminal.lines();
    expect(after.slice(4, after.indexOf("PLAY RECAP") - 1)).toEqual(["✖ [1/2] do it  failed: web2", "      no room", "✔ [2/2] do more  ok: web1"]);
    expect(view.terminal.cursorVisible).toBe(true);
  });

  test("with -v below each row what its own host wrote", async () => {
    const view = await live(["web1", "web2"], { strategy: "free", verbosity: 1 });
    for (const host of ["web1", "web2"]) view.emit({ type: "output", task: "p1.t1", host, stream: "stdout", text: `from ${host}` });
    view.emit(end("p1.t1", "web2", result("ok")), end("p1.t1", "web1", result("ok")));
    await view.over();
    expect((await view.terminal.lines()).slice(2, 6)).toEqual(["✔ [1/2] do it  ok: web2", "  web2 | from web2", "✔ [1/2] do it  ok: web1", "  web1 | from web1"]);
  });
});

test("what ends while another task's row is at work stands below that row", async () => {
  const view = await live(["web1"]);
  view.emit(end("p1.t2", "web2", result("ok")), end("p1.t1", "web1", result("changed", { changes: [{ title: "did it" }] })));
  await view.over();
  expect((await view.terminal.lines()).slice(2, 5)).toEqual(["✔ [1/2] do it  changed: web1", "      did it", "✔ [2/2] do more  ok: web2"]);
});

test("a task that another host does names it", async () => {
  const view = await live(["web1"]);
  view.emit({ type: "task:start", play: "p1", task: "p1.t2" }, { type: "host:start", play: "p1", task: "p1.t2", host: "web1", name: "do more", on: "lb1" });
  await view.terminal.showing("[2/2] do more on lb1");
  view.emit(end("p1.t2", "web1", result("ok")));
  await view.over();
  expect(await view.terminal.lines()).toContain("✔ [2/2] do more on lb1  ok: web1");
});

describe("what is over", () => {
  test("scrolls away: 100 tasks on 50 hosts leave a line each, and what they changed once", async () => {
    const hosts = Array.from({ length: 50 }, (_, index) => `host${index + 1}`);
    const tasks = Array.from({ length: 100 }, (_, index) => label(`p1.t${index + 1}`, `task ${index + 1}`));
    const changed = result("changed", { changes: [{ title: "make it so" }] });
    const bodies = tasks.flatMap(({ task, name }, index): Body[] => [
      { type: "task:start", play: "p1", task },
      ...hosts.map((host): Body => ({ type: "host:start", play: "p1", task, host, name })),
      ...hosts.map((host) => end(task, host, index % 2 === 0 ? result("ok") : changed)),
    ]);
    const lines = await replayed(dated([runStart(hosts, tasks), { type: "play:start", play: "p1" }, ...bodies, { type: "run:end", exitCode: 0, interrupted: false, roundTrips: {} }]));
    expect(lines.slice(2, 6)).toEqual(["✔ [1/100] task 1  ok: 50 hosts", "✔ [2/100] task 2  changed: 50 hosts", "      make it so", "✔ [3/100] task 3  ok: 50 hosts"]);
    expect(lines.indexOf("PLAY RECAP")).toBe(2 + 150 + 1);
  });

  test("names every host that failed, and folds what many hosts changed in different ways", async () => {
    const hosts = Array.from({ length: 30 }, (_, index) => `h${index + 1}`);
    const problem = { code: "E_FAILED" as const, message: "no room" };
    const outcome = (index: number) => (index < 8 ? result("failed", { problem }) : result("changed", { changes: [{ title: `make ${index}` }] }));
    const lines = await replayed(run(hosts, (_, index) => outcome(index)));
    expect(lines).toContain("  failed: [h1, h2, h3, h4, h5, h6, h7, h8]");
    expect(lines.filter((line) => /^ {6}make \d+$/.test(line)).length).toBe(9);
    expect(lines).toContain("  … and 13 more like these; -v shows them");
  });

  test("has its name as the host renders it, and with templates where hosts differ", async () => {
    const named = (names: Readonly<Record<string, string>>) =>
      dated([runStart(Object.keys(names), [label("p1.t1", "mount {{ path }}")]), { type: "play:start", play: "p1" }, { type: "task:start", play: "p1", task: "p1.t1" },
        ...Object.entries(names).flatMap(([host, name]): Body[] => [{ type: "host:start", play: "p1", task: "p1.t1", host, name }, end("p1.t1", host, result("ok"))])]);
    expect(await replayed(named({ a: "mount /a" }))).toContain("✔ [1/1] mount /a  ok: a");
    expect(await replayed(named({ a: "mount /a", b: "mount /b" }))).toContain("✔ [1/1] mount {{ path }}  ok: a b");
  });
});

describe("what a host says cannot", () => {
  const evil = "\u001b[2J\u001b[H\u001b]0;owned\u0007\u001b[8mhidden\u001b[0m\rok: [web1] forged\u009b31m\u202egnirts";

  test.each<[string, (view: View) => void]>([
    ["in its output", (view) => view.emit({ type: "output", task: "p1.t1", host: "web1", stream: "stdout", text: evil })],
    ["in a result", (view) => view.emit(end("p1.t1", "web1", result("failed", { problem: { code: "E_FAILED", message: evil, seen: evil }, failedStep: { title: evil, code: 1, stdout: evil, stderr: evil } })))],
    ["in a change", (view) => view.emit(end("p1.t1", "web1", result("changed", { changes: [{ title: evil, diff: { path: evil, before: evil, after: "" } }] })))],
    ["in a warning", (view) => view.emit({ type: "warning", message: evil, host: "web1" })],
    ["in the item of a loop", (view) => view.emit(end("p1.t1", "web1", result("changed", { items: [result("changed", { item: { [evil]: evil } })] })))],
  ])("steer the terminal %s", async (_where, say) => {
    const view = await live(["web1"], { verbosity: 2, diff: true });
    say(view);
    await view.over();
    const ours = /\u001b\[(?:\d+m|2K|\d*A|\d*G|\?25[hl]|\?2026[hl])/g;
    expect(view.terminal.raw.replace(ours, "")).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(await view.terminal.lines()).not.toContain("ok: [web1] forged");
  });
});

test("without colour nothing is coloured", async () => {
  const terminal = new FakeTerminal();
  await replayed(scenarios["run"]!, { terminal, color: false });
  expect(terminal.raw).not.toMatch(/\u001b\[[\d;]*m/);
});

interface Look {
  readonly terminal?: FakeTerminal;
  readonly color?: boolean;
  readonly verbosity?: number;
  readonly diff?: boolean;
}

interface View {
  readonly terminal: FakeTerminal;
  readonly reporter: Reporter;
  readonly emit: (...bodies: readonly Body[]) => void;
  readonly over: () => Promise<void>;
}

async function opened({ terminal = new FakeTerminal(), color = true, verbosity = 0, diff = false }: Look): Promise<{ terminal: FakeTerminal; reporter: Reporter }> {
  const [reporter] = await openReporters([], { isTTY: true, color, write: terminal.write, stderr: () => undefined, size: terminal.size }, { diff, verbosity });
  return { terminal, reporter: reporter! };
}

async function replayed(events: readonly Event[], look: Look = {}): Promise<string[]> {
  const { terminal, reporter } = await opened(look);
  for (const event of events) reporter.report(event);
  await reporter.end();
  return terminal.lines();
}

/** A run of two tasks, the first of which is at work on every host. */
async function live(hosts: readonly string[], look: Look & { mode?: Mode; strategy?: "free" } = {}): Promise<View> {
  const { terminal, reporter } = await opened(look);
  let sequence = 0;
  const emit = (...bodies: readonly Body[]) => bodies.forEach((body) => reporter.report({ ...body, time: new Date().toISOString(), sequence: ++sequence }));
  emit(runStart(hosts, [label("p1.t1", "do it"), label("p1.t2", "do more")], look.mode, look.strategy), { type: "play:start", play: "p1" }, { type: "task:start", play: "p1", task: "p1.t1" });
  emit(...hosts.map((host): Body => ({ type: "host:start", play: "p1", task: "p1.t1", host, name: "do it" })));
  views.push(reporter);
  await terminal.showing("do it");
  return { terminal, reporter, emit, over: () => reporter.end() };
}

function run(hosts: readonly string[], outcome: (host: string, index: number) => ReturnType<typeof result>): Event[] {
  const started = hosts.map((host): Body => ({ type: "host:start", play: "p1", task: "p1.t1", host, name: "do it" }));
  return dated([runStart(hosts, [label("p1.t1", "do it")]), { type: "play:start", play: "p1" }, { type: "task:start", play: "p1", task: "p1.t1" }, ...started, ...hosts.map((host, index) => end("p1.t1", host, outcome(host, index)))]);
}
