import { jest } from "@jest/globals";
import type { Event } from "../../src/events/event.ts";
import { bowline } from "./cli.ts";
import { openSite, type Ran, type Site } from "./_site.ts";

jest.setTimeout(120_000);

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `edge${String(from + index).padStart(2, "0")}`);
const edge = numbered(1, 18);
const [retired, atWork] = ["edge18", numbered(1, 17)];
const collectors = ["col01", "col02"];

let fleet: Site;
beforeAll(async () => void (fleet = await openSite("fleet", [...edge, ...collectors])), 60_000);
afterAll(() => fleet?.stop());

const run = (playbook: string, ...more: string[]) => fleet.run(playbook, "--forks", "20", ...more);
const hostsWith = ({ results }: Ran, task: string, status: string) => results.filter((told) => told.task === task && told.result.status === status).map(({ host }) => host).sort();
const versions = (hosts: readonly string[]) => hosts.map((host) => fleet.read(host, "run/agent.state")?.trim());

test("lint finds nothing to mend", async () => {
  expect(await bowline(["lint", "playbooks/fleet"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d\d files, nothing found\n$/) });
});

test("the script and the file are one inventory, with what the script says of each host", async () => {
  const listed = JSON.parse((await fleet.bowline("inventory", "-i", "inventory", "--list")).stdout) as { _meta: { hostvars: Record<string, unknown> } } & Record<string, unknown>;
  expect(listed["gpu"]).toEqual({ hosts: ["edge11", "edge14", "edge17"] });
  expect(listed._meta.hostvars[retired]).toMatchObject({ retired: true, uplink: "satellite", timezone: "Europe/Athens" });
  expect((await fleet.bowline("inventory", "-i", "inventory", "--list-hosts", "edge:!south:!edge[0:6]")).stdout.trim().split(/\s+/).slice(-2)).toEqual(["edge08", "edge09"]);
});

test("check predicts the whole fleet, and touches nobody", async () => {
  const checked = await run("site.yml", "--check");
  expect(checked.results.filter(({ result }) => result.status === "failed")).toEqual([]);
  expect(hostsWith(checked, "The directories are there", "changed")).toEqual([...collectors, ...atWork]);
  expect(fleet.read("edge01", "etc/hosts")).toBeUndefined();
  expect(checked.code).toBe(0);
});

describe("a run", () => {
  let ran: Ran;
  beforeAll(async () => void (ran = await run("site.yml")));

  test("brings everything to everybody but the retired one", () => {
    expect({ code: ran.code, failed: ran.results.filter(({ result }) => result.status === "failed"), stderr: ran.stderr }).toEqual({ code: 0, failed: [], stderr: "" });
    expect(versions([...atWork, ...collectors])).toEqual([...atWork, ...collectors].map(() => "1.4"));
    expect(ran.results.filter(({ host, result }) => host === retired && result.status === "changed")).toEqual([]);
    expect(fleet.read("edge01", "etc/timezone")).toBe("Europe/Oslo\n");
  });

  test("every host knows every host, by variables that the CMDB gave", () => {
    const lines = [...collectors.map((name, index) => `10.9.0.${index + 1} ${name}`), ...atWork.map((name, index) => `10.9.1.${index + 1} ${name}`)];
    expect(fleet.read("edge07", "etc/hosts")).toBe(`127.0.0.1 localhost\n${lines.join("\n")}\n`);
  });

  test("the collectors know what hosts of another play found out about themselves", () => {
    expect(fleet.read("col02", "etc/members")).toBe(`cluster of col01 and col02\n${atWork.map((name, index) => `${name} 10.9.1.${index + 1} r${((index + 1) % 3) + 1} SN-${name}\n`).join("")}`);
  });

  test("a group's role is for its hosts alone", () => {
    expect(edge.filter((host) => fleet.read(host, "etc/gpu.conf") !== undefined)).toEqual(["edge11", "edge14", "edge17"]);
    expect(fleet.read("edge11", "etc/gpu.conf")).toMatch(/^driver 550 in rack r3, \d+ threads\n$/);
  });

  test("the mirror served three at a time, and free hosts did not wait for each other", () => {
    expect(most(ran.events, "Packages come from the mirror")).toBe(3);
    const further = placesOf(ran.events, "What differs between systems");
    expect(Math.min(...further)).toBeLessThan(Math.max(...placesOf(ran.events, "Packages come from the mirror")));
  });

  test("the job went on by itself, and nothing is kept of it", () => {
    expect(collectors.map((host) => fleet.read(host, "log/index"))).toEqual(["building\n", "building\n"]);
    expect(fleet.read("col01", "index")).toContain("version 1.4\n");
    expect(hostsWith(ran, "Nothing is kept of the job", "changed")).toEqual(collectors);
  });

  test("the handler ran once on each", () => {
    expect([...atWork, ...collectors].map((host) => fleet.read(host, "log/restarts"))).toEqual([...atWork, ...collectors].map(() => "restarted\n"));
  });

  test("a second one changes nothing", async () => {
    const again = await run("site.yml");
    expect({ code: again.code, changes: again.changes }).toEqual({ code: 0, changes: [] });
  });
});

test("--limit and --tags keep to their part", async () => {
  const ran = await run("site.yml", "--limit", "gpu,col01", "--tags", "agents", "-e", "agent_interval=60");
  expect([...new Set(ran.changes.map((change) => change.split(":")[0]))].sort()).toEqual(["col01", "edge11", "edge14", "edge17"]);
  expect(fleet.read("edge11", "etc/agent.conf")).toContain("interval 60\n");
  expect(fleet.read("edge12", "etc/agent.conf")).toContain("interval 30\n");
  expect((await run("site.yml", "--limit", "@who.txt", "--list-hosts")).code).toBe(1);
});

describe("a new agent", () => {
  const rehearse = (version: string, ...hosts: string[]) => ["-e", JSON.stringify({ agent_version: version, rehearse_failure_on: hosts })];

  test("that does not start on a canary reaches nobody else", async () => {
    const ran = await run("agents.yml", ...rehearse("1.5", "edge01"));
    expect(ran.code).toBe(2);
    expect(hostsWith(ran, "The agent of the canary reports", "failed")).toEqual(["edge01"]);
    expect(versions(["edge01", "edge02"])).toEqual([undefined, "1.5"]);
    expect(versions([...atWork.slice(2), ...collectors])).toEqual([...atWork.slice(2), ...collectors].map(() => "1.4"));
    expect(ran.events.flatMap((event) => (event.type === "warning" ? [event.message] : []))).toContainEqual(expect.stringMatching(/failed on edge01, and any_errors_fatal ends the play for all/));
  });

  test("may fail on one of the others", async () => {
    const ran = await run("agents.yml", ...rehearse("1.6", "edge05"));
    expect(ran.code).toBe(2);
    expect(hostsWith(ran, "The agent reports", "failed")).toEqual(["edge05"]);
    expect(versions([...atWork, ...collectors])).toEqual([...atWork, ...collectors].map((host) => (host === "edge05" ? undefined : "1.6")));
    expect(ran.results.map(({ task }) => task)).toContain("The index is built");
  });

  test("that fails on more is stopped before it is everywhere", async () => {
    const ran = await fleet.run("agents.yml", "--forks", "2", ...rehearse("1.7", "edge03", "edge04"));
    expect(ran.code).toBe(2);
    expect(versions(["edge01", "edge02"])).toEqual(["1.7", "1.7"]);
    expect(versions(atWork.slice(10))).toEqual(atWork.slice(10).map(() => "1.6"));
    expect(ran.results.map(({ task }) => task)).not.toContain("The index is built");
  });
});

/** How many hosts at most were at work on a task at the same time. */
function most(events: readonly Event[], name: string): number {
  const task = idOf(events, name);
  let [now, highest] = [0, 0];
  for (const event of events) {
    if (event.type === "host:start" && event.task === task) highest = Math.max(highest, (now += 1));
    if (event.type === "host:end" && event.task === task) now -= 1;
  }
  return highest;
}

/** Where among all events hosts began a task. */
function placesOf(events: readonly Event[], name: string): number[] {
  const task = idOf(events, name);
  return events.flatMap((event, index) => (event.type === "host:start" && event.task === task ? [index] : []));
}

function idOf(events: readonly Event[], name: string): string | undefined {
  return events.flatMap((event) => (event.type === "run:start" ? event.plays.flatMap((play) => play.tasks) : [])).find((task) => task.name === name)?.task;
}
