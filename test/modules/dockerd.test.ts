import { BowlineError } from "../../src/core/errors.ts";
import type { Step } from "../../src/core/step.ts";
import { bindArgs } from "../../src/modules/bind.ts";
import { dockerd } from "../../src/modules/dockerd.ts";
import type { DockerdSeen } from "../../src/modules/_dockerd_seen.ts";
import { syntaxErrors } from "./_planner.ts";
import { differenceOf, flagsOf } from "../../src/modules/_dockerd_words.ts";
import { carrierOf, isWithin, mountpointsOf } from "../../src/modules/_mountpoint.ts";

const at = { file: "playbook.yml", line: 3, column: 5 };
const bind = (raw: Record<string, unknown> = {}) => bindArgs(dockerd, { name: "svc", data_root: "/srv/data", ...raw }, () => at, at);

const words = (...more: string[]) => ["dockerd", "--data-root", "/srv/data", "--exec-root", "/run/dockerd-svc", "--pidfile", "/run/dockerd-svc.pid", "--host", "unix:///run/dockerd-svc.sock", ...more];
const nothing: DockerdSeen = { asRoot: true, root: "/srv/data", mountpoints: ["/", "/srv/data"], processes: [], socket: "missing", silence: "", shims: 0 };
const answer = { root: "/srv/data", liveRestore: false, containers: [] };
const running: DockerdSeen = { ...nothing, processes: [{ pid: 77, words: words() }], socket: "served", answer, pidFile: { pid: "77", command: "dockerd" } };

const titles = (raw: Record<string, unknown>, seen: DockerdSeen) => dockerd.plan(bind(raw), seen).map((change) => change.title);
const refusal = (raw: Record<string, unknown>, seen: DockerdSeen) => {
  try {
    dockerd.plan(bind(raw), seen);
  } catch (error) {
    if (error instanceof BowlineError) return error.problems[0];
    throw error;
  }
  return undefined;
};

describe("what is planned", () => {
  test.each<[string, Record<string, unknown>, DockerdSeen, string[]]>([
    ["nothing there", {}, nothing, ["start dockerd on /srv/data"]],
    ["running", {}, running, []],
    ["running, with the same arguments spelled otherwise", { args: "--ip=10.0.2.71 -D" }, { ...running, processes: [{ pid: 77, words: words("--debug", "--ip", "10.0.2.71") }] }, []],
    ["running, with other arguments", { args: "--ip 10.0.2.71" }, running, []],
    ["running, with other arguments, restart", { args: "--ip 10.0.2.71", on_drift: "restart" }, running, ["restart dockerd (pid 77): it runs without --ip 10.0.2.71"]],
    ["running, silent", {}, { ...running, answer: undefined as never, silence: "context deadline exceeded" }, ["wait until dockerd (pid 77) answers on /run/dockerd-svc.sock"]],
    ["a stale pid file", {}, { ...nothing, pidFile: { pid: "4", command: "" } }, ["remove the stale pid file /run/dockerd-svc.pid (pid 4 is gone)", "start dockerd on /srv/data"]],
    ["a pid file without a number", {}, { ...nothing, pidFile: { pid: "", command: "" } }, ["remove the stale pid file /run/dockerd-svc.pid (pid ? is gone)", "start dockerd on /srv/data"]],
    ["another process under the pid", {}, { ...nothing, pidFile: { pid: "4", command: "sshd" } }, ["remove the stale pid file /run/dockerd-svc.pid (pid 4 is sshd, which is left alone)", "start dockerd on /srv/data"]],
    ["a stale socket", {}, { ...nothing, socket: "stale" }, ["remove the stale socket /run/dockerd-svc.sock", "start dockerd on /srv/data"]],
    ["a directory above is mounted", {}, { ...nothing, mountpoints: ["/", "/srv"] }, ["start dockerd on /srv/data"]],
    ["not mounted, and need not be", { require_mount: false }, { ...nothing, mountpoints: ["/"] }, ["start dockerd on /srv/data"]],
    ["the host's own daemon beside it", {}, { ...nothing, processes: [{ pid: 9, words: ["/usr/sbin/dockerd", "-H", "fd://"] }] }, ["start dockerd on /srv/data"]],
    ["down: nothing there", { state: "down" }, nothing, []],
    ["down: running", { state: "down" }, running, ["stop dockerd (pid 77) of /srv/data"]],
    ["down: containers run, forced", { state: "down", force: true }, { ...running, answer: { ...answer, containers: ["web"] } }, ["stop dockerd (pid 77) of /srv/data, and before it web"]],
    ["down: dead, its files are left", { state: "down" }, { ...nothing, socket: "stale" }, ["remove the stale socket /run/dockerd-svc.sock"]],
  ])("%s", (_, raw, seen, expected) => {
    expect(titles(raw, seen)).toEqual(expected);
  });

  test.each<[string, Record<string, unknown>, DockerdSeen, string]>([
    ["not mounted", {}, { ...nothing, mountpoints: ["/", "/srv/data2", "/srv/dat"] }, "no filesystem is mounted for the data root /srv/data"],
    ["the named filesystem is not mounted", { filesystem: "/srv/data" }, { ...nothing, mountpoints: ["/", "/srv"] }, "the filesystem /srv/data does not carry the data root /srv/data"],
    ["an inner filesystem hides the named one", { filesystem: "/srv" }, { ...nothing, mountpoints: ["/", "/srv", "/srv/data"] }, "the filesystem /srv does not carry the data root /srv/data"],
    ["a link leads out of the filesystem", {}, { ...nothing, root: "/var/data" }, "no filesystem is mounted for the data root /srv/data"],
    ["no socket in the socket's place", {}, { ...nothing, socket: "other" }, "/run/dockerd-svc.sock exists and is no socket"],
    ["somebody else serves the socket", {}, { ...nothing, socket: "served", answer: { ...answer, root: "/var/lib/docker" } }, "another process serves /run/dockerd-svc.sock"],
    ["another dockerd on the data root", {}, { ...nothing, processes: [{ pid: 5, words: ["dockerd", "-g", "/srv/data"] }] }, "another dockerd (pid 5) uses /srv/data"],
    ["another dockerd on the socket", {}, { ...nothing, processes: [{ pid: 5, words: ["dockerd", "-H", "unix:///run/dockerd-svc.sock"] }] }, "another dockerd (pid 5) uses /run/dockerd-svc.sock"],
    ["another dockerd on the exec root and the pid file", { exec_root: "/run/docker", pid_file: "/run/docker.pid" }, { ...nothing, processes: [{ pid: 5, words: ["/usr/sbin/dockerd", "-H", "fd://"] }], pidFile: { pid: "5", command: "dockerd" } }, "another dockerd (pid 5) uses /var/run/docker and /var/run/docker.pid"],
    ["the host's own daemon on its socket", { socket: "/var/run/docker.sock" }, { ...nothing, processes: [{ pid: 5, words: ["/usr/sbin/dockerd", "-H", "fd://"] }] }, "another dockerd (pid 5) uses /var/run/docker.sock"],
    ["it runs, but its filesystem is gone", {}, { ...running, mountpoints: ["/"] }, "no filesystem is mounted for the data root /srv/data"],
    ["looked at by a user who does not see it", {}, { ...nothing, asRoot: false }, "a dockerd is looked after by root"],
    ["down: looked at by a user who does not see it", { state: "down" }, { ...nothing, asRoot: false }, "a dockerd is looked after by root"],
    ["the host's own daemon on its data root", { data_root: "/var/lib/docker" }, { ...nothing, root: "/var/lib/docker", processes: [{ pid: 5, words: ["/usr/sbin/dockerd", "-H", "fd://"] }] }, "another dockerd (pid 5) uses /var/lib/docker"],
    ["down: a container runs", { state: "down" }, { ...running, answer: { ...answer, containers: ["web"] } }, "a container runs on this daemon: web"],
    ["down: silent", { state: "down" }, { ...running, answer: undefined as never }, "dockerd (pid 77) does not answer, so nobody knows whether containers run"],
    ["down: containers outlived it", { state: "down" }, { ...nothing, shims: 2 }, "dockerd has died, but 2 of its containers still run"],
  ])("refused: %s", (_, raw, seen, message) => {
    expect(refusal(raw, seen)).toMatchObject({ code: "E_REFUSED", message });
  });

  test("every change can be taken back, or says why not", () => {
    const changes = [dockerd.plan(bind({ on_drift: "restart", args: "-D" }), running), dockerd.plan(bind(), nothing), dockerd.plan(bind({ state: "down" }), running)].flat();
    expect(changes.map((change) => "impossible" in change.undo)).toEqual([false, false, false]);
  });
});

describe("undo", () => {
  const busy = { ...running, answer: { ...answer, containers: ["web", "db"] } };
  const undo = (raw: Record<string, unknown>, seen: DockerdSeen) => dockerd.plan(bind(raw), seen).flatMap((change) => ("impossible" in change.undo ? [] : change.undo));

  test("what a forced stop has stopped is started again", () => {
    expect(undo({ state: "down", force: true }, busy).map((step) => "title" in step && step.title)).toEqual(["start dockerd on /srv/data", "docker start web db"]);
  });

  test("a daemon that ran with other arguments gets them back, and its own places", () => {
    const old = { ...running, processes: [{ pid: 77, words: ["dockerd", "--data-root", "/srv/data", "--exec-root", "/run/old", "-p", "/run/old.pid", "-H", "unix:///run/dockerd-svc.sock", "--debug"] }] };
    const [step] = undo({ on_drift: "restart" }, old);
    expect(JSON.stringify(step)).toContain("--exec-root /run/old -p /run/old.pid -H unix:///run/dockerd-svc.sock --debug");
  });
});

describe("scripts", () => {
  test.each<[string, Record<string, unknown>, DockerdSeen]>([
    ["start", {}, { ...nothing, socket: "stale", pidFile: { pid: "4", command: "" } }],
    ["wait", {}, { ...running, answer: undefined as never }],
    ["restart", { on_drift: "restart", args: ["--label", "it's=a `b` $(c)"] }, running],
    ["stop", { state: "down" }, running],
    ["stop by force", { state: "down", force: true, kill: true }, { ...running, answer: { ...answer, containers: ["web"] } }],
  ])("every shell can read what is sent to %s", (_, raw, seen) => {
    const changes = dockerd.plan(bind(raw), seen);
    const steps = changes.flatMap((change) => [...(change.steps as Step[]), ...("impossible" in change.undo ? [] : change.undo)]);
    expect(syntaxErrors([dockerd.observe(bind(raw)), ...steps.flatMap((step) => (step.kind === "run" ? [step.script] : []))])).toEqual([]);
  });

  test("once it has begun, a stop or a restart is finished without the controller", () => {
    const steps = [dockerd.plan(bind({ state: "down" }), running), dockerd.plan(bind({ on_drift: "restart", args: "-D" }), running)].flat().flatMap((change) => change.steps as Step[]);
    expect(steps.map((step) => step.kind === "run" && step.onDisconnect)).toEqual(["finish", "finish"]);
  });
});

describe("status", () => {
  test.each<[string, Record<string, unknown>, DockerdSeen, string, string[]]>([
    ["up", {}, running, "up", []],
    ["down", {}, nothing, "down", ["docker daemon is not running"]],
    ["stale pid file", {}, { ...nothing, pidFile: { pid: "4", command: "" } }, "down", ["docker daemon is not running", "the pid file /run/dockerd-svc.pid is stale"]],
    ["silent", {}, { ...running, answer: undefined as never }, "warn", ["docker daemon (pid 77) does not answer on /run/dockerd-svc.sock"]],
    ["other arguments", { args: "--ip 10.0.2.71" }, running, "warn", ["arguments differ: it runs without --ip 10.0.2.71"]],
    ["mount gone", {}, { ...running, mountpoints: ["/"] }, "warn", ["no filesystem is mounted for the data root /srv/data"]],
    ["live-restore", {}, { ...running, answer: { ...answer, liveRestore: true } }, "warn", ["live-restore is on, so containers outlive the daemon"]],
    ["orphans", {}, { ...nothing, shims: 1 }, "warn", ["docker daemon is not running", "dockerd has died, but 1 of its containers still run"]],
  ])("%s", (_, raw, seen, state, remarks) => {
    expect(dockerd.state!(bind(raw), seen)).toEqual({ state, label: "dockerd@/srv/data", remarks });
  });
});

describe("arguments", () => {
  test("places come from the data root when nothing names them", () => {
    const args = bindArgs(dockerd, { data_root: "/opt/registry.example.com/data/" }, () => at, at);
    expect(dockerd.result!(args, nothing)).toMatchObject({ socket: "/run/dockerd-opt-registry.example.com-data.sock", data_root: "/opt/registry.example.com/data", pid: null });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ data_root: "srv" }, 'dockerd: "data_root" must be an absolute path'],
    [{ args: "--ip 'x" }, "cannot be cut into words"],
    [{ args: "--data-root /x" }, "args must not have --data-root: data_root sets it"],
    [{ args: "-g /x" }, "args must not have --data-root: data_root sets it"],
    [{ args: "--live-restore" }, "args must not have --live-restore"],
    [{ args: "10.0.2.71" }, 'args has the word "10.0.2.71", which belongs to no flag'],
    [{ args: "--ip 10.0.2.71 stray" }, 'args has the word "stray"'],
    [{ filesystem: "/srv/dat" }, "data_root /srv/data is not inside filesystem /srv/dat"],
    [{ filesystem: "/srv", require_mount: false }, "give one of them"],
    [{ socket: `/run/${"x".repeat(110)}` }, "the path of the socket is longer than 107 bytes"],
    [{ exec_root: `/run/${"x".repeat(80)}` }, "exec_root is longer than 74 bytes"],
    [{ name: "a b" }, "must be letters, digits and . _ -"],
    [{ on_drift: "recreate" }, "must be one of report, restart"],
    [{ data_dir: "/x" }, '"data_dir" is not an argument'],
  ])("%j is refused", (raw, message) => {
    expect(() => bind(raw)).toThrow(message);
  });

  test("no word of the host can be taken for shell", () => {
    const args = bind({ data_root: "/srv/it's $(here)", args: ["--label", "a=`b`"] });
    expect(dockerd.observe(args).text).toContain(`'/srv/it'\\''s $(here)'`);
  });
});

describe("command lines of dockerd", () => {
  test.each<[string[], [string, string][]]>([
    [["dockerd", "-H", "unix:///a", "-Hunix:///b", "--host=unix:///c"], [["--host", "unix:///a"], ["--host", "unix:///b"], ["--host", "unix:///c"]]],
    [["dockerd", "-D", "--ip", "1.2.3.4", "--iptables=false"], [["--debug", "true"], ["--ip", "1.2.3.4"], ["--iptables", "false"]]],
    [["dockerd", "--graph", "/x", "-p=/y", "--tls"], [["--data-root", "/x"], ["--pidfile", "/y"], ["--tls", "true"]]],
  ])("%j", (line, flags) => {
    expect(flagsOf(line)).toEqual(flags);
  });

  test.each([
    [["d", "--ip", "1"], ["d", "--ip=1"], ""],
    [["d", "--dns", "1", "--dns", "1"], ["d", "--dns", "1"], "runs with --dns 1"],
    [["d", "--ip", "1"], ["d", "--ip", "2", "-D"], "runs without --ip 2 --debug, runs with --ip 1"],
  ])("%j against %j", (running_, wanted, difference) => {
    expect(differenceOf(running_, wanted)).toBe(difference);
  });
});

describe("mountpoints", () => {
  test.each([
    ["/srv/data", "/srv/data", true],
    ["/srv/data/x", "/srv/data", true],
    ["/srv/data2", "/srv/data", false],
    ["/srv", "/srv/data", false],
    ["/anything", "/", true],
  ])("%s within %s: %s", (path, directory, expected) => {
    expect(isWithin(path, directory)).toBe(expected);
  });

  test("the longest one on the way carries a path", () => {
    expect(carrierOf("/opt/a/b", ["/", "/opt", "/opt/a", "/opt/a/b/c", "/opt/a/bb"])).toBe("/opt/a");
  });

  test("blanks in a path come as octal digits", () => {
    expect(mountpointsOf("36 35 98:0 /mnt1 /my\\040disk rw,noatime master:1 - ext3 /dev/root rw\n\n")).toEqual(["/my disk"]);
  });
});
