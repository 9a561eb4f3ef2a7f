import { jest } from "@jest/globals";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { expectWords, makeProject, type Project } from "./_project.ts";
import { eventsOf } from "./cli.ts";
import { ctrlC, enter, sitDown } from "./pty.ts";

jest.setTimeout(120_000);

let here: Project;
beforeEach(() => {
  here = makeProject();
  here.write({ inventory: "[web]\nweb1 ansible_connection=local\nweb2 ansible_connection=local\n" });
});
afterEach(() => here.remove());

const seat = () => ({ cwd: here.dir, env: { BOWLINE_STATE_DIR: join(here.dir, ".state"), HOME: here.dir } });

describe("exec", () => {
  test("shows what a command came to on each host, as ansible does", async () => {
    const { code, stdout, stderr } = await here.run("exec", "web", "-f", "1", "--", "sh", "-c", "echo out; echo err >&2");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe("web1 | CHANGED | rc=0 >>\nout\nerr\nweb2 | CHANGED | rc=0 >>\nout\nerr\n");
  });

  test.each<readonly [string, readonly string[], number, string]>([
    ["exit code 2 when a command fails", ["exec", "web1", "--", "exit 7"], 2, "web1 | FAILED | rc=7\n"],
    ["what a module finds as it should be", ["exec", "web1", "-m", "directory", "path=/tmp"], 0, "web1 | SUCCESS\n"],
    ["what a check cannot know", ["exec", "web1", "-C", "--", "touch", "never"], 0, "web1 | UNKNOWN because what command does is known only when it runs\n"],
    ["variables of the host in --args, and of the command line", ["exec", "web1", "-e", "what=x", "-a", "echo {{ inventory_hostname }} {{ what }}"], 0, "web1 | CHANGED | rc=0 >>\nweb1 x\n"],
    // su asks everybody else for a password.
    ...(process.getuid!() === 0 ? [["the user that it became", ["exec", "web1", "-b", "--become-method", "su", "--become-user", "nobody", "--", "id", "-un"], 0, "web1 | CHANGED | rc=0 >>\nnobody\n"] as const] : []),
  ])("shows %s", async (_what, words, code, stdout) => {
    expect(await here.run(...words)).toEqual({ code, stdout, stderr: "" });
  });

  test("runs here with --connection local, for hosts of which the inventory says nothing", async () => {
    expect(await here.run("exec", "all", "-i", "other,", "-c", "local", "--", "echo", "hi")).toMatchObject({ code: 0, stdout: "other | CHANGED | rc=0 >>\nhi\n" });
  });

  test("gives up a host that does not answer, with exit code 4", async () => {
    const ended = await here.run("exec", "all", "-i", "127.0.0.1,", "--ssh-common-args", "-p 1", "--", "true");
    expect(ended.code).toBe(4);
    expect(ended.stdout).toMatch(/^127\.0\.0\.1 \| UNREACHABLE\n {4}.*\b1\b.*/);
    expectWords({ ...ended, stderr: ended.stdout });
  });

  test("makes what it is asked, says what with --diff, and is on record", async () => {
    const { code, stdout } = await here.run("exec", "web1", "-m", "directory", `path=${here.dir}/new`, "mode=0750", "-D");
    expect({ code, stdout }).toEqual({ code: 0, stdout: `web1 | CHANGED\n    make the directory ${here.dir}/new\n      - null\n      + 0750\n` });
    expect(statSync(join(here.dir, "new")).mode & 0o777).toBe(0o750);
    expect((await here.run("runs", "list")).stdout).toMatch(/ run {5}ok, \d+\.\ds +exec\n$/);
    expect((await here.run("runs", "show", "last")).stdout).toContain("PLAY [exec web1]");
  });

  test("gives its events with --output json", async () => {
    const { stdout } = await here.run("exec", "web", "-f", "1", "--output", "json", "--", "uptime");
    expect(eventsOf(stdout).at(0)).toMatchObject({ type: "run:start", playbook: "exec", hosts: ["web1", "web2"] });
    expect(eventsOf(stdout).at(-1)).toMatchObject({ type: "run:end", exitCode: 0 });
  });

  test("in a terminal shows lines as they come, each with its host", async () => {
    const { screen, ended, type } = sitDown(["exec", "web", "-f", "1", "--", "echo first; sleep 600"], seat());
    expect(await screen.showing("first")).toContain("web1 | first");
    type(ctrlC);
    expect(await ended).toBe(99);
  });
});

const site = `- name: the site
  hosts: web1
  tasks:
    - name: one
      command: touch {{ playbook_dir }}/one
    - block:
        - name: two
          command: touch {{ playbook_dir }}/two
    - name: three
      command: touch {{ playbook_dir }}/three
`;
const made = () => ["one", "two", "three"].filter((name) => existsSync(join(here.dir, name)));

describe("run", () => {
  beforeEach(() => here.write({ "site.yml": site }));

  test("--start-at-task leaves out what stands before", async () => {
    const { code, stdout } = await here.run("run", "site.yml", "--start-at-task", "tw?");
    expect(code).toBe(0);
    expect(made()).toEqual(["two", "three"]);
    expect(stdout).not.toContain("TASK [one]");
  });

  test("--step without a terminal is refused before a host is touched", async () => {
    expect(await here.run("run", "site.yml", "--step")).toMatchObject({ code: 5, stderr: expect.stringMatching(/^--step asks before each task, and standard input is no terminal\n/) });
    expect(made()).toEqual([]);
  });

  test("--step asks before each task, below the rows of those that are over", async () => {
    const { screen, type, ended } = sitDown(["run", "site.yml", "--step"], seat());
    await screen.showing('do "one"? (N)o, (y)es, (c)ontinue without asking:');
    type(`y${enter}`);
    const lines = await screen.showing('do "two"?');
    expect(lines.at(-2)).toBe("✔ [1/3] one  changed: web1");
    type(`what${enter}`);
    await screen.showing("without asking: what");
    type(enter);
    await screen.showing('do "three"?');
    type(`c${enter}`);
    expect(await ended).toBe(0);
    expect(made()).toEqual(["one", "three"]);
    expect(screen.cursorVisible).toBe(true);
  });

  test("--step ends with Ctrl-C at its question", async () => {
    const { screen, type, ended } = sitDown(["run", "site.yml", "--step"], seat());
    await screen.showing('do "one"?');
    type(ctrlC);
    expect(await ended).toBe(99);
    expect(made()).toEqual([]);
  });
});
