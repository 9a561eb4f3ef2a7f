import { jest } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { startSshd, type Sshd } from "../lab/sshd.ts";
import { eventsOf } from "./cli.ts";
import { expectWords, inventoryOf, makeProject, type Project } from "./_project.ts";

jest.setTimeout(60_000);

let project: Project;

beforeAll(() => {
  project = makeProject({ "inventory/hosts.ini": "[web]\nw1\nw2\n[db]\nd1\n", "inventory/group_vars/web.yml": "greeting: hello\n", "fine.yml": play("- debug: {msg: '{{ greeting }}'}") });
});

afterAll(() => project.remove());

/** A play for web with these tasks; they begin on line 3. */
function play(tasks: string): string {
  return `- hosts: web\n  tasks:\n${tasks.replace(/^(?=.)/gm, "    ")}\n`;
}

type Row = readonly [name: string, files: Readonly<Record<string, string>>, words: string, code: number, stderr: string];

describe("what is wrong with the input is said before any host is asked", () => {
  const rows: readonly Row[] = [
    [
      "YAML that is none",
      { "site.yml": '- hosts: web\n  tasks:\n    - debug: {msg: "open}\n' },
      "run site.yml",
      4,
      'site.yml:3:20: this quote is not closed\n        - debug: {msg: "open}\n                       ^\n',
    ],
    [
      "braces without quotes",
      { "site.yml": play("- debug:\n    msg: {{ greeting }}") },
      "run site.yml",
      4,
      'site.yml:4:14: a value that begins with {{ must stand in quotes\n            msg: {{ greeting }}\n                 ^\n  hint: write "{{ greeting }}"\n',
    ],
    ["a file to copy that is not there", { "site.yml": play("- copy: {src: nowhere.txt, dest: /nowhere/x}") }, "run site.yml", 4, "site.yml:3:19: there is no file nowhere.txt on the controller\n        - copy: {src: nowhere.txt, dest: /nowhere/x}\n                      ^\n  seen: looked for files/nowhere.txt, "],
    ["a template that is not there", { "site.yml": play("- template: {src: nowhere.conf, dest: /nowhere/x}") }, "run site.yml", 4, "site.yml:3:23: there is no file nowhere.conf on the controller\n        - template: {src: nowhere.conf, dest: /nowhere/x}\n                          ^\n  seen: looked for templates/nowhere.conf, "],
    ["a module that does not exist", { "site.yml": play("- coppy: {src: a}") }, "run site.yml", 4, 'site.yml:3:7: there is no module "coppy"\n        - coppy: {src: a}\n          ^\n  hint: did you mean "copy"?\n'],
    [
      "an argument that does not exist",
      { "site.yml": play("- copy: {dest: /a, contnet: b}") },
      "run site.yml",
      4,
      'site.yml:3:24: copy: "contnet" is not an argument\n        - copy: {dest: /a, contnet: b}\n                           ^\n  expected: one of ',
    ],
    [
      "a value of the wrong type",
      { "site.yml": play("- wait_for: {port: high}") },
      "run site.yml",
      4,
      'site.yml:3:24: wait_for: "port" must be a whole number\n        - wait_for: {port: high}\n                           ^\n',
    ],
    ["a key that does not exist", { "site.yml": play("- debug: {msg: x}\n  wehn: true") }, "run site.yml", 4, 'site.yml:4:7: "wehn" is not a key of a task\n          wehn: true\n          ^\n  hint: did you mean "when"?\n'],
    [
      "an undefined variable in a template",
      { "site.yml": play("- debug: {msg: '{{ greting }}'}") },
      "run site.yml",
      4,
      "site.yml:3:24: \"greting\" is not defined\n        - debug: {msg: '{{ greting }}'}\n                           ^\n  hint: did you mean \"greeting\"?\n",
    ],
    [
      "an undefined variable in a condition",
      { "site.yml": play("- debug: {msg: x}\n  when: greting == ''") },
      "run site.yml",
      4,
      "site.yml:4:13: \"greting\" is not defined\n          when: greting == ''\n                ^\n  hint: did you mean \"greeting\"?\n",
    ],
    [
      "a condition from another language",
      { "site.yml": play("- debug: {msg: x}\n  when: greeting is defined") },
      "run site.yml",
      4,
      "site.yml:4:22: this is no expression: greeting is defined\n          when: greeting is defined\n                         ^\n  hint: write defined(greeting)\n",
    ],
    [
      "a template from another language",
      { "site.yml": play('- debug: {msg: "{{ greeting | upper }}"}') },
      "run site.yml",
      4,
      'site.yml:3:33: this is no template: {{ greeting | upper }}\n        - debug: {msg: "{{ greeting | upper }}"}\n                                    ^\n  hint: there are no filters: write {{ upper greeting }}\n',
    ],
    ["an undefined variable in a template file", { "site.yml": play("- template: {src: a.conf, dest: /a}"), "templates/a.conf": "one\nsay {{ greting }}\n" }, "run site.yml", 4, "templates/a.conf:2:8: \"greting\" is not defined\n    say {{ greting }}\n           ^\n"],
    ["variables in a circle", { "site.yml": `- hosts: web\n  vars: {a: "{{ b }}", b: "{{ a }}"}\n  tasks: [{debug: {var: a}}]\n` }, "run site.yml", 4, 'site.yml:2:14: variables refer to each other in a circle: a → b → a\n'],
    ["a playbook that is not there", {}, "run nowhere.yml", 4, "there is no file nowhere.yml\n"],
    ["a playbook that is nearly there", { "site.yml": "" }, "run sit.yml", 4, 'there is no file sit.yml\n  hint: did you mean "site.yml"?\n'],
    ["an empty playbook", { "site.yml": "" }, "run site.yml", 4, "site.yml:1:1: a playbook must be a list of plays, not nothing\n"],
    ["a file of variables that is not there", { "site.yml": "- hosts: web\n  vars_files: [vars/nowhere.yml]\n" }, "run site.yml", 4, "site.yml:2:16: there is no file vars/nowhere.yml\n      vars_files: [vars/nowhere.yml]\n                   ^\n"],
    ["an inventory that is not there", {}, "run fine.yml -i nowhere", 4, "there is no inventory nowhere\n  expected: a file, a script, a directory, or names with a comma: -i host1,host2\n"],
    ["an inventory that is none", { "bad.ini": "[web\n" }, "run fine.yml -i bad.ini", 4, "bad.ini:1:1: [web is not a section\n    [web\n    ^\n  expected: [group], [group:children] or [group:vars], without blanks\n"],
    ["no host at all", { "site.yml": "- hosts: wbe\n" }, "run site.yml", 1, 'no host matched\n  expected: at least one host of the inventory in a play, after --limit\n  seen: hosts: wbe\n  hint: no host matches "wbe": did you mean "web"?\n'],
    ["a limit that leaves nobody", {}, "run fine.yml --limit wbe", 1, '--limit wbe: no host matched\n  hint: did you mean "web"?\n'],
    ["an option that does not exist", {}, "run fine.yml --lmit web", 5, "unknown option '--lmit'\n  expected: bowline run [options] <playbook>\n  hint: did you mean --limit?\n"],
    ["a command that does not exist", {}, "rnu fine.yml", 5, "unknown command 'rnu'\n  expected: bowline [options] [command]\n  hint: did you mean run?\n"],
    ["a command without its playbook", {}, "run", 5, "missing required argument 'playbook'\n  expected: bowline run [options] <playbook>\n"],
    ["two playbooks", {}, "run fine.yml fine.yml", 5, "too many arguments for 'run'. Expected 1 argument but got 2.\n"],
    ["no forks", {}, "run fine.yml --forks 0", 5, "--forks must be a whole number above 0, not 0\n"],
    ["a report of another kind", {}, "run fine.yml --output xml", 5, '--output has no format "xml"\n  expected: tty, plain, json, junit, each with =FILE if you like\n'],
    ["an extra variable without a value", {}, "run fine.yml -e greeting", 5, '-e cannot read "greeting"\n  expected: key=value, a mapping in braces, or @file\n  hint: -e greeting=…, or -e @greeting for a file\n'],
    ["a question without a terminal", {}, "run fine.yml -K", 5, "cannot ask for the sudo password: standard input is no terminal\n"],
    ["a run that is not on record", {}, "runs show 19990101", 5, "there is no run 19990101 in "],
    ["a module without a page", {}, "doc coppy", 5, 'there is no module "coppy"\n  hint: did you mean "copy"?\n'],
    ["a host that is not in the inventory", {}, "inventory --host w9", 5, 'there is no host "w9" in the inventory\n'],
  ];

  test.each(rows)("%s", async (_, files, words, code, stderr) => {
    project.write(files);
    const ended = await project.run(...words.split(" "));
    expectWords(ended);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: "" });
    // Paths that a person did not type are absolute, and begin with the project's directory.
    expect(ended.stderr.replaceAll(`${project.dir}/`, "/").slice(0, stderr.length)).toBe(stderr);
  });

  test("every mistake of every file, with their number", async () => {
    project.write({ "site.yml": play("- coppy: {}\n- debug: {msg: '{{ nobody }}'}"), "bad.yml": "web:\n  host: {}\n  bar: 1\n" });
    const playbook = await project.run("run", "site.yml");
    expect(playbook.stderr.split("\n").filter((line) => /^site/.test(line))).toEqual(['site.yml:3:7: there is no module "coppy"', 'site.yml:4:24: "nobody" is not defined']);
    expect(playbook.stderr).toMatch(/\n2 problems\n$/);
    const inputs = await project.run("run", "nowhere.yml", "-i", "bad.yml", "-e", "foo");
    expect(inputs.stderr.split("\n").filter((line) => /^\S/.test(line))).toEqual(['bad.yml:2:3: "host" is not a key of a group', 'bad.yml:3:3: "bar" is not a key of a group', '-e cannot read "foo"', "there is no file nowhere.yml", "4 problems"]);
    expect([playbook.code, inputs.code]).toEqual([4, 4]);
  });

  test("nothing of it is on record: no run has begun", async () => {
    const { stdout, stderr, code } = await project.run("runs", "list");
    expect({ stdout, code }).toEqual({ stdout: "", code: 0 });
    expect(stderr).toMatch(/^no runs yet in /);
  });
});

describe("what is wrong on a host is said where it happened, and the run ends as runs end", () => {
  let sshd: Sshd;
  let other: string;

  beforeAll(async () => {
    // Without docker, for the host that lacks it; without flock, for other tests use this machine too, and their runs would hold its lock.
    sshd = await startSshd({ config: [`SetEnv SHLVL=2 PATH=${toolsWithout("docker", "flock")}`] });
    other = join(project.dir, "other_key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", other]);
  }, 60_000);

  afterAll(async () => sshd?.stop());

  /** A directory with every program of this machine but those that begin with these names. */
  function toolsWithout(...names: readonly string[]): string {
    const dir = join(project.dir, "tools");
    mkdirSync(dir);
    const places = ["/usr/local/bin", "/usr/bin", "/bin"];
    const tools = new Map(places.toReversed().flatMap((place) => readdirSync(place).map((tool) => [tool, join(place, tool)] as const)));
    for (const [tool, path] of tools) if (!names.some((name) => tool.startsWith(name))) symlinkSync(path, join(dir, tool));
    return dir;
  }

  const keyOf = (host: string) => execFileSync("ssh-keygen", ["-y", "-f", other], { encoding: "utf8" }).replace(/^/, `${host} `);

  type HostRow = readonly [name: string, tasks: string, ssh: () => Readonly<Record<string, unknown>>, code: number, status: string, problem: Readonly<Record<string, unknown>>];

  const rows: readonly HostRow[] = [
    ["nobody listens there", "- command: id", () => ({ port: 1 }), 4, "unreachable", { code: "E_UNREACHABLE", message: "h (127.0.0.11:1) cannot be reached: nothing listens there" }],
    ["nobody has that name", "- command: id", () => ({ host: "no-such-host.invalid", port: 22 }), 4, "unreachable", { code: "E_UNREACHABLE", message: "h (no-such-host.invalid:22) cannot be reached: its name is not known" }],
    ["the host's key is another one", "- command: id", () => ({ known_hosts_file: knownAs(other) }), 4, "unreachable", { code: "E_HOST_KEY", message: expect.stringMatching(/^the host key of \[127.0.0.11\]:\d+ has changed$/), expected: expect.stringContaining("SHA256:"), seen: expect.stringContaining("SHA256:"), hint: expect.stringContaining("somebody may be listening") }],
    ["the host's key is not known", "- command: id", () => ({ known_hosts_file: "/dev/null" }), 4, "unreachable", { code: "E_HOST_KEY", message: expect.stringMatching(/^the host key of \[127.0.0.11\]:\d+ is not known$/), hint: expect.stringContaining("accept-new") }],
    ["our key is not welcome", "- command: id", () => ({ identity_file: other }), 4, "unreachable", { code: "E_AUTH", message: expect.stringMatching(/ could not log in at 127.0.0.11:\d+$/), seen: expect.stringMatching(/^tried .*other_key$/), hint: expect.stringMatching(/^try it by hand: ssh -p /) }],
    ["our key is not there", "- command: id", () => ({ identity_file: "/nowhere/key" }), 4, "unreachable", { code: "E_AUTH", message: "the key file /nowhere/key cannot be read: there is none" }],
    ["a tool is missing", "- image: {name: 'registry:2'}", () => ({}), 2, "failed", { code: "E_TOOL", message: "docker is not on the host", hint: expect.stringMatching(/^install the package docker/) }],
    ["a result has no such key, in a template", "- {command: id, register: r}\n- debug: {msg: '{{ r.stdot }}'}", () => ({}), 2, "failed", { code: "E_UNDEFINED", message: '"r.stdot" is not defined', at: { file: "site.yml", line: 4, column: 24 }, hint: 'did you mean "r.stdout"?' }],
    ["a result has no such key, in a condition", "- {command: id, register: r}\n- debug: {msg: x}\n  when: r.stdot == ''", () => ({}), 2, "failed", { code: "E_UNDEFINED", message: "there is no \"stdot\" in r: r.stdot == ''", at: { file: "site.yml", line: 5, column: 15 }, hint: 'did you mean "stdout"?' }],
    ["a condition is neither true nor false", "- {command: id, register: r}\n- debug: {msg: x}\n  when: r.rc", () => ({}), 2, "failed", { code: "E_EXPRESSION", message: "a condition must be true or false: r.rc", seen: "0", hint: "compare it: r.rc != 0" }],
    ["a value turns out to be of the wrong type", "- {command: id, register: r}\n- wait_for: {port: '{{ r.stdout }}'}", () => ({}), 2, "failed", { code: "E_ARGS", message: 'wait_for: "port" must be a whole number', at: { file: "site.yml", line: 4, column: 25 } }],
  ];

  function knownAs(key: string): string {
    expect(key).toBe(other);
    project.write({ known: keyOf(`[${sshd.hosts[0]}]:${sshd.port}`) });
    return join(project.dir, "known");
  }

  test.each(rows)("%s", async (_, tasks, ssh, code, status, problem) => {
    project.write({ "site.yml": play(tasks).replace("hosts: web", "hosts: h"), "hosts.yml": inventoryOf("h", sshd, ssh()) });
    const plain = await project.run("run", "site.yml", "-i", "hosts.yml", "--output", "plain", "--output", "json=events.ndjson");
    const events = eventsOf(execFileSync("cat", [join(project.dir, "events.ndjson")], { encoding: "utf8" }));
    expect(plain).toMatchObject({ code, stderr: "" });
    const ends = events.filter((event) => event.type === "host:end");
    expect(ends.at(-1)).toMatchObject({ result: { status, problem } });
    expect(events.at(-1)).toMatchObject({ type: "run:end", exitCode: code, interrupted: false });
    const { message } = (ends.at(-1) as { result: { problem: { message: string } } }).result.problem;
    expect(plain.stdout).toContain(`${status}: [h]\n    ${message}\n`);
    expect(plain.stdout).not.toMatch(/^\s+at .*[(/].*\d+:\d+\)/m);
    expect(plain.stdout).toMatch(/\nPLAY RECAP\nh /);
  });
});
