import { jest } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { eventSchema } from "../reporters/schema.ts";
import { expectWords, makeProject, type Project } from "./_project.ts";
import { eventsOf, project as repository, startBowline } from "./cli.ts";
import { ctrlC, enter, sitDown, type SittingOptions } from "./pty.ts";

jest.setTimeout(120_000);

const playbook = `- name: the site
  hosts: all
  tasks:
    - name: write {{ inventory_hostname }}'s motd
      copy: { dest: "{{ root }}/motd", content: "welcome\\n" }
      notify: say so
    - name: count
      shell: for i in 1 2 3; do echo counting $i; done
    - name: look for what is not there
      command: cat {{ root }}/missing
      ignore_errors: true
    - name: break
      command: sh -c 'echo out; echo the disk is full >&2; exit 7'
  handlers:
    - name: say so
      debug: { msg: the motd is new }
`;

/** Goes on until it is told to stop. */
const endless = `- name: the site
  hosts: all
  tasks:
    - name: wait
      shell: echo waiting; sleep 600
`;

let site: Project;
beforeEach(() => {
  site = makeProject();
  site.write({ "site.yml": playbook, "endless.yml": endless, inventory: `web1 ansible_connection=local root=${site.dir}\n` });
});
afterEach(() => site.remove());

describe("a run through a pipe", () => {
  test("says of what failed the cause, the place, what ran, its exit code and its last words", async () => {
    const { code, stdout, stderr } = await site.run("run", "site.yml");
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
    expect(stdout).toContain(`TASK [write web1's motd]\nchanged: [web1]\n`);
    expect(stdout).toContain(`failed: [web1]
    sh -c 'echo out; echo the disk is full >&2; exit 7': exit code 7: the disk is full
    at site.yml:12:7
    ran: sh -c 'echo out; echo the disk is full >&2; exit 7' (exit code 7)
    stdout:
      out
    stderr:
      the disk is full
`);
    expect(stdout).toContain("web1                       : ok=4    changed=3    unreachable=0    failed=1    skipped=0    rescued=0    ignored=1\n");
  });

  test("to several outputs at once: people read it, the events are of the schema, the XML is whole", async () => {
    const { code, stdout } = await site.run("run", "site.yml", "--output", "json=run.ndjson", "--output", "junit=report.xml", "-vv");
    expect(code).toBe(2);
    expect(stdout).toContain("  web1 | counting 3\n");
    const events = eventsOf(readFileSync(join(site.dir, "run.ndjson"), "utf8"));
    const validate = new Ajv({ allErrors: true }).compile(eventSchema({ closed: true }));
    expect(events.filter((event) => !validate(event))).toEqual([]);
    expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index + 1));
    expect(readFileSync(join(site.dir, "report.xml"), "utf8")).toMatch(/<testsuites name="site.yml" tests="5" failures="1" errors="0" skipped="0"[^]*<\/testsuites>\n$/);
    expect(readFileSync(join(site.dir, ".state/runs", readdirSync(join(site.dir, ".state/runs"))[0]!), "utf8")).toBe(readFileSync(join(site.dir, "run.ndjson"), "utf8"));
  });

  test("with --output json has nothing but events on standard output", async () => {
    const { stdout, stderr } = await site.run("run", "site.yml", "--output", "json");
    expect(eventsOf(stdout).at(-1)).toMatchObject({ type: "run:end", exitCode: 2 });
    expect(stderr).toBe("");
  });

  test.each([
    ["nowhere/report.xml", "no such file or directory"],
    ["site.yml/report.xml", "not a directory"],
  ])("whose report cannot be written to %s is refused before a host is touched", async (path, words) => {
    const ended = await site.run("run", "site.yml", "--output", `junit=${path}`);
    expect(ended).toMatchObject({ code: 5, stdout: "" });
    expect(ended.stderr).toBe(`--output cannot write ${path}: ${words}\n`);
    expectWords(ended);
    expect(existsSync(join(site.dir, "motd"))).toBe(false);
    expect(existsSync(join(site.dir, ".state/runs"))).toBe(false);
  });

  test.each([["run", "site.yml"], ["runs", "show", "last"], ["runs", "list"]])("that nobody reads any more ends without a trace: bowline %s %s %s | head -1", async (...words) => {
    await site.run("run", "site.yml");
    const typed = words.filter(Boolean).join(" ");
    const env = { ...process.env, BOWLINE_STATE_DIR: join(site.dir, ".state"), NODE_OPTIONS: "" };
    const { stdout, stderr } = spawnSync("sh", ["-c", `'${process.execPath}' '${join(repository, "dist/main.js")}' ${typed} | head -1`], { cwd: site.dir, env, encoding: "utf8" });
    expect(stdout.split("\n").length).toBeLessThanOrEqual(2);
    expect(stderr).not.toMatch(/EPIPE|at .*:\d+:\d+|Error/);
  });
});

describe("runs", () => {
  test("show gives what the run gave, to the letter, times too", async () => {
    const { stdout } = await site.run("run", "site.yml", "-vv");
    expect((await site.run("runs", "show", "last", "-vv")).stdout).toBe(stdout);
    expect((await site.run("runs", "show", "last", "--output", "json")).stdout).toBe(readFileSync(join(site.dir, ".state/runs", readdirSync(join(site.dir, ".state/runs"))[0]!), "utf8"));
  });

  test("list has a line for each, with how it ended and how long it took", async () => {
    await site.run("run", "site.yml", "--check");
    await site.run("run", "site.yml");
    const { stdout } = await site.run("runs", "list");
    expect(stdout.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^\d{8}-\d{6}-\w{4} {2}check {3}(ok|exit code 2), \d+\.\ds +site\.yml$/),
      expect.stringMatching(/^\d{8}-\d{6}-\w{4} {2}run {5}exit code 2, \d+\.\ds +site\.yml$/),
    ]);
  });

  test("of a controller that was killed did not end, and say what was at work", async () => {
    const started = startBowline(["run", "endless.yml", "-v"], { cwd: site.dir, env: { BOWLINE_STATE_DIR: join(site.dir, ".state") } });
    await started.printed("waiting");
    started.child.kill("SIGKILL");
    await started.ended;
    expect((await site.run("runs", "list")).stdout).toMatch(/^\S+ {2}run {5}did not end +endless\.yml\n$/);
    const { code, stdout } = await site.run("runs", "show", "last", "--output", "junit=report.xml");
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nat work: \[web1\] wait\nthis run did not end, or is still at work: /);
    expect(readFileSync(join(site.dir, "report.xml"), "utf8")).toContain('<error message="the run did not end"');
  });
});

describe("in a terminal", () => {
  const seat = (more: Partial<SittingOptions> = {}): SittingOptions => ({ cwd: site.dir, ...more, env: { BOWLINE_STATE_DIR: join(site.dir, ".state"), ...more.env } });

  test("a run is seen at work, and then as rows, failure and recap within 80 columns", async () => {
    const { screen, ended } = sitDown(["run", "site.yml"], seat());
    expect(await ended).toBe(2);
    const lines = await screen.lines();
    expect(lines).toContain("✔ [1/4] write web1's motd  changed: web1");
    expect(lines).toContain("✖ [4/4] break  failed: web1");
    expect(lines).toContain("      at site.yml:12:7");
    expect(lines).toContain("web1 : ok=4 changed=3 unreachable=0 failed=1 skipped=0 rescued=0 ignored=1");
    expect(screen.cursorVisible).toBe(true);
    expect(screen.raw).toContain("\u001b[31m");
  });

  test("Ctrl-C is told at once, stops what runs, and ends with 99 and the cursor back", async () => {
    const { screen, type, ended } = sitDown(["run", "endless.yml"], seat());
    await screen.showing("waiting");
    expect(screen.cursorVisible).toBe(false);
    type(ctrlC);
    await screen.showing("interrupted: stopping what runs on the hosts");
    expect(await ended).toBe(99);
    expect((await screen.lines()).at(-1)).toMatch(/^interrupted after /);
    expect(screen.cursorVisible).toBe(true);
  });

  test("Ctrl-C twice leaves at once, with the cursor back all the same", async () => {
    const { screen, type, ended } = sitDown(["run", "endless.yml"], seat());
    await screen.showing("waiting");
    type(ctrlC + ctrlC);
    expect(await ended).toBe(99);
    expect(screen.cursorVisible).toBe(true);
  });

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ["NO_COLOR takes the colours and leaves the view", { NO_COLOR: "1" }, /\u001b\[[\d;]*m/],
    ["TERM=dumb takes the view too", { TERM: "dumb" }, /\u001b/],
    ["and so does CI", { CI: "true" }, /\u001b/],
  ])("%s", async (_what, env, absent) => {
    const { screen, ended } = sitDown(["run", "site.yml"], seat({ env }));
    expect(await ended).toBe(2);
    expect(screen.raw).not.toMatch(absent);
    expect(screen.raw).toContain(env["NO_COLOR"] ? "✔ [1/4]" : "TASK [count]");
  });

  test("that does not know its width gets plain lines", async () => {
    const { screen, ended } = sitDown(["run", "site.yml"], seat({ columns: 0, rows: 0 }));
    expect(await ended).toBe(2);
    expect(screen.raw).toContain("TASK [count]");
    expect(screen.raw).not.toMatch(/\u001b/);
  });

  test("a password is asked for, never shown, and nowhere on record", async () => {
    const { screen, type, ended } = sitDown(["run", "site.yml", "-k", "-K"], seat());
    await screen.showing("SSH password:");
    type(`first-secret${enter}`);
    await screen.showing("sudo password (Enter: the SSH password):");
    type(`second-secrex\u007ft${enter}`);
    expect(await ended).toBe(2);
    expect((await screen.lines()).slice(0, 3)).toEqual(["SSH password: ", "sudo password (Enter: the SSH password): ", ""]);
    const journal = readFileSync(join(site.dir, ".state/runs", readdirSync(join(site.dir, ".state/runs"))[0]!), "utf8");
    for (const text of [screen.raw, journal]) expect(text).not.toMatch(/first|second-secre|\*\*\*/);
  });

  test.each([
    ["Ctrl-C", `half${ctrlC}`, "interrupted"],
    ["Ctrl-D", "\u0004", "nothing was entered"],
  ])("%s at a password ends with 99, before a host is touched", async (_name, keys, words) => {
    const { screen, type, ended } = sitDown(["run", "site.yml", "-K"], seat());
    await screen.showing("sudo password:");
    type(keys);
    expect(await ended).toBe(99);
    expect(await screen.lines()).toEqual(["sudo password: ", words]);
    expect(existsSync(join(site.dir, "motd"))).toBe(false);
  });
});

test("a password cannot be asked for without a terminal, and which option gives it is said", async () => {
  const { code, stdout, stderr } = await site.run("run", "site.yml", "-K");
  expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
  expect(stderr).toBe("cannot ask for the sudo password: standard input is no terminal\n  hint: --become-password-file reads it from a file\n");
});
