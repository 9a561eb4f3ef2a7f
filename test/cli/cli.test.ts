import { chdir, cwd } from "node:process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { plainOf } from "../../src/core/node.ts";
import { parseYaml } from "../../src/load/yaml.ts";
import { registry } from "../../src/modules/registry.ts";
import { functions } from "../../src/template/functions.ts";
import { removeTrees, tree } from "../load/_files.ts";
import { type } from "./_cli.ts";

const before = cwd();

beforeAll(() => {
  chdir(
    tree({
      "inventory/hosts.ini": "[web]\nw1 port=1\nw2\n[db]\nd1\n[prod:children]\nweb\n",
      "inventory/group_vars/web.yml": 'greeting: "{{ hello }} you"\n',
      "site.yml": [
        "- name: Web",
        "  hosts: web",
        "  vars: {hello: hi}",
        "  tags: [site]",
        "  tasks:",
        '    - {name: Greet, debug: {msg: "{{ greeting }}"}, tags: greet}',
        "    - {name: Always there, debug: , tags: always}",
        "    - debug: {msg: x}",
        "- hosts: db",
        "  tasks:",
        "    - {name: Dangerous, fail: , tags: [never, danger]}",
        "",
      ].join("\n"),
      "whole.yml": [
        "- name: Whole",
        "  hosts: all",
        "  serial: [1, 50%]",
        "  pre_tasks: [{name: Prepare, debug: }]",
        "  roles: [{role: common, tags: base}]",
        "  tasks:",
        "    - block: [{name: Plain, debug: }]",
        "    - block: [{name: Try, debug: }]",
        "      rescue: [{name: Catch, debug: }]",
        "      always: [{name: Tidy, debug: }]",
        "  post_tasks: [{name: Say, debug: , notify: Later}]",
        "  handlers: [{name: Later, debug: }]",
        "",
      ].join("\n"),
      "roles/common/tasks/main.yml": "- {name: Install, debug: }\n",
    }),
  );
});

afterAll(() => {
  chdir(before);
  removeTrees();
});

describe("help", () => {
  test("without a command is shown, and yet the words were not enough", async () => {
    const { code, stdout, stderr } = await type("");
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr).toMatch(/^Usage: bowline \[options\] \[command\]/);
  });

  test.each<[string, RegExp]>([
    ["--help", /Commands:\n {2}run /],
    ["run --help", /--syntax-check[\s\S]*Exit codes: 0 ok[\s\S]*Examples:/],
    ["status --help", /Exit code 3/],
    ["exec --help", /<pattern> -- <command...>\n[^]*-m <module>[^]*Examples:/],
    ["down --help", /What cannot be brought down/],
    ["runs --help", /show .*<run>/],
    ["runs show --help", /its id, the beginning of it, or last/],
    ["doc --help", /\[module\]/],
    ["inventory --help", /--graph/],
  ])("%s", async (line, words) => {
    const { code, stdout, stderr } = await type(line);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(words);
  });

  test("names every option of the run", async () => {
    const { stdout } = await type("run --help");
    const options = ["-i, --inventory", "-e, --extra-vars", "-t, --tags", "--skip-tags", "-l, --limit", "-C, --check", "-D, --diff", "-f, --forks", "--start-rate", "-o, --output", "-v, --verbose", "--list-hosts", "--list-tasks", "--syntax-check", "-k, --ask-pass", "-K, --ask-become-pass", "--become-password-file", "--connection-password-file", "-u, --user", "--private-key", "--key-file", "-T, --timeout", "-c, --connection", "--ssh-common-args", "--ssh-extra-args", "-b, --become", "--become-user", "--become-method", "--list-tags", "--start-at-task", "--step", "--force-handlers", "--no-force-handlers", "--flush-cache"];
    expect(options.filter((option) => !stdout.includes(option))).toEqual([]);
  });

  test("--version is that of the package", async () => expect(await type("--version")).toEqual({ code: 0, stdout: "1.2.3\n", stderr: "" }));
});

describe("listing what a run would do", () => {
  test("--syntax-check", async () => expect(await type("run site.yml --syntax-check")).toEqual({ code: 0, stdout: "site.yml: no mistakes found\n", stderr: "" }));

  test("--list-hosts", async () => {
    expect((await type("run site.yml --list-hosts")).stdout).toBe("playbook: site.yml\n\n  play #1: Web\n    hosts (2):\n      w1\n      w2\n\n  play #2: db\n    hosts (1):\n      d1\n");
  });

  test("--list-tasks with their tags", async () => {
    expect((await type("run site.yml --list-tasks")).stdout).toBe(
      "playbook: site.yml\n\n  play #1: Web\n    tasks:\n      Greet         TAGS: [site, greet]\n      Always there  TAGS: [site, always]\n      debug         TAGS: [site]\n\n  play #2: db\n    tasks:\n",
    );
  });

  test("--list-tasks of a play with sections, roles and blocks that catch failures", async () => {
    expect((await type("run whole.yml --list-tasks")).stdout.split("\n").slice(3)).toEqual([
      "    pre_tasks:",
      "      Prepare           TAGS: []",
      "    tasks:",
      "      common : Install  TAGS: [base]",
      "      Plain             TAGS: []",
      "      block:",
      "        Try             TAGS: []",
      "      rescue:",
      "        Catch           TAGS: []",
      "      always:",
      "        Tidy            TAGS: []",
      "    post_tasks:",
      "      Say               TAGS: []",
      "",
    ]);
  });

  test("--list-hosts in their batches", async () => {
    expect((await type("run whole.yml --list-hosts")).stdout).toBe(
      "playbook: whole.yml\n\n  play #1: Whole\n    hosts (3) in 3 batches:\n      batch 1 (1):\n        d1\n      batch 2 (1):\n        w1\n      batch 3 (1):\n        w2\n",
    );
  });

  test("--list-tags, also of tasks that would not run", async () => {
    expect((await type("run site.yml --list-tags")).stdout).toBe("playbook: site.yml\n\n  play #1: Web\n    tags: always, greet, site\n\n  play #2: db\n    tags:\n\n  tags of tasks that would not run: danger, never\n");
  });

  test("--start-at-task with another list lists what would run", async () => {
    expect(await tasks("--start-at-task Always*")).toBe("Always there, debug");
    expect(await type("run site.yml --start-at-task Gret --list-tasks")).toMatchObject({ code: 5, stderr: '--start-at-task: no task is named "Gret"\n  hint: did you mean "Greet"?\n' });
  });

  test("exec --list-hosts, with something to run and without", async () => {
    for (const rest of ["", " -- uptime", " -m debug msg=x"]) expect(await type(`exec web --list-hosts${rest}`)).toEqual({ code: 0, stdout: "  hosts (2):\n    w1\n    w2\n", stderr: "" });
    expect((await type("exec web --limit w2 --list-hosts")).stdout).toBe("  hosts (1):\n    w2\n");
  });

  const tasks = async (options: string) => [...(await type(`run site.yml --list-tasks ${options}`)).stdout.matchAll(/^ {6}(.*?) +TAGS/gm)].map(([, name]) => name).join(", ");

  test.each<[string, string]>([
    ["", "Greet, Always there, debug"],
    ["--tags greet", "Greet, Always there"],
    ["-t greet,danger", "Greet, Always there, Dangerous"],
    ["-t greet -t danger", "Greet, Always there, Dangerous"],
    ["--skip-tags greet,always", "debug"],
    ["--tags site --skip-tags greet", "Always there, debug"],
  ])("the tasks of '%s': %s", async (options, expected) => {
    expect(await tasks(options)).toBe(expected);
  });

  const hosts = async (options: string) => [...(await type(`run site.yml --list-hosts ${options}`)).stdout.matchAll(/^ {6}(\S+)$/gm)].map(([, name]) => name).join(" ");

  test.each<[string, string]>([
    ["", "w1 w2 d1"],
    ["-l w2", "w2"],
    ["--limit prod:d1", "w1 w2 d1"],
    ["--limit !w1", "w2 d1"],
    ["-i inventory -i w9,", "w1 w2 d1"],
    ["-i inventory/hosts.ini", "w1 w2 d1"],
  ])("the hosts of '%s': %s", async (options, expected) => {
    expect(await hosts(options)).toBe(expected);
  });

  test("what stops nothing is a warning on standard error", async () => {
    const { code, stderr } = await type("run site.yml --list-hosts --limit w1,w77 --tags gret");
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: --limit: no host matches "w77": .*\nwarning: --tags: no task has the tag "gret": did you mean "greet"\?\n$/);
  });
});

describe("options that make no sense", () => {
  test.each<[string, string]>([
    ["run site.yml --forks 1.5", "--forks must be a whole number above 0, not 1.5\n"],
    ["run site.yml --timeout 0", "--timeout must be a whole number above 0, not 0\n"],
    ["run site.yml --connection docker", "option '-c, --connection <way>' argument 'docker' is invalid"],
    ["run site.yml --become-method runas", "option '--become-method <program>' argument 'runas' is invalid"],
    ["run site.yml --key-file a --private-key b", "option '--key-file <file>' cannot be used with option '--private-key <file>'\n"],
    ["run site.yml --ssh-common-args -L1", "--ssh-common-args: -L is not understood: "],
    ["run site.yml --flush-cache", "--flush-cache: there is nothing to flush\n"],
    ["run site.yml --start-at-tsk x", "unknown option '--start-at-tsk'\n"],
    ["status site.yml --step", "unknown option '--step'\n"],
    ["exec", "missing required argument 'pattern'\n"],
    ["exec web", "there is nothing to run\n"],
    ["exec web -m dbug msg=x", 'there is no module "dbug"\n  hint: did you mean "debug"?\n'],
    ["run site.yml --forks", "option '-f, --forks <n>' argument missing\n"],
    ["run site.yml --check=yes", "unknown option '--check=yes'\n"],
    ["run site.yml --output tty=file", ""],
    ["run site.yml --output plain=", ""],
    ["run site.yml -k --connection-password-file x", "option '-k, --ask-pass' cannot be used with option '--connection-password-file <file>'\n"],
    ["run site.yml --become-password-file nowhere", "--become-password-file: "],
    ["inventory --list --graph", "option '--list' cannot be used with option '--graph [group]'\n"],
    ["status site.yml --check", "unknown option '--check'\n"],
    ["down", "missing required argument 'playbook'\n"],
    ["runs shw last", "unknown command 'shw'\n"],
    ["runs show", "missing required argument 'run'\n"],
    ["-v", "unknown option '-v'\n"],
  ])("%s", async (line, words) => {
    const { code, stdout, stderr } = await type(line);
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr.slice(0, words.length)).toBe(words);
    expect(stderr).toMatch(/\S/);
  });

  test.each<[string, readonly string[]]>([
    ["an empty --tags", ["run", "site.yml", "--tags", ""]],
    ["an empty --skip-tags", ["run", "site.yml", "--skip-tags", ","]],
  ])("%s would be taken for every task", async (_, words) => {
    expect(await type(words)).toMatchObject({ code: 5, stderr: "a list of tags is empty\n  hint: leave --tags and --skip-tags out to run every task\n" });
  });

  test("an unknown option has the nearest one as its hint", async () => {
    expect((await type("run site.yml --start-at-tsk x")).stderr).toContain("hint: did you mean --start-at-task?");
  });

  test("an argument that a module does not have is named", async () => {
    expect(await type("exec web -m debug mgs=x")).toMatchObject({ code: 4, stderr: '(command line):1:1: debug: "mgs" is not an argument\n  expected: one of msg, var\n  hint: did you mean "msg"?\n' });
  });

  test("an empty --limit would be taken for every host", async () => {
    expect(await type(["run", "site.yml", "--limit", "", "--list-hosts"])).toMatchObject({ code: 1, stderr: "--limit : no host matched\n" });
  });
});

describe("doc", () => {
  test("lists every module with its sentence", async () => {
    const { stdout } = await type("doc");
    expect(stdout.split("\n").filter(Boolean).map((line) => line.split(/ {2,}/))).toEqual([...registry.values()].map(({ name, summary }) => [name, summary]));
  });

  test.each([...registry.keys()])("doc %s shows its arguments and an example", async (name) => {
    const { code, stdout } = await type(`doc ${name}`);
    expect(code).toBe(0);
    expect(Object.keys(registry.get(name)!.args).filter((arg) => !stdout.includes(arg))).toEqual([]);
    expect(stdout).toContain(`${name}:`);
  });
});

describe("doc for programs and for beginners", () => {
  test("--json is what the module says of itself, and a schema of its arguments", async () => {
    const one = JSON.parse((await type("doc copy --json")).stdout) as Record<string, unknown>;
    expect(one).toMatchObject({ name: "copy", kind: "resource", args: { properties: { dest: {} }, required: ["dest"] } });
    expect((JSON.parse((await type("doc --json")).stdout) as unknown[]).length).toBe(registry.size);
  });

  test.each([...registry.keys()])("--snippet %s is YAML of one task with that module", async (name) => {
    const [task] = (plainOf(parseYaml((await type(`doc --snippet ${name}`)).stdout, "snippet.yml")) as Record<string, unknown>[]);
    expect(Object.keys(task!)).toEqual(["name", name]);
  });

  test.each([
    ["doc --snippet", "--snippet needs a module\n  hint: bowline doc --snippet copy\n"],
    ["doc --snippet coppy", 'there is no module "coppy"\n  hint: did you mean "copy"?\n'],
  ])("%s", async (line, stderr) => expect(await type(line)).toMatchObject({ code: 5, stderr }));
});

describe("doc --functions", () => {
  test("lists every function with its sentence, and the lookups", async () => {
    const { stdout } = await type("doc --functions");
    expect(Object.entries(functions).filter(([name, { summary }]) => !stdout.includes(`  ${name}(`) || !stdout.includes(summary))).toEqual([]);
    expect(stdout).toContain("first_found");
  });

  test("shows one, by any of its names, with what it gives", async () => {
    const { code, stdout } = await type("doc --functions merge");
    expect([code, stdout]).toEqual([0, expect.stringContaining('combine(mapping, others…, recursive?)\n')]);
    expect(stdout).toContain("Also called merge.\n\n  combine({'a': 1}, {'b': 2}, {'a': 3})\n      {\"a\":3,\"b\":2}\n");
  });

  test("names the nearest to one that is not there", async () => {
    expect(await type("doc --functions regex_replac")).toMatchObject({ code: 5, stderr: 'there is no function "regex_replac"\n  hint: did you mean "regex_replace"?\n' });
  });
});

describe("inventory", () => {
  test("without an inventory says how to name one", async () => {
    const here = cwd();
    chdir(tree({}));
    expect(await type("inventory")).toMatchObject({ code: 5, stderr: "no inventory was named, and there is none at ./inventory\n  hint: name one with -i: a file, a directory, or host1,host2\n" });
    chdir(here);
  });
});

test("launch.ts answers --version before it loads anything of ours but how to load", () => {
  const project = resolve(import.meta.dirname, "../..");
  const imports = ["launch", "code-cache"].flatMap((name) => [...readFileSync(join(project, `src/${name}.ts`), "utf8").matchAll(/^import .* from "(.*)";$/gm)]);
  expect(imports.map(([, from]) => from).filter((from) => !from!.startsWith("node:"))).toEqual(["./code-cache.ts"]);
});
