import { playbookTyped } from "../../src/cli/ad-hoc.ts";
import { plainOf, type SourceNode } from "../../src/core/node.ts";
import { problemsFrom } from "../load/_files.ts";

interface Options {
  readonly moduleName?: string;
  readonly args?: string;
  readonly background?: number;
  readonly poll?: number;
  readonly listHosts?: boolean;
}

function taskOf(words: readonly string[], options: Options = {}): unknown {
  const [play] = plainOf(playbookTyped("web", words, options)) as [{ hosts: string; tasks: unknown[] }];
  expect(play).toMatchObject({ hosts: "web", gather_facts: false });
  return play.tasks[0];
}

describe("a command line is", () => {
  test.each<[string[], object]>([
    [["uptime"], { name: "uptime", command: { argv: ["uptime"] } }],
    [["ls", "-l", "/srv"], { name: "ls -l /srv", command: { argv: ["ls", "-l", "/srv"] } }],
    [["grep", "two words", "f", ""], { name: "grep 'two words' f ''", command: { argv: ["grep", "two words", "f", ""] } }],
    [["ls -l"], { name: "ls -l", shell: { cmd: "ls -l" } }],
    [["ps | wc -l\nexit 3"], { name: "ps | wc -l", shell: { cmd: "ps | wc -l\nexit 3" } }],
    [["ls", "/var/log/*.log"], { name: "ls /var/log/*.log", shell: { cmd: "ls /var/log/*.log" } }],
    [["echo", "$HOME", ">", "f"], { name: "echo $HOME > f", shell: { cmd: "echo $HOME > f" } }],
    [["sh", "-c", "a | b"], { name: "sh -c 'a | b'", shell: { cmd: "sh -c 'a | b'" } }],
    [["awk", "{ print $1 }", "f"], { name: "awk '{ print $1 }' f", shell: { cmd: "awk '{ print $1 }' f" } }],
    [["docker", "ps", "--format", "{{.Names}}"], { command: { argv: ["docker", "ps", "--format", "{{{{raw}}}}{{.Names}}{{{{/raw}}}}"] } }],
  ])("%j", (words, task) => {
    expect(taskOf(words)).toEqual(task);
  });

  test("--args, Ansible's way, whose templates count", () => {
    expect(taskOf([], { args: "echo {{ port }}" })).toEqual({ shell: { cmd: "echo {{ port }}" } });
  });

  test("left at work with --poll 0", () => {
    expect(taskOf(["uptime"], { background: 60, poll: 0 })).toMatchObject({ async: 60, poll: 0 });
    expect(() => taskOf(["uptime"], { poll: 0 })).toThrow("--poll without --background does nothing");
  });

  test("stopped after --background seconds", () => {
    expect(taskOf(["uptime"], { background: 60 })).toMatchObject({ async: 60 });
  });

  test("nothing where only hosts are listed", () => {
    expect(taskOf([], { listHosts: true })).toEqual({ meta: "noop" });
  });
});

describe("a module gets", () => {
  test.each<[string, string[], object]>([
    ["directory", ["path=/srv", "mode=0755", "recurse=true"], { directory: { path: "/srv", mode: "0755", recurse: "true" } }],
    ["directory", ["path=/srv/2024", "mode=755"], { directory: { path: "/srv/2024", mode: "755" } }],
    ["ansible.builtin.copy", ["content=12", "dest=/etc/motd"], { copy: { content: "12", dest: "/etc/motd" } }],
    ["copy", ["content=a # b", "dest=/{{ x }}"], { copy: { content: "a # b", dest: "/{{ x }}" } }],
    ["wait_for", ["port=80", "host=web1"], { wait_for: { port: "80", host: "web1" } }],
    ["command", ["argv=[ls, -l]"], { command: { argv: ["ls", "-l"] } }],
    ["set_fact", ["a=1", "b=text", "c=[1, x]", 'd="1"'], { set_fact: { a: 1, b: "text", c: [1, "x"], d: "1" } }],
    ["directory", ['{"path": "/srv", "mode": "0700"}'], { directory: { path: "/srv", mode: "0700" } }],
    ["shell", ["echo", "a=b", "creates=/x"], { shell: { cmd: "echo a=b", creates: "/x" } }],
    ["shell", ["FOO=1", "env"], { shell: { cmd: "FOO=1 env" } }],
    ["debug", ["mgs=x"], { debug: { mgs: "x" } }],
    ["directory", ["pth=/srv"], { directory: { pth: "/srv" } }],
    ["debug", [], { debug: {} }],
  ])("%s %j", (moduleName, words, task) => {
    expect(taskOf(words, { moduleName })).toEqual(task);
  });

  test.each<[string, string, object]>([
    ["shell", `echo "a  b" | wc creates=/x`, { shell: { cmd: `echo "a  b" | wc`, creates: "/x" } }],
    ["copy", "src=a dest='/b c'", { copy: { src: "a", dest: "/b c" } }],
    ["copy", "{src: a, dest: /b}", { copy: { src: "a", dest: "/b" } }],
  ])("%s with --args %s", (moduleName, args, task) => {
    expect(taskOf([], { moduleName, args })).toEqual(task);
  });
});

describe("what cannot be run is told", () => {
  test.each<[string[], Options, object]>([
    [[], {}, { message: "there is nothing to run" }],
    [[""], {}, { message: "there is nothing to run" }],
    [[], { args: " " }, { message: "there is nothing to run" }],
    [["ls"], { args: "ls" }, { message: "what to run is given twice, in --args and behind the pattern" }],
    [[], { moduleName: "direcotry" }, { message: 'there is no module "direcotry"', hint: 'did you mean "directory"?' }],
    [["/srv"], { moduleName: "directory" }, { message: 'directory cannot read "/srv"', expected: expect.stringContaining("key=value with one of path") }],
  ])("%j %j", async (words, options, problem) => {
    expect((await problemsFrom(() => playbookTyped("web", words, options)))[0]).toMatchObject({ code: "E_OPTIONS", ...problem });
  });
});

test("everything typed has its place on the command line", () => {
  const places = (node: SourceNode): unknown[] => [node.at, ...(node.kind === "sequence" ? node.items.flatMap(places) : node.kind === "mapping" ? node.entries.flatMap((entry) => places(entry.value)) : [])];
  expect([...new Set(places(playbookTyped("web", ["a=1", "b=[x]"], { moduleName: "set_fact" })).map((at) => (at as { file: string }).file))]).toEqual(["(command line)"]);
});
