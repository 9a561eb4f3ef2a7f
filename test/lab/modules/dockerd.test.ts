import type { RunStep } from "../../../src/core/step.ts";
import { bindArgs } from "../../../src/modules/bind.ts";
import { dockerd } from "../../../src/modules/dockerd.ts";
import type { DockerdSeen } from "../../../src/modules/_dockerd_seen.ts";
import { openLab, type Lab, type Machine } from "../lab.ts";
import { drive, type Converged, type Driven } from "./harness.ts";

const mountpoint = "/srv/service/docker";
const socket = "/run/dockerd-svc.sock";
const base = { name: "svc", data_root: mountpoint, filesystem: mountpoint, start_timeout: 180 };
const at = { file: "test.yml", line: 1, column: 1 };
const client = `docker -H unix://${socket}`;

let lab: Lab;
let machine: Machine;
let driven: Driven<DockerdSeen>;

beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine("deb1");
  driven = drive(machine, dockerd);
  await machine.must(`mkdir -p ${mountpoint}; vgchange -q -a y vgregistry`);
  await machine.copyIn(lab.images.busybox, "/var/tmp/busybox.tar");
}, 900_000);

afterAll(() => lab?.close(), 200_000);

const mount = () => machine.must(`mountpoint -q ${mountpoint} || mount /dev/vgregistry/lvdockerdata ${mountpoint}`);
const up = (more = {}) => driven.converge({ ...base, ...more });
const down = (more = {}) => driven.converge({ ...base, state: "down", ...more });
const processes = () => machine.exec("pgrep -a '^(dockerd|containerd)'").then(({ stdout }) => stdout);

describe("a daemon that must not start", () => {
  test("a data root whose filesystem is not mounted is refused, and nothing is made", async () => {
    expect(await driven.refusal({ ...base, filesystem: undefined })).toMatchObject({ code: "E_REFUSED", message: `no filesystem is mounted for the data root ${mountpoint}`, hint: expect.stringContaining("require_mount") });
    expect(await driven.refusal(base)).toMatchObject({ message: `the filesystem ${mountpoint} does not carry the data root ${mountpoint}` });
    expect(await machine.must(`ls -A ${mountpoint}; pgrep dockerd || true`)).toBe("");
    expect(await driven.state(base)).toEqual({ state: "down", label: `dockerd@${mountpoint}`, remarks: ["docker daemon is not running"] });
  }, 600_000);

  test("a filesystem around it does not stand in for the one that is named, and is found through a symbolic link", async () => {
    await machine.must("mount -t tmpfs none /srv/service && mkdir -p /srv/service/docker /srv/elsewhere && ln -sfn /srv/elsewhere /srv/service/link");
    expect(await driven.refusal(base)).toMatchObject({ seen: "the data root lies on the filesystem of /srv/service" });
    expect(await driven.check({ ...base, filesystem: undefined })).toEqual([`start dockerd on ${mountpoint}`]);
    expect(await driven.refusal({ ...base, data_root: "/srv/service/link/data", filesystem: undefined })).toMatchObject({ seen: "the data root (/srv/elsewhere/data after its symbolic links) lies on the filesystem of /" });
    await machine.must("umount /srv/service");
  }, 600_000);

  test("a path that is no socket is not replaced", async () => {
    await mount();
    await machine.must(`echo precious >${socket}`);
    expect(await driven.refusal(base)).toMatchObject({ message: `${socket} exists and is no socket` });
    expect(await machine.must(`cat ${socket}; rm ${socket}`)).toBe("precious\n");
  }, 600_000);

  test("one that ends at once fails with the end of its log, and leaves nothing running", async () => {
    await mount();
    const failure = await driven.failure({ ...base, args: "--storage-driver nonsense" });
    expect(failure.stdout).toContain(`dockerd --data-root ${mountpoint} `);
    expect(failure.stderr).toMatch(/^the end of its log \(\/var\/log\/dockerd-svc\.log\):\n[^]*nonsense[^]*\ndockerd \(pid \d+\) has ended: failed to start daemon: .*driver not supported\n$/);
    expect(await processes()).toBe("");
  }, 600_000);

  test("one that does not answer in time is ended again", async () => {
    await machine.must("printf '#!/bin/sh\\necho slow to wake\\nexec sleep 600\\n' >/usr/local/sbin/dockerd; chmod +x /usr/local/sbin/dockerd");
    const failure = await driven.failure({ ...base, start_timeout: 2 });
    await machine.must("rm /usr/local/sbin/dockerd");
    expect(failure.stderr).toMatch(/slow to wake\ndockerd \(pid \d+\) did not answer on \/run\/dockerd-svc\.sock within 2 s; start_timeout gives it more time\n$/);
    expect((await machine.exec("pgrep -x sleep")).stdout).toBe("");
  }, 600_000);
});

describe("a daemon at work", () => {
  let started: Converged<DockerdSeen>;

  test("it is started once, answers, and has nothing of the session; one whose containerd is late is given another try", async () => {
    await mount();
    await machine.must("printf '#!/bin/sh\\nrm /usr/local/sbin/dockerd\\necho failed to start containerd: timeout waiting for containerd to start\\nexit 1\\n' >/usr/local/sbin/dockerd; chmod +x /usr/local/sbin/dockerd");
    started = await up({ args: "--ip 10.0.2.15" });
    expect(started.answers.at(-1)!.stdout).toContain("starting dockerd once more");
    expect(started.changes.at(-1)).toBe(`start dockerd on ${mountpoint}`);
    expect((await up({ args: ["--ip", "10.0.2.15"] })).changes).toEqual([]);
    expect(await driven.state({ ...base, args: "--ip=10.0.2.15" })).toEqual({ state: "up", label: `dockerd@${mountpoint}`, remarks: [] });
    expect(await machine.must(`${client} info --format '{{.DockerRootDir}}'`)).toBe(`${mountpoint}\n`);
    const facts = await machine.must(`p=$(cat /run/dockerd-svc.pid)
      set -- $(cat /proc/$p/stat); echo "parent $4 group $5 session $6 pid $1 tty $7"
      readlink /proc/$p/cwd /proc/$p/fd/0 /proc/$p/fd/1 /proc/$p/fd/2
      tr '\\0' '\\n' </proc/$p/environ | grep -c BOWLINE || :`);
    const [, pid] = /pid (\d+)/.exec(facts)!;
    expect(facts).toBe(`parent 1 group ${pid} session ${pid} pid ${pid} tty 0\n/\n/dev/null\n/var/log/dockerd-svc.log\n/var/log/dockerd-svc.log\n0\n`);
  }, 600_000);

  test("other arguments are reported; when they do not work, a restart takes them back", async () => {
    await machine.must(`${client} load -q -i /var/tmp/busybox.tar && ${client} run -d --name idle busybox:latest sleep 10000`);
    await expect(started.undo()).rejects.toThrow("containers run on this daemon by now: idle");
    expect(await driven.state(base)).toMatchObject({ state: "warn", remarks: ["arguments differ: it runs with --ip 10.0.2.15"] });
    expect((await up()).changes).toEqual([]);
    const failure = await driven.failure({ ...base, on_drift: "restart", args: "--bip nonsense" });
    expect(failure.stderr).toContain("nonsense");
    expect(failure.stderr).toMatch(/\ndockerd did not start with the new arguments, and runs again with those it had\n$/);
    expect(await machine.must(`${client} ps --format '{{.Names}}'; tr '\\0' ' ' </proc/$(cat /run/dockerd-svc.pid)/cmdline`)).toMatch(/^idle\ndockerd .* --ip 10\.0\.2\.15 $/);
  }, 600_000);

  test("it is restarted with other arguments, and so is what ran on it", async () => {
    const restarted = await up({ on_drift: "restart", args: "--ip 127.0.0.1" });
    expect(restarted.changes).toEqual([expect.stringMatching(/^restart dockerd \(pid \d+\), and with it idle: it runs without --ip 127\.0\.0\.1, runs with --ip 10\.0\.2\.15$/)]);
    expect(await machine.must(`${client} ps --format '{{.Names}}'`)).toBe("idle\n");
    await restarted.undo();
    expect(await driven.state({ ...base, args: "--ip 10.0.2.15" })).toMatchObject({ state: "up" });
  }, 600_000);

  test("another daemon on its data root or its socket is refused; a second one beside it works, but not without a filesystem when it must have one", async () => {
    const rival = { name: "rival", data_root: mountpoint };
    expect(await driven.refusal(rival)).toMatchObject({ message: expect.stringMatching(/^another dockerd \(pid \d+\) uses \/srv\/service\/docker$/) });
    expect(await driven.refusal({ ...base, data_root: "/srv/second", filesystem: undefined, require_mount: false })).toMatchObject({ message: expect.stringContaining("another dockerd") });
    const second = { name: "second", data_root: "/srv/second", require_mount: false, args: "--bridge none" };
    await driven.converge(second);
    expect(await driven.state(base)).toMatchObject({ state: "warn", remarks: ["arguments differ: it runs with --ip 10.0.2.15"] });
    const bare = { ...second, require_mount: true };
    expect(await driven.refusal(bare)).toMatchObject({ message: "no filesystem is mounted for the data root /srv/second", hint: expect.stringMatching(/^the daemon runs all the same \(pid \d+\)/) });
    expect(await driven.state(bare)).toMatchObject({ state: "warn", remarks: ["no filesystem is mounted for the data root /srv/second"] });
    await driven.converge({ ...second, state: "down" });
    expect(await machine.must(`${client} ps --format '{{.Names}}'`)).toBe("idle\n");
  }, 600_000);

  test("down is refused while a container runs; forced, it waits for every process, so that the filesystem can go", async () => {
    expect(await driven.refusal({ ...base, state: "down" })).toMatchObject({ message: "a container runs on this daemon: idle", hint: expect.stringContaining("force: true") });
    const stopped = await down({ force: true });
    expect(stopped.changes).toEqual([expect.stringMatching(/^stop dockerd \(pid \d+\)/)]);
    await machine.must(`umount ${mountpoint}; ! ls /run/dockerd-svc.pid ${socket} 2>/dev/null`);
    expect(await processes()).toBe("");
    expect((await down()).changes).toEqual([]);
    await mount();
    await stopped.undo();
    expect(await machine.must(`${client} ps -a --format '{{.Names}} {{.State}}'`)).toBe("idle running\n");
    await down({ force: true });
  }, 600_000);
});

describe("what a dead daemon leaves", () => {
  test("stale pid file and socket are removed and said; the process that has the pid by now is left alone", async () => {
    await mount();
    await machine.must(`setsid sleep 5000 </dev/null >/dev/null 2>&1 & echo $! >/run/dockerd-svc.pid
      python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.bind("${socket}")'`);
    const pid = (await machine.must("cat /run/dockerd-svc.pid")).trim();
    expect(await driven.state(base)).toMatchObject({ state: "down", remarks: ["docker daemon is not running", "the pid file /run/dockerd-svc.pid is stale"] });
    const started = await up();
    expect(started.changes).toEqual([`remove the stale pid file /run/dockerd-svc.pid (pid ${pid} is sleep, which is left alone)`, `remove the stale socket ${socket}`, `start dockerd on ${mountpoint}`]);
    expect(await machine.must(`cat /proc/${pid}/comm`)).toBe("sleep\n");
    await machine.must(`kill ${pid}`);
  }, 600_000);

  test("after SIGKILL it is started again, and brought down cleanly", async () => {
    await machine.must("kill -KILL $(cat /run/dockerd-svc.pid)");
    const started = await up();
    expect(started.changes).toHaveLength(3);
    await expect(started.undo()).rejects.toThrow("remove the stale socket");
    expect(await processes()).toBe("");
    await machine.must("! ls /run/dockerd-svc.pid /run/dockerd-svc.sock 2>/dev/null");
  }, 600_000);

  test("containers that outlive it are named, and gone after one more start", async () => {
    await up();
    await machine.must(`${client} start idle && kill -KILL $(cat /run/dockerd-svc.pid)`);
    expect(await driven.refusal({ ...base, state: "down" })).toMatchObject({ message: "dockerd has died, but 1 of its containers still run" });
    expect(await driven.state(base)).toMatchObject({ state: "warn" });
    await up();
    expect(await machine.must(`${client} ps -a --format '{{.Names}} {{.State}}'`)).toBe("idle exited\n");
    await down();
    await machine.must(`! pgrep -f containerd-shim; umount ${mountpoint}`);
  }, 600_000);

  test("one that does not end is named after the time is out, and killed only on request", async () => {
    await mount();
    await up();
    const seen = await driven.observe(base);
    await machine.must(`kill -STOP $(cat /run/dockerd-svc.pid); mv ${socket} /run/elsewhere.sock`);
    const stop = (more = {}) => {
      const args = bindArgs(dockerd, { ...base, state: "down", force: true, stop_timeout: 2, ...more }, () => at, at);
      const [step] = dockerd.plan(args, seen)[0]!.steps as readonly RunStep[];
      return machine.exec(step!.script.text);
    };
    expect(await stop()).toMatchObject({ code: 1, stderr: expect.stringMatching(/\n\d+ dockerd --data-root[^]*\ndockerd has not ended within 2 s; only kill: true would kill it\n$/) });
    expect(await stop({ kill: true })).toMatchObject({ code: 0 });
    expect(await processes()).toBe("");
  }, 600_000);
});
