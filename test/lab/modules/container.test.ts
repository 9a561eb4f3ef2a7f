import { bindArgs } from "../../../src/modules/bind.ts";
import { container } from "../../../src/modules/container.ts";
import type { ContainerSeen } from "../../../src/modules/_container_seen.ts";
import { openLab, type Lab, type Machine } from "../lab.ts";
import { client, socket, startDaemon, stopDaemon } from "./docker.ts";
import { drive, type Driven } from "./harness.ts";

const data = "/srv/registrydata";
const base = { name: "registry", image: "registry:2", socket };
const tutorial = { ...base, run_args: `-t -i -d -v ${data}:/var/lib/registry -e REGISTRY_LOG_LEVEL=info -p 5000:5000`, ready: { http: "http://127.0.0.1:5000/v2/" } };
const idle = { name: "idle", image: "busybox:latest", socket, command: "sleep 10000", stop_timeout: 1, settle: 1 };

let lab: Lab;
let machine: Machine;
let driven: Driven<ContainerSeen>;

beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine("deb1");
  driven = drive(machine, container);
}, 900_000);

afterAll(() => lab?.close(), 200_000);

const inspect = async (format: string, name = "idle") => (await machine.must(`${client} container inspect --format '${format}' ${name}`)).trim();
const names = async () => (await machine.must(`${client} ps -a --format '{{.Names}}' | sort`)).split("\n").filter((name) => name !== "");

test("without a daemon: up is refused, down is so already", async () => {
  expect(await driven.refusal(tutorial)).toMatchObject({ code: "E_REFUSED", message: "docker daemon is not running" });
  expect((await driven.converge({ ...tutorial, state: "down" })).changes).toEqual([]);
  expect(await driven.state(tutorial)).toEqual({ state: "down", label: "registry:2", remarks: ["docker daemon is not running"] });
}, 600_000);

describe("on a daemon", () => {
  beforeAll(async () => {
    await startDaemon(machine);
    await machine.copyIn(lab.images.busybox, "/var/tmp/busybox.tar");
    await machine.copyIn(lab.images.registry, "/var/tmp/registry.tar");
    await machine.must(`${client} load -q -i /var/tmp/busybox.tar; ${client} load -q -i /var/tmp/registry.tar`);
  }, 600_000);
  afterAll(() => stopDaemon(machine), 600_000);
  afterEach(() => machine.must(`${client} rm -f $(${client} ps -aq) >/dev/null 2>&1 || :`), 200_000);

  describe("what is refused before anything is touched", () => {
    afterEach(async () => expect(await names()).toEqual([]));

    test("an image that is not there; nothing is pulled", async () => {
      expect(await driven.refusal({ ...base, image: "nothing:1" })).toMatchObject({ message: "the image nothing:1 is not on this daemon", hint: expect.stringContaining("an image task") });
      expect(await driven.state({ ...base, image: "nothing:1" })).toEqual({ state: "down", label: "nothing:1", remarks: ["can not find container id"] });
    }, 600_000);

    test("a mount source that is not there; docker does not make it", async () => {
      expect(await driven.refusal({ ...base, volumes: "/srv/not/there:/data" })).toMatchObject({ message: "a mount source is missing on the host: /srv/not/there" });
      await machine.must("! ls /srv/not 2>/dev/null");
    }, 600_000);

    test("a port that is taken, with the name of who has it", async () => {
      await machine.must("setsid nc -lk 5001 </dev/null >/dev/null 2>&1 & for i in $(seq 50); do ss -Hltn | grep -q :5001 && break; sleep 0.1; done");
      expect(await driven.refusal({ ...idle, ports: "5001:80" })).toMatchObject({ message: expect.stringMatching(/^port 5001 is taken by nc \(pid \d+\)$/) });
      await machine.must("pkill -x nc");
    }, 600_000);

    test("a port of which only docker can tell: its words, who has it, and nothing is left", async () => {
      await machine.must("setsid nc -lk 127.0.0.1 5001 </dev/null >/dev/null 2>&1 & for i in $(seq 50); do ss -Hltn | grep -q :5001 && break; sleep 0.1; done");
      const { stderr } = await driven.failure({ ...idle, ports: "5001:80" });
      await machine.must("pkill -x nc");
      expect(stderr).toMatch(/address already in use[^]*\nport 5001 is taken by nc \(pid \d+\)\n$/);
    }, 600_000);

    test("a container that ends at once: its exit code and the end of its log", async () => {
      const { stderr } = await driven.failure({ ...idle, command: ["sh", "-c", "echo 'no configuration'; exit 3"] });
      expect(stderr).toBe("the end of the log of idle:\nno configuration\ncontainer idle has ended with exit code 3\n");
      const again = await driven.failure({ ...idle, command: ["sh", "-c", "exit 4"], ready: { port: 80 }, restart: "always" });
      expect(again.stderr).toMatch(/container idle has ended( with exit code 4|, and its restart policy has started it again)\n$/);
      expect((await driven.failure({ ...idle, command: "no-such-program" })).stderr).toContain("no-such-program");
    }, 600_000);
  });

  test("a name that somebody takes in between", async () => {
    const at = { file: "test.yml", line: 1, column: 1 };
    const args = bindArgs(container, idle, () => at, at);
    const [change] = container.plan(args, await driven.observe(idle));
    await machine.must(`${client} run -d --name idle busybox:latest sleep 77`);
    const [step] = change!.steps as readonly { script: { text: string } }[];
    const { code, stderr } = await machine.exec(step!.script.text);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("there is a container called idle already") });
    expect(await inspect("{{.Config.Cmd}}")).toBe("[sleep 77]");
  }, 600_000);

  test("the tutorial's container: up, ready, again no change; stopped, kept, started; removed, its data stays", async () => {
    await machine.must(`mkdir -p ${data}`);
    expect(await driven.state(tutorial)).toEqual({ state: "down", label: "registry:2", remarks: ["can not find container id"] });
    const created = await driven.converge(tutorial);
    expect(created.changes).toEqual(["run the container registry from registry:2"]);
    expect(await driven.check(tutorial)).toEqual([]);
    const id = await inspect("{{.Id}}", "registry");
    expect(await driven.state(tutorial)).toEqual({ state: "up", label: `${id.slice(0, 12)}@registry:2`, remarks: [] });
    await machine.must(`${client} tag busybox:latest 127.0.0.1:5000/busybox:private && ${client} push -q 127.0.0.1:5000/busybox:private && ${client} rmi 127.0.0.1:5000/busybox:private`);
    const stopped = await driven.converge(driven.down(tutorial));
    expect(stopped.changes).toEqual(["stop the container registry"]);
    expect(await driven.check({ ...tutorial, state: "down" })).toEqual([]);
    expect(await driven.state(tutorial)).toEqual({ state: "down", label: `${id.slice(0, 12)}@registry:2`, remarks: [] });
    expect((await stopped.undo()).container?.State.Running).toBe(true);
    await driven.converge({ ...tutorial, state: "down" });
    expect((await driven.converge(tutorial)).changes).toEqual(["start the container registry"]);
    expect((await driven.converge({ ...tutorial, state: "absent" })).changes).toEqual(["stop the container registry", "remove the container registry"]);
    await driven.converge(tutorial);
    await machine.must(`${client} pull -q 127.0.0.1:5000/busybox:private && ${client} rmi 127.0.0.1:5000/busybox:private`);
    expect((await created.undo()).container).toBeUndefined();
  }, 900_000);

  test("drift is said, and repaired on request; data in volumes survives, named or not", async () => {
    await machine.must(`mkdir -p /srv/bound
      ${client} export $(${client} create busybox:latest true) >/var/tmp/rootfs.tar && ${client} import --change 'VOLUME /anonymous' --change 'CMD ["sleep", "10000"]' --change 'ENV A=image' /var/tmp/rootfs.tar vol:1`);
    const web = { ...idle, image: "vol:1", command: undefined, volumes: ["/srv/bound:/bound", "named:/named"], env: { SECRET: "swordfish 'x' $y" } };
    await driven.converge(web);
    expect(await machine.must(`${client} exec idle sh -c 'for d in /bound /named /anonymous; do echo $d >$d/kept; done; echo "$SECRET $A"'`)).toBe("swordfish 'x' $y image\n");
    const changed = { ...web, env: { SECRET: "other" }, labels: { tier: "web" }, user: "0", hostname: "web" };
    const remarks = ["hostname: none instead of web", "user: none instead of 0", "env: SECRET has another value", "label tier: none instead of web"];
    const state = await driven.state(changed);
    expect({ ...state, remarks: [...state.remarks].sort() }).toMatchObject({ state: "warn", remarks: remarks.sort() });
    expect(await driven.check(changed)).toEqual([]);
    const id = await inspect("{{.Id}}");
    const recreated = await driven.converge({ ...changed, on_drift: "recreate" });
    expect(recreated.changes).toEqual([expect.stringMatching(/^recreate the container idle from vol:1: .*env: SECRET has another value/)]);
    expect(await inspect("{{.Id}}")).not.toBe(id);
    expect(await machine.must(`${client} exec idle sh -c 'cat /bound/kept /named/kept /anonymous/kept; hostname; echo $SECRET'`)).toBe("/bound\n/named\n/anonymous\nweb\nother\n");
    expect((await names()).filter((name) => name.startsWith("idle"))).toEqual(["idle"]);
    expect(await driven.check({ ...changed, on_drift: "recreate" })).toEqual([]);
  }, 600_000);

  test("the image behind its tag moves", async () => {
    await machine.must(`${client} tag busybox:latest app:1`);
    const app = { ...idle, image: "app:1" };
    await driven.converge(app);
    await machine.must(`${client} tag vol:1 app:1`);
    expect(await driven.state(app)).toMatchObject({ state: "warn", remarks: ["running container is based on image busybox:latest instead of app:1"] });
    await driven.converge({ ...app, on_drift: "recreate" });
    expect(await driven.state(app)).toMatchObject({ state: "up" });
  }, 600_000);

  test("when the new one does not come up, the old one is put back as it was", async () => {
    await driven.converge(idle);
    const id = await inspect("{{.Id}}");
    const { stderr } = await driven.failure({ ...idle, command: ["sh", "-c", "echo broken; exit 1"], on_drift: "recreate" });
    expect(stderr).toMatch(/\nbroken\ncontainer idle has ended with exit code 1\nthe old container has been put back, since the new one failed: container idle has ended with exit code 1\n$/);
    expect(await inspect("{{.Id}} {{.State.Running}}")).toBe(`${id} true`);
    const late = await driven.failure({ ...idle, env: { A: "b" }, ready: { port: 80, timeout: 1 }, on_drift: "recreate" });
    expect(late.stderr).toContain("runs, but is not ready after 1 s: nothing listens on port 80 in the container");
    expect(await inspect("{{.Id}} {{.State.Running}}")).toBe(`${id} true`);
    expect(await names()).toEqual(["idle"]);
  }, 600_000);

  test.each([
    ["before the new one was made", "", ["recreate the container idle from busybox:latest: a recreation was interrupted"]],
    ["before the old one was stopped", `${client} create --name idle -p 5002:80 busybox:latest sleep 10000`, ["recreate the container idle from busybox:latest: a recreation was interrupted"]],
    ["before the old one was removed", `${client} stop -t 0 idle.bowline-old && ${client} run -d --name idle -p 5002:80 busybox:latest sleep 10000`, ["remove the container idle.bowline-old"]],
  ])("a recreation that was interrupted %s is finished, whatever on_drift says", async (_, then, changes) => {
    const web = { ...idle, ports: "5002:80" };
    await driven.converge(web);
    await machine.must(`${client} rename idle idle.bowline-old; ${then}`);
    expect((await driven.converge(web)).changes).toEqual(changes);
    expect(await names()).toEqual(["idle"]);
    expect(await driven.state(web)).toMatchObject({ state: "up", remarks: [] });
  }, 600_000);

  test("every argument arrives as docker shows it, so that nothing differs afterwards", async () => {
    await machine.must(`${client} network create lan >/dev/null; mkdir -p /srv/bound`);
    const full = {
      ...idle, on_drift: "recreate", entrypoint: "/bin/sh -c", command: ["exec sleep 10000"], env: { A: "b c", EMPTY: "" }, ports: ["127.0.0.1:5003:80", "5004:81/udp"],
      volumes: ["/srv/bound/:/bound:ro", "named:/named"], network: "lan", restart: "on-failure:2", labels: { tier: "web" }, user: "1000:1000", hostname: "web", workdir: "/tmp/", read_only: true,
      tty: true, interactive: true, cap_add: "net_admin", cap_drop: ["MKNOD"], devices: "/dev/null:/dev/nothing:rw", dns: "10.0.2.3", extra_hosts: "db:10.0.2.9", tmpfs: "/t:size=1m", security_opt: "no-new-privileges",
      group_add: 100, ulimits: "nofile=1024", sysctls: { "net.ipv4.ip_unprivileged_port_start": "0" }, memory: "64m", cpus: 0.5, shm_size: "32m", ipc: "private", log_driver: "json-file", log_opts: { "max-size": "1m" }, stop_signal: "SIGKILL",
    };
    await driven.converge(full);
    expect(await driven.state(full)).toMatchObject({ state: "up", remarks: [] });
    expect(await machine.must(`${client} exec idle sh -c 'id -u; hostname; pwd; echo "$A"; touch /x 2>&1; grep -c 10.0.2.9 /etc/hosts'`)).toBe("1000\nweb\n/tmp\nb c\ntouch: /x: Read-only file system\n1\n");
  }, 600_000);

  test("one that is late is kept, shown as not ready, and waited for by the next run", async () => {
    const late = { ...idle, command: ["sh", "-c", "while [ ! -e /go ]; do sleep 0.1; done; nc -ll -p 80 -e true"], ready: { port: 80, timeout: 1 } };
    expect((await driven.failure(late)).stderr).toContain("nothing listens on port 80 in the container");
    expect(await driven.state(late)).toMatchObject({ state: "warn", remarks: ["not ready: nothing listens on port 80 in the container"] });
    await machine.must(`${client} exec idle touch /go`);
    await driven.converge({ ...late, ready: { port: 80, timeout: 60 } });
    expect(await driven.state(late)).toMatchObject({ state: "up" });
  }, 600_000);

  test("paused is continued; one that does not listen to its signal is killed after stop_timeout", async () => {
    const stubborn = { ...idle, command: ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"] };
    await driven.converge(stubborn);
    await machine.must(`${client} pause idle`);
    const continued = await driven.converge(stubborn);
    expect(continued.changes).toEqual(["unpause the container idle"]);
    expect((await continued.undo()).container?.State.Paused).toBe(true);
    await driven.converge(stubborn);
    await driven.converge({ ...stubborn, state: "down" });
    expect(await inspect("{{.State.ExitCode}}")).toBe("137");
  }, 600_000);
});
