import { BowlineError } from "../../src/core/errors.ts";
import type { Step } from "../../src/core/step.ts";
import { bindArgs } from "../../src/modules/bind.ts";
import { container } from "../../src/modules/container.ts";
import { createWords, specOf } from "../../src/modules/_container_spec.ts";
import { parseRunArgs } from "../../src/modules/_container_fields.ts";
import type { ContainerSeen, Inspected } from "../../src/modules/_container_seen.ts";
import { syntaxErrors } from "./_planner.ts";
import { bytesOf, deviceOf, portsOf, ulimitOf, volumeOf } from "../../src/modules/_container_values.ts";

const at = { file: "playbook.yml", line: 3, column: 5 };
const bind = (raw: Record<string, unknown> = {}) => bindArgs(container, { name: "web", image: "web:1", ...raw }, () => at, at);

const id = "1c235fe957467097da19635f793ecf100d99100753ebdfe5d430142a70bfac73";
const one = `sha256:${"1".repeat(64)}`;
const two = `sha256:${"2".repeat(64)}`;
const config = { Env: ["PATH=/bin"], Cmd: ["serve"], Entrypoint: null, User: "", WorkingDir: "" };
const image = { Id: one, RepoTags: ["web:1"], Config: config };

/** What docker shows of a container that was made of {@link image} with nothing else. */
function inspected(more: { state?: object; config?: object; host?: object; top?: object } = {}): Inspected {
  return {
    Id: id,
    Name: "/web",
    Image: one,
    RestartCount: 0,
    State: { Status: "running", Running: true, Paused: false, Restarting: false, ExitCode: 0, Error: "", Pid: 99, ...more.state },
    Config: { Hostname: id.slice(0, 12), ...config, Image: "web:1", Labels: {}, Tty: false, OpenStdin: false, ...more.config },
    HostConfig: { Binds: null, NetworkMode: "default", PortBindings: {}, RestartPolicy: { Name: "no", MaximumRetryCount: 0 }, AutoRemove: false, Memory: 0, NanoCpus: 0, ShmSize: 67108864, LogConfig: { Type: "json-file", Config: {} }, IpcMode: "private", PidMode: "", ...more.host },
    ...more.top,
  } as Inspected;
}

const exited = { Status: "exited", Running: false, ExitCode: 1 };
const none: ContainerSeen = { daemon: { answers: true, silence: "" }, image, missingSources: [], listeners: [] };
const running = (more: Parameters<typeof inspected>[0] = {}): ContainerSeen => ({ ...none, container: inspected(more), ownImage: image });
const silent: ContainerSeen = { daemon: { answers: false, silence: "Cannot connect to the Docker daemon" }, missingSources: [], listeners: [] };
const aside = inspected({ top: { Name: "/web.bowline-old" }, state: exited });

const titles = (raw: Record<string, unknown>, seen: ContainerSeen) => container.plan(bind(raw), seen).map((change) => change.title);

describe("what is planned", () => {
  test.each<[string, Record<string, unknown>, ContainerSeen, string[]]>([
    ["nothing there", {}, none, ["run the container web from web:1"]],
    ["running", {}, running(), []],
    ["stopped", {}, running({ state: exited }), ["start the container web"]],
    ["never started", {}, running({ state: { Status: "created", Running: false } }), ["start the container web"]],
    ["paused", {}, running({ state: { Status: "paused", Paused: true } }), ["unpause the container web"]],
    ["restarted again and again", {}, running({ state: { Status: "restarting", Restarting: true } }), ["start the container web"]],
    ["running, not ready", { ready: { port: 80 } }, { ...running(), notReady: "nothing listens" }, ["wait until the container web is ready"]],
    ["drift, reported", { user: "www" }, running(), []],
    ["drift and stopped: started as it is", { user: "www" }, running({ state: exited }), ["start the container web"]],
    ["drift, recreated", { user: "www", on_drift: "recreate" }, running(), ["recreate the container web from web:1: user: none instead of www"]],
    ["the image behind the tag is another", { on_drift: "recreate" }, { ...running(), image: { ...image, Id: two } }, ["recreate the container web from web:1: running container is based on image 111111111111 instead of 222222222222"]],
    ["recreation interrupted before the new one was made", {}, { ...none, aside }, ["recreate the container web from web:1: a recreation was interrupted"]],
    ["recreation interrupted before the old one was removed", {}, { ...running(), aside }, ["remove the container web.bowline-old"]],
    ["recreation interrupted, and the old one was started again", {}, { ...running(), aside: { ...aside, State: running().container!.State } }, ["stop the container web.bowline-old", "remove the container web.bowline-old"]],
    ["the new one of an interrupted recreation is stopped", {}, { ...running({ state: exited }), aside }, ["recreate the container web from web:1: a recreation was interrupted"]],
    ["the new one of an interrupted recreation is not ready", { ready: { port: 80 } }, { ...running(), aside, notReady: "nothing listens" }, ["recreate the container web from web:1: a recreation was interrupted"]],
    ["down: running", { state: "down" }, running(), ["stop the container web"]],
    ["down: stopped", { state: "down" }, running({ state: exited }), []],
    ["down: nothing there", { state: "down" }, none, []],
    ["down: no daemon", { state: "down" }, silent, []],
    ["down: without an image that exists", { state: "down" }, { ...running(), image: undefined as never }, ["stop the container web"]],
    ["absent: running", { state: "absent" }, running(), ["stop the container web", "remove the container web"]],
    ["absent: stopped", { state: "absent" }, running({ state: exited }), ["remove the container web"]],
    ["absent: running, removes itself", { state: "absent" }, running({ host: { AutoRemove: true } }), ["stop the container web"]],
    ["absent: nothing there", { state: "absent" }, none, []],
    ["absent: leftovers too", { state: "absent" }, { ...none, aside }, ["remove the container web.bowline-old"]],
  ])("%s", (_, raw, seen, expected) => {
    expect(titles(raw, seen)).toEqual(expected);
  });

  const listener = (where: string, owner = '  users:(("nginx",pid=12,fd=3))') => `tcp   LISTEN 0      4096         ${where}       0.0.0.0:*${owner}`;
  test.each<[string, Record<string, unknown>, ContainerSeen, string]>([
    ["no daemon", {}, silent, "docker daemon is not running"],
    ["no daemon, to be absent", { state: "absent" }, silent, "docker daemon is not running"],
    ["no right to ask", {}, { ...silent, daemon: { answers: false, silence: "permission denied while trying to connect" } }, "not allowed to speak to the docker daemon on /var/run/docker.sock"],
    ["no right to ask, to be down", { state: "down" }, { ...silent, daemon: { answers: false, silence: "Got permission denied while trying to connect to the Docker daemon socket" } }, "not allowed to speak to the docker daemon on /var/run/docker.sock"],
    ["a daemon that hangs, to be down", { state: "down" }, { ...silent, daemon: { answers: false, silence: "" } }, "the docker daemon on /var/run/docker.sock does not answer within 30 s"],
    ["no image", {}, { ...none, image: undefined as never }, "the image web:1 is not on this daemon"],
    ["no image to recreate from", { user: "www", on_drift: "recreate" }, { ...running(), image: undefined as never }, "the image web:1 is not on this daemon"],
    ["no mount source", { volumes: "/a:/b" }, { ...none, missingSources: ["/a"] }, "a mount source is missing on the host: /a"],
    ["no mount source to start with", { volumes: "/a:/b" }, { ...running({ state: exited, host: { Binds: ["/a:/b"] } }), missingSources: ["/a"] }, "a mount source is missing on the host: /a"],
    ["port taken everywhere", { ports: "80:8080" }, { ...none, listeners: [listener("0.0.0.0:80")] }, "port 80 is taken by nginx (pid 12)"],
    ["port taken, owner not visible", { ports: "80:8080" }, { ...none, listeners: [listener("*:80", "")] }, "port 80 is taken"],
    ["port taken on every IPv6 address", { ports: "[fd00::1]:80:8080" }, { ...none, listeners: [listener("[::]:80")] }, "port 80 is taken by nginx (pid 12)"],
    ["port taken on this address", { ports: "10.0.2.71:80:8080" }, { ...none, listeners: [listener("10.0.2.71:80")] }, "port 80 is taken by nginx (pid 12)"],
  ])("refused: %s", (_, raw, seen, message) => {
    expect(caught(() => container.plan(bind(raw), seen)).problems[0]).toMatchObject({ code: "E_REFUSED", message });
  });

  test.each<[string, Record<string, unknown>, ContainerSeen]>([
    ["on another address", { ports: "10.0.2.71:80:8080" }, { ...none, listeners: [listener("127.0.0.1:80")] }],
    ["on one address, when the daemon chooses", { ports: "80:8080" }, { ...none, listeners: [listener("127.0.0.1:80")] }],
    ["on another port", { ports: "80:8080" }, { ...none, listeners: [listener("0.0.0.0:8080")] }],
    ["for IPv6 only, when IPv4 is wanted", { ports: "10.0.2.71:80:8080" }, { ...none, listeners: [listener("[::]:80")] }],
    ["for IPv6 only, when the daemon chooses", { ports: "80:8080" }, { ...none, listeners: [listener("[::]:80")] }],
    ["for IPv4 only, when IPv6 is wanted", { ports: "[fd00::1]:80:8080" }, { ...none, listeners: [listener("0.0.0.0:80")] }],
    ["of another protocol", { ports: "80:8080/udp" }, { ...none, listeners: [listener("0.0.0.0:80")] }],
  ])("a listener %s is not in the way", (_, raw, seen) => {
    expect(titles(raw, seen)).toEqual(["run the container web from web:1"]);
  });

  test("its own port is not in the way of recreation", () => {
    const seen = { ...running({ host: { PortBindings: { "8080/tcp": [{ HostIp: "", HostPort: "80" }] } } }), listeners: [listener("0.0.0.0:80")] };
    expect(titles({ ports: "80:8080", user: "x", on_drift: "recreate" }, seen)).toHaveLength(1);
  });
});

describe("scripts", () => {
  test.each<[string, Record<string, unknown>, ContainerSeen]>([
    ["make one", { env: { A: "it's `a` $(b)" }, ports: "80:80", ready: { http: "http://10.0.2.71/" } }, none],
    ["start one", {}, running({ state: exited })],
    ["continue one", {}, running({ state: { Status: "paused", Paused: true } })],
    ["wait for one", { ready: { port: 80 } }, { ...running(), notReady: "nothing listens" }],
    ["make one anew", { user: "www", on_drift: "recreate" }, running()],
    ["stop one", { state: "down" }, running()],
    ["remove one", { state: "absent" }, running()],
  ])("every shell can read what is sent to %s", (_, raw, seen) => {
    const args = bind(raw);
    const steps = container.plan(args, seen).flatMap((change) => [...(change.steps as Step[]), ...("impossible" in change.undo ? [] : change.undo)]);
    expect(syntaxErrors([container.observe(args), ...steps.flatMap((step) => (step.kind === "run" ? [step.script] : []))])).toEqual([]);
  });

  test("what was paused is paused again by undo", () => {
    expect(container.plan(bind(), running({ state: { Status: "paused", Paused: true } }))[0]!.undo).toEqual([expect.objectContaining({ title: "docker pause web" })]);
  });

  test.each<[string, Record<string, unknown>]>([["a recreation", { user: "www", on_drift: "recreate" }], ["a stop", { state: "down" }]])("once it has begun, %s is finished without the controller", (_, raw) => {
    const [change] = container.plan(bind(raw), running());
    expect(change!.steps).toEqual([expect.objectContaining({ onDisconnect: "finish" })]);
  });
});

describe("drift", () => {
  const drift = (raw: Record<string, unknown>, seen: ContainerSeen) => container.state!(bind(raw), seen).remarks;

  test.each<[string, Record<string, unknown>, ContainerSeen]>([
    ["ports in another spelling", { ports: ["80:8080/tcp", "[::1]:81:81", 82] }, running({ host: { PortBindings: { "8080/tcp": [{ HostIp: "", HostPort: "80" }], "81/tcp": [{ HostIp: "::1", HostPort: "81" }], "82/tcp": [{ HostIp: "", HostPort: "" }] } } })],
    ["a range of ports", { ports: "80-81:8080-8081" }, running({ host: { PortBindings: { "8080/tcp": [{ HostIp: "0.0.0.0", HostPort: "80" }], "8081/tcp": [{ HostPort: "81" }] } } })],
    ["volumes in another spelling", { volumes: ["/a/:/b:rw", "data:/c:z,ro"] }, running({ host: { Binds: ["data:/c:ro,z", "/a:/b"] } })],
    ["a volume without a name that was taken over", {}, running({ host: { Binds: [`${"f".repeat(64)}:/data`] } })],
    ["the default network by its other name", { network: "bridge" }, running()],
    ["the words of the command", { command: "serve" }, running()],
    ["an entrypoint of several words", { entrypoint: "/bin/sh -c", command: ["a b"] }, running({ config: { Entrypoint: ["/bin/sh"], Cmd: ["-c", "a b"] } })],
    ["an entrypoint without a command", { entrypoint: "/bin/init" }, running({ config: { Entrypoint: ["/bin/init"], Cmd: null } })],
    ["variables over the image's", { env: { A: 1, PATH: "/sbin" } }, running({ config: { Env: ["A=1", "PATH=/sbin"] } })],
    ["a proxy that the client added", {}, running({ config: { Env: ["PATH=/bin", "HTTP_PROXY=http://p"] } })],
    ["more labels than asked for", { labels: { a: "b" } }, running({ config: { Labels: { a: "b", c: "d" } } })],
    ["limits", { memory: "512m", cpus: 1.5, shm_size: "128M" }, running({ host: { Memory: 536870912, NanoCpus: 1500000000, ShmSize: 134217728 } })],
    ["capabilities with and without CAP_", { cap_add: "net_admin", cap_drop: ["ALL"] }, running({ host: { CapAdd: ["CAP_NET_ADMIN"], CapDrop: ["ALL"] } })],
    ["an on-failure policy", { restart: "on-failure:3" }, running({ host: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 } } })],
    ["the host's network", { network: "host" }, running({ host: { NetworkMode: "host" }, config: { Hostname: "deb1" } })],
    ["devices, ulimits, tmpfs", { devices: "/dev/fuse", ulimits: "nofile=1024", tmpfs: "/t:size=1m,mode=1777" }, running({ host: { Devices: [{ PathOnHost: "/dev/fuse", PathInContainer: "/dev/fuse", CgroupPermissions: "rwm" }], Ulimits: [{ Name: "nofile", Soft: 1024, Hard: 1024 }], Tmpfs: { "/t": "mode=1777,size=1m" } } })],
    ["an image named by its id", { image: "111111111111" }, running()],
    ["a wanted image that is not there, reported by its own error", {}, { ...running(), image: undefined as never }],
  ])("none: %s", (_, raw, seen) => {
    expect(drift(raw, seen)).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, ContainerSeen, string]>([
    ["image behind the tag", {}, { ...running(), image: { Id: two, RepoTags: ["web:1"] }, ownImage: { ...image, RepoTags: [] } }, "running container is based on image 111111111111 instead of web:1"],
    ["image by name", { image: "web:2" }, { ...running(), image: { Id: two, RepoTags: ["web:2"] } }, "running container is based on image web:1 instead of web:2"],
    ["ports", { ports: "80:80" }, running(), "ports: none instead of 80:80/tcp"],
    ["a port that is no longer wanted", {}, running({ host: { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "80" }] } } }), "ports: 80:80/tcp instead of none"],
    ["volumes", { volumes: "/a:/b" }, running({ host: { Binds: ["/x:/b"] } }), "volumes: /x:/b instead of /a:/b"],
    ["command", { command: ["run", "a b"] }, running(), "command: serve instead of run a b"],
    ["a command that is no longer wanted", {}, running({ config: { Cmd: ["other"] } }), "command: other instead of serve"],
    ["restart policy", {}, running({ host: { RestartPolicy: { Name: "always", MaximumRetryCount: 0 } } }), "restart policy: always instead of no"],
    ["hostname", { hostname: "w" }, running(), "hostname: none instead of w"],
    ["labels", { labels: { a: "b" } }, running(), "label a: none instead of b"],
    ["variables, by name only", { env: { TOKEN: "hunter22", NEW: "x" } }, running({ config: { Env: ["PATH=/bin", "TOKEN=old", "OLD=y"] } }), "env: TOKEN has another value, NEW is missing, OLD is set"],
    ["privileged", {}, running({ host: { Privileged: true } }), "privileged: yes instead of no"],
    ["memory", { memory: "1g" }, running(), "memory: 0 instead of 1073741824"],
  ])("%s", (_, raw, seen, remark) => {
    expect(drift(raw, seen)).toEqual([remark]);
  });
});

describe("status, as OpenSVC printed it", () => {
  test.each<[string, Record<string, unknown>, ContainerSeen, string, string, string[]]>([
    ["daemon forbidden", {}, { ...silent, daemon: { answers: false, silence: "permission denied" } }, "warn", "web:1", ["not allowed to speak to the docker daemon on /var/run/docker.sock"]],
    ["daemon silent", { image: "unknown_at_the_moment" }, silent, "down", "unknown_at_the_moment", ["docker daemon is not running"]],
    ["image not known", { image: "5670839b64ba" }, { ...none, image: undefined as never }, "down", "5670839b64ba", ["can not find container id"]],
    ["image known by its id", { image: "111111111111" }, none, "down", "web:1", ["can not find container id"]],
    ["up", { image: "111111111111" }, running(), "up", "1c235fe95746@web:1", []],
    ["stopped", {}, running({ state: exited }), "down", "1c235fe95746@web:1", []],
    ["stopped, with another image", {}, { ...running({ state: exited }), image: { Id: two } }, "warn", "1c235fe95746@web:1", ["running container is based on image 111111111111 instead of 222222222222"]],
    ["paused", {}, running({ state: { Paused: true } }), "warn", "1c235fe95746@web:1", ["it is paused"]],
    ["a loop", {}, running({ state: { Restarting: true, ExitCode: 3 } }), "warn", "1c235fe95746@web:1", ["it ends and is restarted again and again, last with exit code 3"]],
    ["not ready", { ready: { port: 80 } }, { ...running(), notReady: "nothing listens" }, "warn", "1c235fe95746@web:1", ["not ready: nothing listens"]],
    ["a name of twelve characters is no id", { image: "ubuntu:14.04" }, { ...none, image: { Id: two, RepoTags: ["ubuntu:14.04"] } }, "down", "ubuntu:14.04", ["can not find container id"]],
  ])("%s", (_, raw, seen, state, label, remarks) => {
    expect(container.state!(bind(raw), seen)).toEqual({ state, label, remarks });
  });
});

describe("run_args", () => {
  test("the tutorial's string gives the same container as the structured arguments", () => {
    const raw = bind({ run_args: "-t -i -d --name=web -v /opt/registrydata:/registrydata -e STORAGE_PATH=/registrydata -p 5000:5000" });
    const structured = bind({ tty: true, interactive: true, volumes: "/opt/registrydata:/registrydata", env: { STORAGE_PATH: "/registrydata" }, ports: "5000:5000" });
    expect(specOf(raw)).toEqual(specOf(structured));
    expect(createWords(raw, specOf(raw))).toEqual(["--name=web", "--publish=5000:5000/tcp", "--volume=/opt/registrydata:/registrydata", "--tty", "--interactive", "web:1"]);
  });

  test.each<[string[], Record<string, string[]>]>([
    [["-p", "80:80", "-p=81:81", "-p82:82", "--publish", "83:83", "--publish=84:84"], { ports: ["80:80", "81:81", "82:82", "83:83", "84:84"] }],
    [["-tid", "--rm"], { tty: ["true"], interactive: ["true"], detach: ["true"], auto_remove: ["true"] }],
    [["-itu", "www", "-hweb"], { interactive: ["true"], tty: ["true"], user: ["www"], hostname: ["web"] }],
    [["--privileged=false", "--net", "host"], { privileged: ["false"], network: ["host"] }],
    [["-e", "A=-b", "-w", "/x"], { env: ["A=-b"], workdir: ["/x"] }],
  ])("%j", (words, values) => {
    expect(Object.fromEntries(parseRunArgs(words).values)).toEqual(values);
    expect(parseRunArgs(words).problems).toEqual([]);
  });

  test("lists are joined, maps merged", () => {
    const spec = specOf(bind({ ports: "80:80", env: { A: "1" }, run_args: "-p 80:80 -p 81:81 -e B=2 -e A=1 --memory 1g" }));
    expect(spec).toMatchObject({ lists: { ports: ["80:80/tcp", "81:81/tcp"] }, maps: { env: { A: "1", B: "2" } }, texts: { memory: "1g" } });
  });
});

describe("arguments", () => {
  test.each<[Record<string, unknown>, string]>([
    [{ image: undefined }, '"image" is missing'],
    [{ image: "--privileged" }, "is not the name of an image"],
    [{ name: "a" }, "two or more letters"],
    [{ run_args: "--gpus all" }, "run_args has --gpus, which this module does not know"],
    [{ run_args: "--memroy 1g" }, "did you mean --memory?"],
    [{ run_args: "-z" }, "run_args has -z, which this module does not know"],
    [{ run_args: "-p" }, "run_args ends after --publish, which needs a value"],
    [{ run_args: "registry:2" }, 'run_args has the word "registry:2", which belongs to no option'],
    [{ run_args: "-e TOKEN" }, "run_args has -e TOKEN without a value"],
    [{ run_args: "--name other" }, "run_args has --name other, but name is web"],
    [{ user: "a", run_args: "-u b" }, "user is a, but run_args says b"],
    [{ env: { A: "1" }, run_args: "-e A=2" }, "env A has one value in env and another in run_args"],
    [{ run_args: "-e 'A=b" }, "cannot be cut into words"],
    [{ ports: "eighty:80" }, 'ports: "eighty:80" cannot be read'],
    [{ ports: "80-81:80" }, "cannot be read"],
    [{ volumes: "/data" }, "data in a volume without a name is lost"],
    [{ volumes: "./data:/data" }, "cannot be read"],
    [{ volumes: ["/a:/x", "/b:/x"] }, "two volumes have the target /x"],
    [{ env: { A: "two\nlines" } }, "env A cannot be passed on"],
    [{ env: { "A B": "x" } }, "env A B cannot be passed on"],
    [{ cpus: "many" }, "cpus many is not a number like 1.5"],
    [{ memory: "lots" }, "memory lots is not a size like 512m"],
    [{ restart: "sometimes" }, "must be no, always, unless-stopped or on-failure[:N]"],
    [{ auto_remove: true, restart: "always" }, "exclude each other"],
    [{ ready: {} }, "must have one of port, http"],
    [{ ready: { http: "10.0.2.71:5000" } }, "ready"],
    [{ published_ports: "80:80" }, 'did you mean "ports"?'],
  ])("%j is refused", (raw, message) => {
    const { problems } = caught(() => bind(raw));
    expect(problems.map((problem) => `${problem.message} ${problem.hint ?? ""}`).join()).toContain(message);
  });

  test("what is bound can be bound again, as down does it", () => {
    const args = bind({ ready: { http: "http://10.0.2.71:5000/v2/" }, command: "serve 'a b'", ports: 80 });
    expect(bindArgs(container, container.down!(args), () => at, at)).toEqual({ ...args, state: "down" });
  });

  test("variables do not stand in what undoes a change, which the journal keeps", () => {
    const args = bind({ env: { TOKEN: "hunter22" } });
    const down = { ...args, state: "down" as const };
    const undo = [container.plan(args, none), container.plan(args, running({ state: exited })), container.plan(down, running())].flat().map((change) => change.undo);
    expect(undo.map((steps) => (steps as unknown[]).length)).toEqual([1, 1, 1]);
    expect(JSON.stringify(undo)).not.toContain("hunter22");
  });

  test("variables never stand among the words of a command", () => {
    const args = bind({ env: { TOKEN: "hunter22" }, run_args: "-e OTHER=swordfish" });
    expect(createWords(args, specOf(args)).join(" ")).not.toMatch(/hunter22|swordfish/);
    const { steps, ...told } = container.plan(args, none)[0]!;
    const titles_ = Array.isArray(steps) ? steps.map((step: { title?: string }) => step.title) : [];
    expect(titles_).toHaveLength(1);
    expect(JSON.stringify([told.title, told.before, told.after, titles_])).not.toMatch(/hunter22|swordfish/);
  });
});

describe("values in one form", () => {
  test.each<[string, string[] | undefined]>([
    ["5000:5000", ["5000:5000/tcp"]],
    ["5000", [":5000/tcp"]],
    ["127.0.0.1:5000:5000/udp", ["127.0.0.1:5000:5000/udp"]],
    ["127.0.0.1::5000", ["127.0.0.1::5000/tcp"]],
    ["[fd00::1]:80:80", ["fd00::1:80:80/tcp"]],
    ["0.0.0.0:80:80", ["80:80/tcp"]],
    ["8000-8001:80-81", ["8000:80/tcp", "8001:81/tcp"]],
    ["70000:80", undefined],
    ["80:80/icmp", undefined],
    ["a:b", undefined],
  ])("port %s", (text, expected) => {
    expect(portsOf(text)).toEqual(expected);
  });

  test.each([["512m", 536870912], ["1.5G", 1610612736], ["100", 100], ["2kb", 2048], ["x", undefined]])("size %s", (text, expected) => {
    expect(bytesOf(text)).toBe(expected);
  });

  test.each([["/dev/a", "/dev/a:/dev/a:rwm"], ["/dev/a:/dev/b", "/dev/a:/dev/b:rwm"], ["/dev/a:/dev/b:r", "/dev/a:/dev/b:r"], ["/dev/a:r", "/dev/a:/dev/a:r"]])("device %s", (text, expected) => {
    expect(deviceOf(text)).toBe(expected);
  });

  test("volumes and limits", () => {
    expect(volumeOf("/a//b/:/c:ro,z")).toEqual({ source: "/a/b", target: "/c", options: ["ro", "z"] });
    expect(volumeOf("x:/c:ro:z")).toBeUndefined();
    expect(ulimitOf("nofile=1:2")).toBe("nofile=1:2");
  });
});

test("two looks at the same container are the same, in whatever order docker lists its mounts", () => {
  const mounts = [{ Type: "bind", Destination: "/b" }, { Type: "volume", Name: "named", Destination: "/a" }];
  const look = (Mounts: object[]) => container.parse({ code: 0, stdout: `=containers\n ${JSON.stringify(inspected({ top: { Mounts } }))}\n \n 0\n`, stderr: "" }, bind());
  expect(look(mounts)).toEqual(look(mounts.toReversed()));
  expect(look(mounts).container?.Mounts).toHaveLength(2);
});

function caught(work: () => unknown): BowlineError {
  try {
    work();
  } catch (error) {
    if (error instanceof BowlineError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
