import { jest } from "@jest/globals";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Answer, Step } from "../../src/core/step.ts";
import { ControllerFiles } from "../../src/load/files.ts";
import { bindArgs } from "../../src/modules/bind.ts";
import type { ArgsShape, Bound, Resource } from "../../src/modules/contract.ts";
import { registry } from "../../src/modules/registry.ts";
import { createTransport } from "../../src/transport/open.ts";
import { resolveTarget } from "../../src/transport/target.ts";
import type { Connection, Request, Session } from "../../src/transport/transport.ts";
import { openLab, type Lab, type Machine } from "./lab.ts";
import { ownRepository } from "./modules/repository.ts";
import { bowlineOn, type Bowline, type Ran, type TaskText } from "./pipeline.ts";

/**
 * The laws of the module contract, for every resource of the registry, through the whole of Bowline on one real
 * machine. The resources stand on each other, so they go up in the order of a playbook and come down in the reverse one.
 */
jest.setTimeout(900_000);

interface Case {
  readonly module: string;
  /** As they stand in the playbook. */
  readonly args: TaskText;
  /** What the engine makes of those that it resolves. */
  readonly resolved?: (lab: Lab) => Promise<TaskText>;
}

const socket = "/run/dockerd-laws.sock";

const cases: readonly Case[] = [
  { module: "ip", args: { address: "10.0.2.71", dev: "eth0", label: "eth0:laws" } },
  { module: "vg", args: { name: "vgregistry" } },
  { module: "fs", args: { device: "/dev/vgregistry/lvdockerdata", path: "/srv/laws/docker", options: "noatime" } },
  { module: "dockerd", args: { name: "laws", data_root: "/srv/laws/docker", filesystem: "/srv/laws/docker", start_timeout: 240 } },
  { module: "image", args: { name: "busybox:latest", socket, archive: "busybox.tar" }, resolved: async (lab) => ({ archive: await new ControllerFiles("/").localFile(lab.images.busybox) }) },
  { module: "container", args: { name: "laws", image: "busybox:latest", socket, command: "sleep 10000", env: { A: "it's" }, stop_timeout: 1, settle: 1 } },
  { module: "directory", args: { path: "/srv/laws/docker/a b/c", mode: "2750", owner: "ops" } },
  { module: "copy", args: { dest: "/srv/laws/docker/a b/c/it's", content: "a\n", mode: "0600", owner: "ops" } },
  { module: "template", args: { dest: "/srv/laws/docker/a b/t", src: "laws.hbs" }, resolved: () => Promise.resolve({ src: "of deb1\n" }) },
  { module: "file", args: { path: "/srv/laws-file", state: "directory", mode: "u=rwx,g=rx,o=", owner: "ops" } },
  { module: "lineinfile", args: { path: "/run/laws", regexp: "^port ", line: "port 2" } },
  { module: "blockinfile", args: { path: "/run/laws", block: "it's\na block", insertbefore: "BOF" } },
  { module: "replace", args: { path: "/run/laws", regexp: "old$", replace: "new" } },
  { module: "group", args: { name: "laws-group", gid: 4711 } },
  { module: "user", args: { name: "laws", group: "laws-group", groups: ["sudo"], comment: "It's law", home: "/srv/laws-home" } },
  { module: "apt", args: { name: "laws-tool=1*" } },
  { module: "package", args: { name: "laws-more" } },
  { module: "get_url", args: { url: "http://127.0.0.1:8099/laws.service", dest: "/srv/laws-url", mode: "u=rw,g=r,o=" } },
  { module: "service", args: { name: "laws", state: "started", enabled: true } },
];

/** What stays when a playbook is brought down, and is neither up nor down before. */
const lasting = ["apt", "blockinfile", "copy", "file", "get_url", "group", "lineinfile", "package", "replace", "template", "user"];

/** The same under another name, and what the lab's machines, which have no rpm, cannot have. */
const elsewhere = { systemd: "service", systemd_service: "service", yum: "dnf", dnf: "unit tests" };

let lab: Lab;
let machine: Machine;
let bowline: Bowline;
let connection: Connection;
let session: Session;

beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine("deb1");
  bowline = await bowlineOn(machine, "root");
  await mkdir(join(bowline.dir, "templates"));
  await writeFile(join(bowline.dir, "templates", "laws.hbs"), "of {{ inventory_hostname }}\n");
  await machine.must("printf 'port 1\\nan old\\n' >/run/laws; printf '[Service]\\nExecStart=/bin/sleep 99999\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/laws.service");
  const { publish } = await ownRepository(machine);
  await publish("laws-tool", "1.0");
  await publish("laws-more", "1.0");
  await machine.must("setsid busybox httpd -f -p 127.0.0.1:8099 -h /etc/systemd/system >/dev/null 2>&1 </dev/null & until curl -sf http://127.0.0.1:8099/laws.service; do sleep 0.2; done");
  await machine.must("apt-get -q update");
  const { host, port, identityFile, knownHostsFile } = machine.ssh;
  const target = resolveTarget("deb1", { ssh: { host, port, user: "root", identity_file: identityFile, known_hosts_file: knownHostsFile } });
  connection = await createTransport({ onWarning: () => undefined }).connect(target, { signal: new AbortController().signal });
  session = await connection.session();
}, 600_000);

afterAll(async () => {
  await connection?.close();
  await bowline?.remove();
  await lab?.close();
});

test("every resource of the registry has its case here", () => {
  const resources = [...registry.values()].filter((module) => module.kind === "resource").map((module) => module.name);
  expect([...cases.map((each) => each.module), ...Object.keys(elsewhere)].sort()).toEqual(resources);
});

const taskOf = ({ module, args }: Case): TaskText => ({ [module]: module === "image" ? { ...args, archive: lab.images.busybox } : args });
const resourceOf = ({ module }: Case) => registry.get(module) as Resource<ArgsShape, unknown>;
const at = { file: "laws.yml", line: 1, column: 1 };

async function boundOf(one: Case): Promise<Bound<ArgsShape>> {
  return bindArgs(resourceOf(one), { ...one.args, ...(await one.resolved?.(lab)) }, () => at, at);
}

async function observed(one: Case): Promise<unknown> {
  const args = await boundOf(one);
  const [reply] = await session.ask([{ kind: "script", script: resourceOf(one).observe(args) }]);
  const answer: Answer = { code: reply!.code, stdout: reply!.stdout.toString(), stderr: reply!.stderr.toString() };
  return resourceOf(one).parse(answer, args);
}

/** What is left to do, by a plan from a look of its own. */
async function planned(one: Case): Promise<string[]> {
  return resourceOf(one).plan(await boundOf(one), await observed(one)).map((change) => change.title);
}

/**
 * All that a module could change: mounts, addresses, accounts, tags and activation, processes, and the files of the places that
 * the cases touch and of those where configuration lives. Left out: what dockerd leaves behind (its networks,
 * /opt/containerd) and LVM's own backups.
 */
async function fingerprint(): Promise<string[]> {
  const text = await machine.must(`
    cut -d ' ' -f 1-4 /proc/mounts | grep -v /netns/ | sed 's/^/mount /'
    ip -o addr | grep -Ev 'docker0|veth' | sed 's/ *valid_lft.*//; s/^/address /'
    vgs --noheadings -o vg_name,vg_tags,vg_attr | sed 's/^/group /'
    lvs --noheadings -o lv_name,lv_active | sed 's/^/volume /'
    ps -eo ppid=,args= | awk '$1 != 2 { $1 = ""; print "process" $0 }' | grep -Ev 'sshd|systemd|udev-worker|agetty|defunct|/dev/fd/3|ps -eo|awk|grep|^process (-?sh|bash|sort|sleep 60|sleep 15)( |$)' | sort
    sed 's/^/account /' /etc/passwd /etc/group /etc/subuid
    find /etc /srv /root /opt /usr/local /var/tmp -xdev -path /srv/laws/docker -prune -o -type d -printf 'directory %p %m %u %g\\n' -o -printf 'file %p %y %m %u %g %s %T@\\n' | grep -Ev '^[a-z]* /(etc/lvm|etc/docker|opt/containerd|etc/(passwd|shadow|group|gshadow|subuid|subgid)-?)(/| )' | sort
  `);
  return text.trimEnd().split("\n").map((line) => line.trimEnd());
}

/** The undo steps of a run, the last first, sent as a later undo would send them. */
async function undone(ran: Ran): Promise<void> {
  for (const { undo, change } of ran.steps.toReversed()) {
    expect({ change, undo }).toEqual({ change, undo: expect.any(Array) });
    const requests = (undo as unknown as Step[]).map((step): Request => (step.kind === "run" ? { kind: "script", script: step.script, ...(step.stdin === undefined ? {} : { stdin: step.stdin }) } : (step as Request)));
    const replies = await session.ask(requests);
    expect(replies.map(({ code, stderr }) => ({ change, code, stderr: code === 0 ? "" : stderr.toString() }))).toEqual(requests.map(() => ({ change, code: 0, stderr: "" })));
  }
}

const rises: Ran[] = [];
const before: { readonly seen: unknown; readonly host: readonly string[] }[] = [];

describe("on the way up", () => {
  test.each(cases.map((one, index) => [one.module, one, index] as const))("%s: check changes nothing and predicts what the run does; then nothing is left to do", async (_, one, index) => {
    before[index] = { seen: await observed(one), host: await fingerprint() };
    const check = await bowline.run(taskOf(one), "check");
    expect([check.exitCode, check.results.map((result) => result.status)]).toEqual([0, ["changed"]]);
    expect({ seen: await observed(one), host: await fingerprint() }).toEqual(before[index]);
    const run = await bowline.run(taskOf(one));
    expect(run.results.map((result) => result.problem?.message)).toEqual([undefined]);
    expect(run.changes).toEqual(check.changes);
    expect(await planned(one)).toEqual([]);
    rises[index] = run;
  });

  test("a second run and status change nothing", async () => {
    const everything = async () => {
      const seen: unknown[] = [];
      for (const one of cases) seen.push([one.module, await observed(one)]);
      return { seen, host: await fingerprint() };
    };
    const still = await everything();
    const again = await bowline.run(cases.map(taskOf));
    expect([again.exitCode, again.changes, again.results.map((result) => result.status)]).toEqual([0, [], cases.map(() => "ok")]);
    const status = await bowline.run(cases.map(taskOf), "status");
    expect(status.results.map((result) => [result.state?.state, result.state?.remarks])).toEqual(cases.map(({ module }) => [[...lasting, "directory"].includes(module) ? "n/a" : "up", []]));
    expect(await everything()).toEqual(still);
  });
});

describe("on the way down", () => {
  let fall: Ran;

  test("down brings everything down that has a down, proves it, and does nothing the second time", async () => {
    // What down leaves alone lies in the filesystem that it unmounts, and must not keep the directory.
    await machine.must("rm -f '/srv/laws/docker/a b/c/it'\\''s' '/srv/laws/docker/a b/t'");
    fall = await bowline.run(cases.map(taskOf), "down");
    expect(fall.results.map((result) => result.problem?.message).filter(Boolean)).toEqual([]);
    const again = await bowline.run(cases.map(taskOf), "down");
    expect([again.exitCode, again.changes]).toEqual([0, []]);
    const status = await bowline.run(cases.map(taskOf), "status");
    expect(status.results.filter((result) => result.state!.state === "up")).toEqual([]);
  });

  test("undo of down brings it up again: nothing is left to do", async () => {
    await undone(fall);
    for (const one of cases.filter(({ module }) => !lasting.includes(module))) expect([one.module, await planned(one)]).toEqual([one.module, []]);
  });
});

describe("undo of the run", () => {
  test("brings back what was seen before, of each resource, in reverse order", async () => {
    const again = await bowline.run(cases.filter(({ module }) => ["copy", "template"].includes(module)).map(taskOf));
    expect(again.changes).toHaveLength(2);
    for (const [index, one] of [...cases.entries()].toReversed()) {
      await undone(rises[index]!);
      // A daemon leaves its bridge behind; to the address's look it would be new.
      if (one.module === "dockerd") await machine.must("ip link del docker0");
      expect([one.module, await observed(one)]).toEqual([one.module, before[index]!.seen]);
      expect([one.module, await fingerprint()]).toEqual([one.module, before[index]!.host]);
    }
  });
});

