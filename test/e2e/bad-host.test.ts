import { jest } from "@jest/globals";
import { openLab, type Lab, type Machine } from "../lab/lab.ts";
import { eventsOf } from "./cli.ts";
import { makeProject, type Project } from "./_project.ts";

jest.setTimeout(120_000);

let lab: Lab;
let machine: Machine;
let project: Project;

beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine();
  project = makeProject({ password: "not-the-password\n", big: "x".repeat(200_000) });
}, 900_000);

afterAll(async () => {
  await lab?.close();
  project?.remove();
});

/** Runs tasks on the machine; gives the exit code, the problem of the task that failed, and everything that was printed. */
async function run(tasks: string, { user = "root", words = [] }: { user?: string; words?: readonly string[] } = {}) {
  const { host, port, identityFile, knownHostsFile } = machine.ssh;
  const ssh = { host, port, user, identity_file: identityFile, known_hosts_file: knownHostsFile };
  project.write({ "hosts.yml": `all:\n  hosts:\n    deb1: {ssh: ${JSON.stringify(ssh)}}\n`, "site.yml": `- hosts: deb1\n  tasks:\n${tasks.replace(/^(?=.)/gm, "    ")}\n` });
  const { code, stdout, stderr } = await project.run("run", "site.yml", "-i", "hosts.yml", "--output", "json", ...words);
  const events = eventsOf(stdout);
  expect(events.at(-1)).toMatchObject({ type: "run:end", exitCode: code });
  const ends = events.flatMap((event) => (event.type === "host:end" ? [event.result] : []));
  return { code, problem: ends.at(-1)?.problem, printed: stdout + stderr };
}

describe("sudo", () => {
  const task = "- command: id\n  become: true";

  test("with a wrong password is refused in words, and the password is nowhere", async () => {
    const { code, problem, printed } = await run(task, { user: "opspw", words: ["--become-password-file", "password"] });
    expect(code).toBe(2);
    expect(problem).toMatchObject({ code: "E_BECOME", message: "deb1: cannot become root: the sudo password was refused", hint: "give the right one with -K or --become-password-file" });
    expect(printed).not.toContain("not-the-password");
  });

  test("that wants a password and gets none says how to give it", async () => {
    const { code, problem } = await run(task, { user: "opspw" });
    expect(code).toBe(2);
    expect(problem).toMatchObject({ code: "E_BECOME", message: "deb1: cannot become root: sudo wants a password and none was given", hint: "give it with -K or --become-password-file" });
  });

  test("to a user that does not exist says so", async () => {
    const { code, problem } = await run(`${task}\n  become_user: nobody-here`, { user: "ops" });
    expect(code).toBe(2);
    expect(problem).toMatchObject({ code: "E_BECOME", message: "deb1: cannot become nobody-here: the host has no such user", hint: "name another one with become_user" });
  });
});

describe("a filesystem that cannot take a file", () => {
  const readOnly = { code: "E_REFUSED", message: "root may not write in /mnt/small", hint: "its filesystem is read-only, or it is marked immutable (lsattr -d shows it)" };
  const left = async () => (await machine.must("cd /mnt/small && ls -A && cat old")).split("\n").filter(Boolean);

  beforeAll(async () => {
    await machine.must("mkdir -p /mnt/small && mount -t tmpfs -o size=64k tmpfs /mnt/small && echo before > /mnt/small/old");
  });

  afterAll(async () => {
    await machine.must("umount /mnt/small");
  });

  test("because it is full: the old file stays, and no half of the new one", async () => {
    const { code, problem } = await run("- copy: {src: big, dest: /mnt/small/old}");
    expect(code).toBe(2);
    expect(problem).toMatchObject({ code: "E_FAILED", message: expect.stringMatching(/\/mnt\/small\/old.*[Nn]o space left on device/) });
    expect(await left()).toEqual(["old", "before"]);
  });

  test("because it is read-only", async () => {
    await machine.must("mount -o remount,ro /mnt/small");
    const { code, problem } = await run("- copy: {content: new, dest: /mnt/small/old}");
    expect(code).toBe(2);
    expect(problem).toMatchObject({ ...readOnly, expected: "to make or replace /mnt/small/old" });
    expect(await left()).toEqual(["old", "before"]);
  });

  test("nor a directory", async () => {
    const { code, problem } = await run("- directory: {path: /mnt/small/new}");
    expect(code).toBe(2);
    expect(problem).toMatchObject({ ...readOnly, expected: "to make or replace /mnt/small/new" });
  });
});

describe("a host without a tool", () => {
  test.each<[string, string, string, string, string]>([
    ["LVM's", "/usr/sbin/lvm", "- vg: {name: vgregistry}", "vgs is not on the host", "install the package lvm2"],
    ["docker's", "/usr/bin/docker", "- image: {name: 'registry:2'}", "docker is not on the host", "install the package docker.io"],
  ])("is told the package of %s", async (_, path, task, message, hint) => {
    await machine.must(`mv ${path} ${path}.away`);
    try {
      const { code, problem } = await run(task);
      expect(code).toBe(2);
      expect(problem).toMatchObject({ code: "E_TOOL", message, hint });
    } finally {
      await machine.must(`mv ${path}.away ${path}`);
    }
  });
});
