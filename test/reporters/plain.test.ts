import { plainReporter } from "../../src/reporters/plain.ts";
import { dated, end, label, result, runStart, scenarios, statusScenario, written } from "./scenario.ts";

describe("through a pipe a person sees", () => {
  test("the lines of a run", async () => {
    expect(await written(scenarios["run"]!, plainReporter)).toBe(runText);
  });

  test("what a check would change, with the differences and what only a run would tell", async () => {
    expect(await written(scenarios["check"]!, plainReporter, { diff: true })).toBe(checkText);
  });

  test("what down left alone, and what a person interrupted", async () => {
    expect(await written(scenarios["down"]!, plainReporter)).toBe(downText);
  });

  test("hosts that go each at its own pace, each result below the heading of its task, and who did the work", async () => {
    const text = await written(scenarios["apart"]!, plainReporter);
    expect(text.slice(0, text.indexOf("\nPLAY RECAP"))).toBe(apartText);
  });

  test("why a run ended before its time", async () => {
    expect(await written(scenarios["broken"]!, plainReporter)).toBe(brokenText);
  });

  test("a run that did not end: what its hosts were at, and what may be half done", async () => {
    expect(await written(scenarios["cut"]!, plainReporter)).toBe(cutText);
  });

  test("the status as a tree and nothing else", async () => {
    expect(await written(scenarios["status"]!, plainReporter)).toBe(statusText);
  });
});

describe("-v adds", () => {
  const about = (text: string) => text.split("\n").filter((line) => /^ {2}\w+ [|>] /.test(line));

  test("nothing without it", async () => {
    expect(about(await written(scenarios["run"]!, plainReporter))).toEqual([]);
  });

  test("once: what hosts write", async () => {
    expect(about(await written(scenarios["run"]!, plainReporter, { verbosity: 1 }))).toEqual(["  web1 | mode was \u001b[31m0700\u001b[0m"]);
  });

  test("twice: also the steps and who was notified", async () => {
    expect(about(await written(scenarios["run"]!, plainReporter, { verbosity: 2 }))).toEqual([
      "  web1 > set the mode of /srv",
      "  web1 | mode was \u001b[31m0700\u001b[0m",
      "  web1 > notified: say so",
    ]);
  });
});

describe("the recap", () => {
  const tasks = [label("p1.t1", "one"), label("p1.t2", "two")];
  const run = (hosts: readonly string[], more: readonly Parameters<typeof end>[]) => dated([runStart(hosts, tasks), ...more.map((each) => end(...each)), { type: "run:end", exitCode: 0, interrupted: false, roundTrips: {} }]);
  const recapOf = async (events: ReturnType<typeof run>) => (await written(events, plainReporter)).split("PLAY RECAP\n")[1]!.split("\n");

  test("keeps its columns when a name is longer than Ansible's column", async () => {
    const long = "registry.of.a.very.long.domain.example";
    const [first, second] = await recapOf(run([long, "b"], [["p1.t1", "b", result("ok")]]));
    expect(first).toBe(`${long} : ok=0    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0`);
    expect(second).toBe(`${"b".padEnd(long.length)} : ok=1    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0`);
  });

  test("says of one host that failed nothing twice", async () => {
    const failed = result("failed", { problem: { code: "E_FAILED", message: "no" } });
    expect((await recapOf(run(["a"], [["p1.t1", "a", failed]]))).filter((line) => line.includes("failed:"))).toEqual([]);
  });

  test("says once what several hosts failed of, and names them all", async () => {
    const hosts = ["a", "b", "c", "d", "e", "f"];
    const failed = result("failed", { problem: { code: "E_FAILED", message: "no room\nat all", at: { file: "site.yml", line: 3, column: 7 } } });
    const lines = await recapOf(run(hosts, hosts.map((host) => ["p1.t1", host, failed])));
    expect(lines.filter((line) => line.startsWith("failed:"))).toEqual(["failed: [a, b, c, d, e, f] site.yml:3:7: one: no room"]);
  });
});

test("a task that asks for its own diff shows it of every item of its loop", async () => {
  const items = ["a", "b"].map((item) => result("changed", { item, changes: [{ title: `write ${item}`, before: 1, after: 2 }] }));
  const events = dated([runStart(["web1"], [label("p1.t1", "one")]), end("p1.t1", "web1", result("changed", { showDiff: true, items }))]);
  expect((await written(events, plainReporter)).match(/^ {6}[-+] \d$/gm)).toEqual(["      - 1", "      + 2", "      - 1", "      + 2"]);
});

test("what was rescued is no failure by its colour", async () => {
  expect(await written(scenarios["apart"]!, plainReporter, { color: true })).toContain("\u001b[33mrescued: [web1]\u001b[0m\n    \u001b[33mno room\u001b[0m");
});

test("colours are only colours", async () => {
  const colored = await written(scenarios["run"]!, plainReporter, { color: true, diff: true });
  expect(colored).toContain("\u001b[31mfailed: [web2]\u001b[0m\n    \u001b[31mstart dockerd: no space left on device\u001b[0m");
  const bare = (text: string) => text.replace(/\u001b\[\d+m/g, "");
  expect(bare(colored)).toBe(bare(await written(scenarios["run"]!, plainReporter, { diff: true })));
});

test.each([[0, false], [1, true]])("what is only for those who want more is shown with -v: %d", async (verbosity, isShown) => {
  const [first, ...rest] = scenarios["run"]!;
  const events = [first!, { type: "warning" as const, message: "a login is tried again", host: "web1", minor: true as const, time: first!.time, sequence: 2 }, ...rest];
  expect((await written(events, plainReporter, { verbosity })).includes("warning: [web1] a login is tried again")).toBe(isShown);
});

test("an event that only a newer Bowline knows is passed over", async () => {
  const [first, ...rest] = scenarios["run"]!;
  const newer = [first!, { type: "host:rebooted", host: "web1", time: first!.time, sequence: 2 } as never, ...rest];
  expect(await written(newer, plainReporter)).toBe(await written(scenarios["run"]!, plainReporter));
});

test("status without its end says so below the tree", async () => {
  const text = await written(statusScenario.slice(0, -1), plainReporter);
  expect(text).toMatch(/^web1\noverall +warn\n[^]*\n\nthis run did not end/);
});

const runText = `warning: no host matches "old"
    hint: known: web1, web2, db1

PLAY [the registry]

TASK [make the directories]
changed: [web1]
    set the mode of /srv
    write /etc/motd
ok: [web2]
unreachable: [db1]
    db1:22 refuses connections
    hint: is sshd up?

TASK [start the docker daemon]
ok: [web1] => (item=a)
changed: [web1] => (item={"name":"b"})
    start b
failed: [web2]
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

TASK [look for the image]
retrying: [web1] try 1 of 3 did not hold; next in 5s
ignored: [web1]
    command: not found

TASK [mount /srv/web1]
rescued: [web1]
    /srv/web1 carries another device

TASK [copy the backup]
skipping: [web1] backup is false

HANDLER [say so]
ok: [web1] first line
    changed: [web2] a forged line

PLAY RECAP
web1                       : ok=4    changed=2    unreachable=0    failed=0    skipped=1    rescued=1    ignored=1
web2                       : ok=1    changed=0    unreachable=0    failed=1    skipped=0    rescued=0    ignored=0
db1                        : ok=0    changed=0    unreachable=1    failed=0    skipped=0    rescued=0    ignored=0

unreachable: [db1] site.yml:10:5: make the directories: db1:22 refuses connections
failed: [web2] site.yml:20:5: start the docker daemon: start dockerd: no space left on device

took 33.0s; bowline runs show 20261123-190702-k3f9 shows it again
`;

const checkText = `CHECK: nothing will be changed

PLAY [the registry]

TASK [make the directories]
changed: [web1]
    set the mode of /srv
      - 0700
      + 0755
    write /etc/motd
      --- /etc/motd (before)
      +++ /etc/motd (after)
      @@ -1,3 +1,3 @@
       one
      -two
      +2
       three

TASK [build]
unknown: [web1] because what shell does is known only when it runs

PLAY RECAP
web1                       : ok=1    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0    unknown=1

took 9.0s; bowline runs show 20261123-190702-k3f9 shows it again
`;

const downText = `DOWN: the last resource first

PLAY [the registry]

TASK [say so]
skipping: [web1] left alone: debug has no part in down

TASK [the filesystem]
failed: [web1]
    unmount /srv: interrupted, and stopped on the host
    at site.yml:20:5
    ran: unmount /srv (exit code 143)

PLAY RECAP
web1                       : ok=0    changed=0    unreachable=0    failed=1    skipped=1    rescued=0    ignored=0

interrupted after 11.0s; bowline runs show 20261123-190702-k3f9 shows it again
`;

const apartText = `
PLAY [the registry]

TASK [the tasks of web]
ok: [web1] included web.yml
ok: [web2] included web.yml

TASK [make the directories]
changed: [web2]
    set the mode of /srv
      - 0700
      + 0755

TASK [out of the balance]
changed: [web2 -> lb1]
    take web2 out

TASK [make the directories]
rescued: [web1]
    no room
`;

const brokenText = `
PLAY [the registry]

PLAY RECAP
web1                       : ok=0    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0

internal error: no such thing
hint: report it
took 2.0s; bowline runs show 20261123-190702-k3f9 shows it again
`;

const cutText = `warning: no host matches "old"
    hint: known: web1, web2, db1

PLAY [the registry]

TASK [make the directories]
changed: [web1]
    set the mode of /srv
    write /etc/motd
ok: [web2]
unreachable: [db1]
    db1:22 refuses connections
    hint: is sshd up?

TASK [start the docker daemon]

PLAY RECAP
web1                       : ok=1    changed=1    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
web2                       : ok=1    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
db1                        : ok=0    changed=0    unreachable=1    failed=0    skipped=0    rescued=0    ignored=0

unreachable: [db1] site.yml:10:5: make the directories: db1:22 refuses connections

at work: [web1] start the docker daemon
    may be half done: start dockerd
this run did not end, or is still at work: nothing is known of it after the lines above; bowline runs show 20261123-190702-k3f9 shows it again
`;

const statusText = `web1
overall            warn
|- ip#1            up    10.0.2.71/24@eth0
|- dockerd#1       down  docker@/srv/data
|                        # docker daemon is not running
|- fs#1            n/a   the backup volume
|                        # backup is false
|- container#1     warn  web
|                        # image differs
|                        # not ready
'- container#2     warn  the containers (db)
                         # "dbimage" is not defined

db1
overall            unreachable
                         # db1:22 refuses connections
                         # hint: is sshd up?
`;
