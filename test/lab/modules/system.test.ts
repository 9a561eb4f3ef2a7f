import { jest } from "@jest/globals";
import { openLab, type Lab, type Machine } from "../lab.ts";
import { bowlineOn, type Bowline, type Ran, type TaskText } from "../pipeline.ts";
import { ownRepository } from "./repository.ts";

/** Users, groups, packages, services and what `file` makes, through the whole of Bowline on one machine. */
jest.setTimeout(600_000);

let lab: Lab;
let machine: Machine;
let bowline: Bowline;
let publish: (name: string, version: string) => Promise<void>;

beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine("deb1");
  bowline = await bowlineOn(machine, "root");
  ({ publish } = await ownRepository(machine));
}, 600_000);

afterAll(async () => {
  await bowline?.remove();
  await lab?.close();
});

const problems = (ran: Ran) => ran.results.flatMap((result) => result.problem?.message ?? []);

/** What check mode says is what the run does, and the second run has nothing to do. */
async function converged(tasks: readonly TaskText[]): Promise<Ran> {
  const check = await bowline.run(tasks, "check");
  const run = await bowline.run(tasks);
  expect(problems(run)).toEqual([]);
  expect(run.changes).toEqual(check.changes);
  const again = await bowline.run(tasks);
  expect([again.exitCode, again.changes]).toEqual([0, []]);
  return run;
}

describe("users and groups", () => {
  test("a group and a user are made as described, and changed where they differ", async () => {
    await converged([{ group: { name: "crew", gid: 4711 } }]);
    const made = await converged([{ user: { name: "ada", uid: 4712, group: "crew", groups: ["sudo", "adm"], shell: "/bin/bash", comment: "Ada L", home: "/srv/people/ada", password: "$6$salt$hash" } }]);
    expect(made.changes).toEqual(["make the user ada", "change the password of ada"]);
    expect(await machine.must("getent passwd ada; getent shadow ada | cut -d: -f2; id -Gn ada; stat -c '%U:%G %F' /srv/people/ada; ls -A /srv/people/ada | head -1")).toBe("ada:x:4712:4711:Ada L:/srv/people/ada:/bin/bash\n$6$salt$hash\ncrew adm sudo\nada:crew directory\n.bash_logout\n");
    const changed = await converged([{ user: { name: "ada", groups: "adm", shell: "/bin/sh", password_lock: true } }, { group: { name: "crew", gid: 4713 } }]);
    expect(changed.changes).toEqual(["change the shell of ada from /bin/bash to /bin/sh", "take ada out of sudo", "lock the password of ada", "change the number of the group crew from 4711 to 4713"]);
    expect(await machine.must("getent shadow ada | cut -d: -f2; id -Gn ada")).toBe("!$6$salt$hash\ncrew adm\n");
  });

  test("the hash of a password is seen nowhere", async () => {
    const { results, steps } = await bowline.run([{ user: { name: "ada", password: "$6$salt$other" } }]);
    expect(JSON.stringify([results.map((result) => ({ ...result, task: null })), steps])).not.toContain("$other");
    expect(await machine.must("getent shadow ada | cut -d: -f2")).toBe("!$6$salt$other\n");
  });

  test("a group that somebody needs stays; who is gone is gone with the home", async () => {
    const kept = await bowline.run([{ group: { name: "crew", state: "absent" } }]);
    expect(kept.results[0]!.problem!.message).toMatch(/cannot remove the primary group/);
    await converged([{ user: { name: "ada", state: "absent", remove: true } }, { group: { name: "crew", state: "absent" } }]);
    expect((await machine.exec("ls /srv/people/ada || getent passwd ada || getent group crew")).code).not.toBe(0);
  });
});

describe("packages", () => {
  beforeAll(() => publish("tool", "1.0"));

  test("one that the lists do not know yet, a file, and their way back", async () => {
    const { steps } = await converged([{ apt: { name: "tool", update_cache: true } }]);
    expect(await machine.must("cat /opt/tool")).toBe("1.0\n");
    expect(steps[0]!.undo).toEqual([expect.objectContaining({ kind: "run", title: "remove tool" })]);
    await converged([{ package: { name: ["tool"], state: "absent" } }]);
    await converged([{ apt: { deb: "/var/tmp/repository/tool_1.0_all.deb" } }]);
  });

  test("the newest is known once the lists are new; a version can be named", async () => {
    await publish("tool", "2.0");
    expect((await bowline.run([{ package: { name: "tool", state: "latest" } }])).changes).toEqual([]);
    const { changes } = await bowline.run([{ package: { name: "tool", state: "latest", update_cache: true } }]);
    expect([changes, await machine.must("cat /opt/tool")]).toEqual([["read what the repositories have, and bring tool up to date"], "2.0\n"]);
    await converged([{ apt: { name: "tool=1*", allow_downgrade: true } }]);
    expect((await converged([{ apt: { name: "tool", state: "latest" } }])).changes).toEqual(["bring tool up to date"]);
  });

  test("what there is not is said in apt's words, and nothing is changed", async () => {
    const { results } = await bowline.run([{ apt: { name: "no-such-package" } }]);
    expect(results[0]!.problem!.message).toMatch(/Unable to locate package no-such-package/);
  });
});

describe("services", () => {
  const unit = (what: string) => ({ copy: { dest: "/etc/systemd/system/ticker.service", content: `[Service]\nExecStart=/bin/sleep ${what}\n[Install]\nWantedBy=multi-user.target\n` } });
  const on = { service: { name: "ticker", state: "started", enabled: true } };
  const pid = () => machine.must("systemctl show -p MainPID --value ticker");

  test("one that is new runs and is enabled, and is read anew when its file changes", async () => {
    await bowline.run([unit("10000")]);
    expect((await converged([on])).changes).toEqual(["enable ticker", "start ticker"]);
    await bowline.run([unit("10001")]);
    expect((await converged([on])).changes).toEqual(["read the changed file of ticker"]);
  });

  test("a restart is a restart each time", async () => {
    const before = await pid();
    const { changes, results } = await bowline.run([{ systemd: { name: "ticker.service", state: "restarted" } }]);
    expect([changes, results[0]!.status]).toEqual([["restart ticker.service"], "changed"]);
    expect(await pid()).not.toBe(before);
  });

  test("down stops it; masked, nothing starts it", async () => {
    expect((await bowline.run([on], "down")).changes).toEqual(["stop ticker"]);
    await converged([{ systemd_service: { name: "ticker", enabled: false } }]);
    await bowline.run([{ command: "mv /etc/systemd/system/ticker.service /usr/lib/systemd/system" }]);
    await converged([{ service: { name: "ticker", masked: true } }]);
    const refused = await bowline.run([on]);
    expect(refused.results[0]!.problem!.message).toBe("ticker is masked");
    await converged([{ service: { name: "ticker", masked: false, state: "started" } }]);
  });

  test("one that there is not", async () => {
    expect((await bowline.run([{ service: { name: "no-such", state: "started" } }])).results[0]!.problem!.message).toBe('there is no service "no-such" on this host');
  });
});

describe("files", () => {
  test("directories, links, empty files, and what is inside", async () => {
    await converged([{ file: { path: "/srv/app/v1", state: "directory", owner: "ops", mode: "u=rwx,g=rx,o=" } }]);
    await converged([{ file: { path: "/srv/app/current", src: "v1", state: "link" } }, { file: { path: "/srv/app/v1/log", state: "touch", owner: "ops", mode: "0600", modification_time: "preserve", access_time: "preserve" } }]);
    expect(await machine.must("stat -c '%a %U %N' /srv/app /srv/app/v1 /srv/app/current /srv/app/v1/log")).toBe("750 ops '/srv/app'\n750 ops '/srv/app/v1'\n777 root '/srv/app/current' -> 'v1'\n600 ops '/srv/app/v1/log'\n");
    await converged([{ file: { path: "/srv/app", state: "directory", recurse: true, owner: "root", group: "ops", mode: "g=rX" } }]);
    expect(await machine.must("stat -c '%a %U:%G' /srv/app/v1 /srv/app/v1/log")).toBe("750 root:ops\n640 root:ops\n");
    await converged([{ file: { path: "/srv/app/current", state: "absent" } }, { file: { path: "/srv/app", state: "absent" } }]);
    expect((await machine.exec("ls -d /srv/app")).code).not.toBe(0);
  });
});
