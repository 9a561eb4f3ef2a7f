import type { Body, Event } from "../../src/events/event.ts";
import { commandReporter } from "../../src/reporters/command.ts";
import { dated, end, label, result, runStart, scenarios, written } from "./scenario.ts";

const hosts = ["web1", "web2"];
const output = (host: string, text: string): Body => ({ type: "output", task: "p1.t1", host, stream: "stdout", text });
const ran = (rc: number, stdout: string, stderr = "") => ({ data: { cmd: "x", rc, stdout, stderr } });

function run(bodies: readonly Body[], names: readonly string[] = hosts): Event[] {
  const start: Body[] = [runStart(names, [label("p1.t1", "uptime", { module: "command", kind: "action" })]), { type: "play:start", play: "p1" }, { type: "task:start", play: "p1", task: "p1.t1" }];
  return dated([...start, ...bodies, { type: "play:end", play: "p1" }, { type: "run:end", exitCode: 0, interrupted: false, roundTrips: {} }]);
}

const shown = (events: readonly Event[], { isLive = false, diff = false, verbosity = 0 } = {}) => written(events, (options) => commandReporter({ ...options, isLive }), { diff, verbosity });

const talk = [
  output("web1", "one"),
  output("web2", "other"),
  output("web1", "two"),
  end("p1.t1", "web2", result("failed", { problem: { code: "E_FAILED", message: "uptime: exit code 3: no" }, ...ran(3, "other", "no\n") })),
  end("p1.t1", "web1", result("changed", ran(0, "one\ntwo"))),
];

test("through a pipe each host has its line, and below it what it wrote", async () => {
  expect(await shown(run(talk))).toBe("web2 | FAILED | rc=3 >>\nother\nno\nweb1 | CHANGED | rc=0 >>\none\ntwo\n");
});

test("in a terminal lines come as they are written, each with its host, and are not said again", async () => {
  expect(await shown(run(talk), { isLive: true })).toBe("web1 | one\nweb2 | other\nweb1 | two\nweb2 | FAILED | rc=3\nweb1 | CHANGED | rc=0\n");
});

test("in a terminal one host needs no name before its lines", async () => {
  expect(await shown(run([output("web1", "one"), end("p1.t1", "web1", result("changed", ran(0, "one")))], ["web1"]), { isLive: true })).toBe("one\nweb1 | CHANGED | rc=0\n");
});

test.each<[string, Body, string]>([
  ["what a module changed", end("p1.t1", "web1", result("changed", { changes: [{ title: "set the mode of /srv" }] })), "web1 | CHANGED\n    set the mode of /srv\n"],
  ["that nothing was to be done", end("p1.t1", "web1", result("ok")), "web1 | SUCCESS\n"],
  ["what a module says", end("p1.t1", "web1", result("ok", { message: "hello\nthere" })), "web1 | SUCCESS hello\n    there\n"],
  ["why a host cannot be reached", end("p1.t1", "web1", result("unreachable", { problem: { code: "E_UNREACHABLE", message: "web1:22 refuses connections", hint: "is sshd up?" } })), "web1 | UNREACHABLE\n    web1:22 refuses connections\n    hint: is sshd up?\n"],
  ["what only a run would tell", end("p1.t1", "web1", result("unknown", { message: "unknown, because it is", problem: { code: "E_RUN", message: "it is" } })), "web1 | UNKNOWN because it is\n"],
  ["that a command wrote nothing", end("p1.t1", "web1", result("changed", ran(0, ""))), "web1 | CHANGED | rc=0\n"],
  ["what should be known", { type: "warning", message: "no host matches x" }, "warning: no host matches x\n"],
])("it shows %s", async (_what, body, text) => {
  expect(await shown(run([body]))).toBe(text);
});

test("with --diff it shows before and after", async () => {
  const changes = [{ title: "set the mode of /srv", before: "0700", after: "0755" }];
  expect(await shown(run([end("p1.t1", "web1", result("changed", { changes }))]), { diff: true })).toBe("web1 | CHANGED\n    set the mode of /srv\n      - 0700\n      + 0755\n");
});

test.each(["broken", "cut"])("of a run that is %s it shows how that ended", async (name) => {
  expect(await shown(scenarios[name]!)).toMatch(name === "cut" ? /this run did not end, or is still at work/ : /internal error: no such thing/);
});
