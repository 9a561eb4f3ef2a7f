import { jest } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { bowline, project } from "./cli.ts";
import { openSite, type Ran, type Site } from "./_site.ts";

jest.setTimeout(120_000);

const web = ["web01", "web02", "web03", "web04"];
const hosts = ["lb01", ...web, "db01", "db02", "mon01"];
const secrets = { db_password: "Kanarie-db-4711", replication_password: "Kanarie-repl-4712", payment_token: "Kanarie-token-4713" };

let shop: Site;
beforeAll(async () => {
  shop = await openSite("webshop", hosts);
  shop.write({
    "secrets.recipients": (await shop.bowline("secrets", "keygen")).stdout,
    "inventory/group_vars/all/secrets.yml": readFileSync(join(shop.dir, "secrets.example.yml"), "utf8").replace(/^(\w+): .*$/gm, (_, name: "db_password") => `${name}: ${secrets[name]}`),
  });
  expect(await shop.bowline("secrets", "encrypt", "inventory/group_vars/all/secrets.yml")).toMatchObject({ code: 0, stderr: "" });
  shop.write({ "inventory/group_vars/web.yml": readFileSync(join(shop.dir, "inventory/group_vars/web.yml"), "utf8") + encryptedValue("payment_token") });
}, 60_000);
afterAll(() => shop?.stop());

/** `printf %s VALUE | bowline secrets encrypt-value --name NAME`. */
function encryptedValue(name: keyof typeof secrets): string {
  const words = [process.execPath, join(project, "dist/main.js"), "secrets", "encrypt-value", "--name", name];
  return execFileSync(words[0]!, words.slice(1), { cwd: shop.dir, input: secrets[name], env: { ...process.env, HOME: shop.dir, NODE_OPTIONS: "" }, encoding: "utf8" });
}

const states = () => web.map((host) => /version=(\S+)/.exec(shop.read(host, "run/shop.state") ?? "")?.[1]);
const statuses = ({ results }: Ran, task: string) => Object.fromEntries(results.filter((told) => told.task === task).map(({ host, result }) => [host, result.status]));
const recapOf = ({ results }: Ran, status: string) => results.filter(({ result }) => result.status === status).map(({ host, task }) => `${host}: ${task}`);

describe("the project, before a host is asked", () => {
  test("is clean for lint, as it is checked in", async () => {
    const ended = await bowline(["lint", "playbooks/webshop"]);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d\d files, nothing found\n$/), stderr: "" });
  });

  test("says which variables it lacks when nobody made the secrets", async () => {
    const ended = await bowline(["run", "playbooks/webshop/site.yml", "-i", "playbooks/webshop/inventory", "--syntax-check"]);
    expect(ended.code).toBe(4);
    for (const name of ["db_password", "payment_token"]) expect(ended.stderr).toContain(`"${name}" is not defined`);
  });

  test("has its hosts from the file and from the script, ranges and groups of groups", async () => {
    const { stdout } = await shop.bowline("inventory", "-i", "inventory", "--graph");
    for (const word of ["@monitoring:", "mon01", "@tier:", "web04", "db02"]) expect(stdout).toContain(word);
    expect((await shop.bowline("inventory", "-i", "inventory", "--list-hosts", "tier:!db")).stdout.trim().split(/\s+/)).toEqual(expect.arrayContaining(["lb01", ...web]));
    const { stdout: explained } = await shop.bowline("inventory", "-i", "inventory", "--explain", "shop_workers", "--host", "web04");
    expect(explained).toMatch(/inventory group .*10-hosts.ini.* 4\n.*> .*host_vars.*web04.* 2/s);
  });

  test.each([
    ["--syntax-check", /site.yml: no mistakes found/],
    ["--list-hosts", /play #1: Databases\n {4}hosts \(2\):\n {6}db01\n {6}db02\n/],
    ["--list-tasks", /The balancer knows every web server +TAGS: \[lb\]\n/],
  ])("%s tells of it", async (option, words) => {
    const { code, stdout } = await shop.bowline("run", "site.yml", "-i", "inventory", option);
    expect(stdout).toMatch(words);
    expect(code).toBe(0);
  });
});

describe("the site", () => {
  test("check predicts what a bare site gets, and touches nothing", async () => {
    const checked = await shop.run("site.yml", "--check");
    expect(checked.stderr).toBe("");
    expect(recapOf(checked, "failed")).toEqual([]);
    expect(statuses(checked, "The directories of the site are there")).toEqual(Object.fromEntries(hosts.map((host) => [host, "changed"])));
    expect(hosts.filter((host) => shop.read(host, "etc/motd") !== undefined)).toEqual([]);
    expect(checked.code).toBe(0);
  });

  test("a run builds all of it", async () => {
    const built = await shop.run("site.yml");
    expect({ code: built.code, failed: recapOf(built, "failed") }).toEqual({ code: 0, failed: [] });
    expect(states()).toEqual(["1.0.0", "1.0.0", "1.0.0", "1.0.0"]);
    expect(shop.read("web01", "etc/shop.conf")).toBe(
      "# shop.example.com on web01\nlisten = 8080\nworkers = 4\nlog_level = info\n[database]\nhost = db01\nuser = shop\npassword_file = etc/db-password\n[cache]\nsize = 64M\nttl = 300s\n[features]\nbasket = on\ninvoices = on\nsearch = on\n",
    );
    expect(shop.read("web04", "etc/shop.conf")).toContain("workers = 2\n");
    expect(shop.read("lb01", "etc/balancer.cfg")).toMatch(/server web01 web01:8080 weight 100 check\n[^]*server web04 web04:8080 weight 50 check\n$/);
    expect(shop.read("db01", "etc/backup.cron")).toMatch(/^15 3 \* \* \* .*\/bin\/backup shop --keep 14\n$/);
    expect(shop.read("db02", "data/standby")).toBe("follow db01:5432\n");
    expect(shop.read("mon01", "etc/targets.yml")).toBe(
      `scrape_interval: 15s\njobs:\n  - name: shop\n    targets:\n${web.map((name) => `      - ${name}:8080\n`).join("")}  - name: database\n    targets:\n      - db01:5432\n      - db02:5432\n  - name: balancer\n    targets:\n      - lb01:8404\n`,
    );
    expect(shop.read("web01", "etc/motd")).toContain("Ask shop-team@example.com");
    expect(shop.read("mon01", "etc/motd")).toContain("Ask ops@example.com");
  });

  test("a handler ran once on each host, however many tasks notified it", () => {
    expect(web.map((host) => shop.read(host, "log/restarts")?.match(/restarted/g)?.length)).toEqual([1, 1, 1, 1]);
  });

  test("secrets are where they belong, with a mode of their own, and on no record", () => {
    expect(shop.read("web01", "etc/payment-token")).toBe(`${secrets.payment_token}\n`);
    expect(shop.read("db01", "data/passwords")).toBe(`shop:${secrets.db_password}\nreplication:${secrets.replication_password}\n`);
    expect(statSync(join(shop.dir, ".hosts/db01/data/passwords")).mode & 0o777).toBe(0o600);
    expect(shop.records()).toContain("run:end");
    expect(Object.values(secrets).filter((secret) => shop.records().includes(secret))).toEqual([]);
  });

  test("a second run changes nothing", async () => {
    const again = await shop.run("site.yml");
    expect({ code: again.code, changes: again.changes }).toEqual({ code: 0, changes: [] });
  });

  test("check predicts a changed setting exactly, and --limit and --tags keep to their part", async () => {
    const change = ["-e", '{"shop_workers": 8, "lb_algorithm": "source"}', "--tags", "web", "--limit", "web03,lb01"];
    const checked = await shop.run("site.yml", "--check", ...change);
    const done = await shop.run("site.yml", ...change);
    const wanted = ["web03: The shop has its configuration", "web03: Restart the shop"];
    expect(done.changes).toEqual(wanted);
    expect(checked.changes.filter((change) => change !== "web03: Note the restart")).toEqual(wanted);
    expect(shop.read("web03", "run/shop.state")).toContain("workers=8");
    expect(shop.read("web02", "run/shop.state")).toContain("workers=4");
    expect(shop.read("lb01", "etc/balancer.cfg")).toContain("balance leastconn");
    expect((await shop.run("site.yml")).changes).toEqual(wanted);
  });
});

describe("the rollout", () => {
  const backends = () => (shop.read("lb01", "log/backends") ?? "").trim().split("\n");
  const forget = () => shop.write({ ".hosts/lb01/log/backends": "", ".hosts/db01/log/migrations": "" });

  test("goes over a canary, half of the servers and the rest, each drained before and enabled after", async () => {
    const rolled = await shop.run("update.yml", "-e", "shop_version=2.0.0");
    expect({ code: rolled.code, failed: recapOf(rolled, "failed") }).toEqual({ code: 0, failed: [] });
    expect(states()).toEqual(["2.0.0", "2.0.0", "2.0.0", "2.0.0"]);
    const [canary, half, rest] = [backends().slice(0, 2), backends().slice(2, 6), backends().slice(6)];
    expect(canary).toEqual(["drain web01", "enable web01"]);
    expect([half.slice(0, 2).sort(), half.slice(2).sort()]).toEqual([["drain web02", "drain web03"], ["enable web02", "enable web03"]]);
    expect(rest).toEqual(["drain web04", "enable web04"]);
    expect(shop.read("db01", "log/migrations")).toMatch(/^\d+ 2\.0\.0\n$/);
  });

  test("leaves servers alone that are up to date", async () => {
    forget();
    const again = await shop.run("update.yml", "-e", "shop_version=2.0.0");
    expect({ code: again.code, changes: again.changes, backends: backends() }).toEqual({ code: 0, changes: [], backends: [""] });
  });

  test("a server that does not answer gets its old version back, and stops the rollout", async () => {
    forget();
    const rolled = await shop.run("update.yml", "-e", "shop_version=3.0.0", "-e", '{"rehearse_failure_on": ["web03"]}');
    expect(rolled.code).toBe(2);
    expect(states()).toEqual(["3.0.0", "3.0.0", "2.0.0", "2.0.0"]);
    expect(statuses(rolled, "The shop answers with the new version")).toEqual({ web01: "ok", web02: "ok", web03: "rescued" });
    expect(recapOf(rolled, "failed")).toEqual(["web03: The rollout knows that this server failed"]);
    expect(rolled.events.filter((event) => event.type === "retry" && event.host === "web03").length).toBeGreaterThanOrEqual(4);
    expect(rolled.events.filter((event) => event.type === "warning").map((event) => event.type === "warning" && event.message)).toContain("1 of 2 hosts of the batch failed, more than max_fail_percentage allows (49%)");
    // All three serve again, and the last one was never touched.
    expect(backends().filter((line) => line.startsWith("enable")).sort()).toEqual(["enable web01", "enable web02", "enable web03"]);
    expect(backends().join()).not.toContain("web04");
    expect(shop.read("web04", "releases/3.0.0/bin/shop")).toBeUndefined();
    expect(shop.read("db01", "log/migrations")).toMatch(/^\d+ 3\.0\.0\n$/);
  });

  test("a canary that does not answer is the only one that was touched", async () => {
    await shop.run("update.yml", "-e", "shop_version=3.0.0");
    forget();
    const rolled = await shop.run("update.yml", "-e", "shop_version=4.0.0", "-e", '{"rehearse_failure_on": ["web01"]}');
    expect(rolled.code).toBe(2);
    expect(states()).toEqual(["3.0.0", "3.0.0", "3.0.0", "3.0.0"]);
    expect(backends()).toEqual(["drain web01", "enable web01"]);
  });

  test("check says what a rollout would do, and drains nobody", async () => {
    forget();
    const checked = await shop.run("update.yml", "--check", "-e", "shop_version=5.0.0");
    expect(recapOf(checked, "failed")).toEqual([]);
    expect(statuses(checked, "The release is complete")).toEqual(Object.fromEntries(web.map((host) => [host, "unknown"])));
    expect({ backends: backends(), states: states() }).toEqual({ backends: [""], states: ["3.0.0", "3.0.0", "3.0.0", "3.0.0"] });
  });

  test("secrets are on no record of all these runs", () => {
    expect(Object.values(secrets).filter((secret) => shop.records().includes(secret))).toEqual([]);
  });
});
