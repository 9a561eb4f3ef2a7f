import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Event } from "../../src/events/event.ts";
import { openLab, type Lab, type Machine } from "../lab/lab.ts";
import { eventually } from "../lab/process.ts";
import { bowline, eventsOf, resultsOf, roundTripsOf, startBowline } from "./cli.ts";

const playbook = "playbooks/registry.yml";
const tasks = [
  "The service has its address, and nobody else has it",
  "This host owns the volume group",
  "The filesystems are checked and mounted",
  "The service's own dockerd runs on its own filesystem",
  "The docker client of the service is one short command",
  "The registry's image is on that dockerd",
  "The registry is configured",
  "The registry runs, and answers",
];

let lab: Lab;
let machine: Machine;
let records: string;

beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine();
  records = await mkdtemp(join(tmpdir(), "bowline-e2e-"));
}, 900_000);

afterAll(async () => {
  await lab?.close();
  await rm(records, { recursive: true, force: true });
});

/** The checked-in playbook and inventory, with the way to this test's machine. */
function command(verb: string, ...more: string[]): { words: string[]; options: { env: Record<string, string> } } {
  const { host, port, identityFile, knownHostsFile } = machine.ssh;
  const ssh = { host, port, user: "ops", identity_file: identityFile, known_hosts_file: knownHostsFile };
  const given = { ssh, registry_archive: lab.images.registry, busybox_archive: lab.images.busybox };
  const [path = playbook, ...options] = more[0]?.endsWith(".yml") ? more : [playbook, ...more];
  return { words: [verb, path, "-i", "inventory", "-e", JSON.stringify(given), ...options], options: { env: { BOWLINE_STATE_DIR: records } } };
}

async function typed(verb: string, ...more: string[]) {
  const { words, options } = command(verb, ...more);
  return bowline(words, options);
}

async function events(verb: string, ...more: string[]): Promise<{ code: unknown; events: Event[]; stderr: string }> {
  const { code, stdout, stderr } = await typed(verb, ...more, "--output", "json");
  return { code, events: eventsOf(stdout), stderr };
}

/** Everything that the service stands on, as the machine itself tells it. */
async function footprint(): Promise<string> {
  return machine.must(`
    ip -o -4 addr show dev eth0 | awk '{print $4}'
    vgs --noheadings -o vg_name,vg_tags vgregistry
    lvs --noheadings -o lv_name,lv_active vgregistry
    findmnt -rno TARGET,SOURCE | grep registry.example.com || :
    pgrep -a dockerd || :
  `);
}

/** The processes of a session and of what it brings to the registry's docker. */
async function ours(): Promise<string> {
  return machine.must(`pgrep -af '[w]hile IFS= read -r l|[d]ocker .* load' || :`);
}

const bare = /^10\.0\.2\.15\/24\s+vgregistry\s+lvdockerdata\s+lvregistrydata\s+lvregistryroot\s*$/;

describe("a bare machine becomes the private Docker registry", () => {
  test("check changes nothing, and says what it knows and what it cannot know", async () => {
    const before = await footprint();
    const { code, events: seen } = await events("run", "--check");
    expect(await footprint()).toBe(before);
    expect(before).toMatch(bare);
    const results = resultsOf(seen);
    expect(tasks.map((task) => results.get(task)!.status)).toEqual(["changed", "changed", "changed", "unknown", "changed", "unknown", "unknown", "unknown"]);
    expect(results.get(tasks[3]!)!.message).toContain(`because "${tasks[2]}" would change the host first`);
    expect(code).toBe(0);
  }, 600_000);

  test("status says that everything is down, with the reasons, and its exit code says so too", async () => {
    const { code, stdout } = await typed("status");
    expect(stdout).toMatch(/^overall\s+down$/m);
    expect(stdout).toContain("/dev/mapper/vgregistry-lvregistryroot@/opt/registry.example.com");
    expect(stdout).toContain("docker daemon is not running");
    expect(code).toBe(3);
  }, 600_000);

  test("a run makes it so and proves it", async () => {
    const { code, events: seen } = await events("run");
    const results = resultsOf(seen);
    expect(tasks.map((task) => [task, results.get(task)!.status])).toEqual(tasks.map((task) => [task, "changed"]));
    expect(results.get("What it holds can be asked")!.status).toBe("ok");
    expect(code).toBe(0);
    expect(await machine.must("curl -s http://registry.example.com:5000/v2/_catalog")).toBe('{"repositories":[]}\n');
    expect(await machine.must("registry.example.com docker ps --format '{{.Names}} {{.Image}} {{.Ports}}'")).toBe("registry.example.com registry:2 10.0.2.71:5000->5000/tcp\n");
  }, 900_000);

  test("a second run changes nothing, over one connection and at most one round trip a task", async () => {
    const before = await footprint();
    const { code, events: seen } = await events("run");
    expect([...resultsOf(seen).values()].filter(({ status }) => status === "changed")).toEqual([]);
    expect(roundTripsOf(seen)).toBeLessThanOrEqual(tasks.length + 1);
    expect(code).toBe(0);
    expect(await footprint()).toBe(before);
  }, 600_000);

  test("status says that everything is up", async () => {
    const { code, stdout } = await typed("status");
    expect(stdout).toMatch(/^overall\s+up$/m);
    expect(stdout).toMatch(/up\s+[0-9a-f]{12}@registry:2$/m);
    expect(code).toBe(0);
  }, 600_000);

  test("a second docker pushes an image and pulls it back", async () => {
    const { code, stdout, stderr } = await typed("run", "playbooks/push-and-pull.yml");
    expect(stdout + stderr).toContain("pull registry.example.com:5000/busybox:private");
    expect(code).toBe(0);
    expect(await machine.must("docker -H unix:///run/docker-client/docker.sock images --format '{{.Repository}}:{{.Tag}}'")).toBe("registry.example.com:5000/busybox:private\n");
    expect((await typed("down", "playbooks/push-and-pull.yml")).code).toBe(0);
    expect(await machine.must("pgrep -c dockerd")).toBe("1\n");
  }, 900_000);

  test("a changed setting is shown as a diff, applied, and read by the registry", async () => {
    const wanted = ["-e", "registry_log_level=debug", "--tags", "registry"];
    const shown = await typed("run", "--check", "--diff", ...wanted);
    expect(shown.stdout).toContain("-  level: info");
    expect(shown.stdout).toContain("+  level: debug");
    const { code, events: seen } = await events("run", ...wanted);
    expect(resultsOf(seen).get("The registry reads its configuration")!.status).toBe("changed");
    expect(code).toBe(0);
    expect(await machine.must("registry.example.com docker exec registry.example.com grep level /etc/docker/registry/config.yml")).toContain("debug");
  }, 900_000);

  test("killed in the middle of a run, it leaves nothing running, and the next run finishes the work", async () => {
    await machine.must("registry.example.com docker rm -f registry.example.com && registry.example.com docker image rm registry:2");
    const { words, options } = command("run", "--output", "json");
    const started = startBowline(words, options);
    await started.printed('"change":"load registry:2');
    started.child.kill("SIGKILL");
    expect((await started.ended).code).toBe("SIGKILL");
    await eventually("everything of the killed run to end", 60_000, async () => ((await ours()) === "" ? true : undefined));
    expect(await machine.must("ls /opt/registry.example.com/dockerdata/tmp")).toBe("");
    const { code, events: seen } = await events("run");
    expect(resultsOf(seen).get(tasks[7]!)!.status).toBe("changed");
    expect(code).toBe(0);
  }, 900_000);

  test("down takes everything down in the reverse order, and says what has no down", async () => {
    const { code, events: seen } = await events("down");
    const order = [...resultsOf(seen)].filter(([, { status }]) => status === "changed").map(([task]) => task);
    expect(order).toEqual([tasks[7], tasks[3], tasks[2], tasks[1], tasks[0]]);
    expect(resultsOf(seen).get(tasks[4]!)!.message).toContain("left alone");
    expect(code).toBe(0);
    expect(await footprint()).toMatch(bare);
  }, 900_000);

  test("up again, it has what was pushed: the data survived", async () => {
    const { code } = await typed("run");
    expect(code).toBe(0);
    expect(await machine.must("curl -s http://registry.example.com:5000/v2/_catalog")).toBe('{"repositories":["busybox"]}\n');
  }, 900_000);
});
