import { jest } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { bowline, project } from "./cli.ts";
import { enter, sitDown } from "./pty.ts";
import { openSite, type Ran, type Site } from "./_site.ts";

jest.setTimeout(120_000);

const hosts = ["app1", "app2", "batch1"];
const secrets = { vault_db_password: "Kanarie-vault-4721", app_api_key: "Kanarie-inline-4722" };
const vault = ["--vault-password-file", ".vault-pw"];

let intranet: Site;
beforeAll(async () => {
  intranet = await openSite("legacy", hosts, "hosts.yml");
  intranet.write({ ".vault-pw": "swordfish\n", "group_vars/all/vault.yml": `---\nvault_db_password: ${secrets.vault_db_password}\n` });
  expect(await intranet.bowline("secrets", "encrypt", "--vault", ...vault, "group_vars/all/vault.yml")).toMatchObject({ code: 0, stderr: "" });
  const words = [join(project, "dist/main.js"), "secrets", "encrypt-value", "--vault", ...vault, "--name", "app_api_key"];
  const env = { ...process.env, HOME: intranet.dir, NODE_OPTIONS: "" };
  intranet.write({ "group_vars/app/key.yml": execFileSync(process.execPath, words, { cwd: intranet.dir, input: secrets.app_api_key, env, encoding: "utf8" }) });
}, 60_000);
afterAll(() => intranet?.stop());

const run = (...more: string[]) => intranet.run("site.yml", ...vault, ...more);
const of = ({ results }: Ran, status: string) => results.filter(({ result }) => result.status === status).map(({ host, task }) => `${host}: ${task}`).sort();

test("lint finds nothing to mend", async () => {
  expect(await bowline(["lint", "playbooks/legacy", "--profile", "min"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/nothing found\n$/) });
  // With the settings of the project, every rule that is left counts.
  expect(await bowline(["lint"], { cwd: join(project, "playbooks/legacy") })).toMatchObject({ code: 0, stdout: expect.stringMatching(/nothing found\n$/) });
});

test("the vault is one that ansible-vault would open", () => {
  expect(readFileSync(join(intranet.dir, "group_vars/all/vault.yml"), "utf8")).toMatch(/^\$ANSIBLE_VAULT;1\.1;AES256\n[0-9a-f]{80}\n/);
  expect(readFileSync(join(intranet.dir, "group_vars/app/key.yml"), "utf8")).toMatch(/^app_api_key: !vault \|\n {2}\$ANSIBLE_VAULT;1\.1;AES256\n/);
});

test("without its password nothing is begun, and the files that need it are named", async () => {
  const ended = await intranet.bowline("run", "site.yml", "-i", "hosts.yml", "--syntax-check");
  expect(ended.code).toBe(4);
  for (const place of ["group_vars/all/vault.yml:1:1", "group_vars/app/key.yml:1:21"]) expect(ended.stderr).toContain(place);
});

test("a run brings it all about", async () => {
  const ran = await run("-e", "change_ticket=CHG-7");
  expect({ code: ran.code, failed: of(ran, "failed"), stderr: ran.stderr }).toEqual({ code: 0, failed: [], stderr: "" });
  // local_action, run_once
  expect(readFileSync(join(intranet.dir, "change.log"), "utf8")).toBe("CHG-7 app1,app2,batch1\n");
  // include_vars with_first_found, by the family of this system
  expect(intranet.read("app1", "etc/ntp.conf")).toMatch(/^# Example Ltd: app1 \((apt|dnf|unknown)\)\nserver ntp1\.example\.com iburst prefer\nserver ntp2\.example\.com iburst\n$/);
  // with_fileglob, with_dict and its condition, with_subelements
  expect(readdirSync(join(intranet.dir, ".hosts/app1/profile.d"))).toEqual(["editor.sh", "proxy.sh"]);
  expect(readdirSync(join(intranet.dir, ".hosts/app1/home"))).toEqual(["ada", "grace"]);
  expect(intranet.read("app1", "home/ada/dev")).toBe("ada is in dev\n");
  // ignore_errors, and the condition on what it registered
  expect(of(ran, "ignored")).toEqual(hosts.map((host) => `${host}: is there an old agent`));
  expect(of(ran, "skipped")).toEqual(hosts.map((host) => `${host}: the old agent is stopped`));
  // import_role, include_role with tasks_from in a loop, hostvars of another host, its vaulted values
  expect(intranet.read("app1", "etc/app.ini")).toMatch(/^\[app\]\nthreads = 8\npeers = app2:2\ndistribution = \w+.*\n$/);
  expect(intranet.read("app2", "etc/green.conf")).toBe("listen 9002;\nname GREEN;\n");
  expect(statSync(join(intranet.dir, ".hosts/app1/etc/app.ini")).mode & 0o777).toBe(0o640);
  expect(intranet.read("app1", "etc/secret")).toBe(`${secrets.vault_db_password}:${secrets.app_api_key}\n`);
  // with_sequence, with_nested, with_together, environment, creates
  expect(readdirSync(join(intranet.dir, ".hosts/batch1/queue"))).toEqual(["first-run", "invoices.at", "job.sh", "q01", "q02", "q03", "reports.at"]);
  expect(readdirSync(join(intranet.dir, ".hosts/batch1/queue/q02"))).toEqual(["invoices", "reports"]);
  expect(intranet.read("batch1", "queue/first-run")).toBe(`C ${join(intranet.dir, ".hosts/batch1/queue")}\n`);
});

test("handlers ran once on each host", () => {
  expect(intranet.read("batch1", "log/restarts")).toBe("ntp\nothers\n");
  expect(intranet.read("app1", "log/restarts")).toBe(`ntp\nothers\n${join(intranet.dir, ".hosts/app1/www")} restarted\n`);
});

test("a second run changes nothing", async () => {
  const again = await run("-e", "change_ticket=CHG-7");
  expect({ code: again.code, changes: again.changes }).toEqual({ code: 0, changes: [] });
});

test("check predicts a change to the letter, without making it", async () => {
  const change = ["-e", '{"change_ticket": "CHG-7", "app_threads": 16}'];
  const checked = await run("--check", ...change);
  expect(intranet.read("app1", "etc/app.ini")).toContain("threads = 8\n");
  const ran = await run(...change);
  expect(intranet.read("app1", "etc/app.ini")).toContain("threads = 16\n");
  expect(ran.changes.toSorted()).toEqual(["app1: restart the application", "app1: settings of the application", "app2: restart the application", "app2: settings of the application"]);
  expect(of(checked, "changed")).toEqual(["app1: settings of the application", "app2: settings of the application"]);
  expect(checked.changes).toEqual(expect.arrayContaining([...ran.changes]));
  await run("-e", "change_ticket=CHG-7");
});

test("a page that does not work is rescued, and always leaves its note", async () => {
  const ran = await run("-e", '{"change_ticket": "CHG-7", "app_pages": "no html"}', "--tags", "deploy");
  expect(ran.code).toBe(0);
  expect(of(ran, "rescued")).toEqual(["app1: they can be read", "app2: they can be read"]);
  expect(intranet.read("app1", "www/index.html")).toBe("<html>Sorry: we are being repaired.</html>\n");
  expect(ran.results.find(({ task }) => task === "tell why")?.result.message).toMatch(/^they can be read failed: /);
  expect(ran.results.map(({ task }) => task)).toContain("leave a note");
});

test("what is tagged never runs only when it is asked for, on the hosts that --limit leaves", async () => {
  await run("-e", "change_ticket=CHG-7", "--tags", "wipe", "--limit", "app2");
  expect([existsSync(join(intranet.dir, ".hosts/app1/www")), existsSync(join(intranet.dir, ".hosts/app2/www"))]).toEqual([true, false]);
  const ran = await run("-e", "change_ticket=CHG-7", "--skip-tags", "batch");
  expect(ran.code).toBe(0);
  expect(intranet.read("app2", "www/index.html")).toBe("<html>Welcome to the intranet of Example Ltd</html>\n");
  expect(ran.results.map(({ host, task }) => `${host}: ${task}`)).not.toContain("batch1: queues");
});

test("who sits at a terminal is asked for the ticket; who does not gets its default", async () => {
  const typed = ["run", "site.yml", "-i", "hosts.yml", "-i", ".lab.json", ...vault, "--tags", "none-of-them"];
  const { screen, type, ended } = sitDown(typed, { cwd: intranet.dir, env: { BOWLINE_STATE_DIR: join(intranet.dir, ".state"), HOME: intranet.dir } });
  await screen.showing("Which ticket is this for?");
  type(`CHG-8${enter}`);
  expect(await ended).toBe(0);
  expect(readFileSync(join(intranet.dir, "change.log"), "utf8")).toMatch(/^CHG-8 /);
  await run("--tags", "none-of-them");
  expect(readFileSync(join(intranet.dir, "change.log"), "utf8")).toMatch(/^none /);
});

test("secrets are on no record of all these runs", () => {
  expect(intranet.records()).toContain("run:end");
  expect(Object.values(secrets).filter((secret) => intranet.records().includes(secret))).toEqual([]);
});
