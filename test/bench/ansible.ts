import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../lab/process.ts";
import { sshOptions } from "../lab/ssh.ts";
import { clocked, expectChanges, sumOf } from "./clock.ts";
import type { Contestant, Ran } from "./contestant.ts";
import type { Course } from "./course.ts";
import { hostsOf, playbookText } from "./playbook.ts";

/** As its documentation says for speed: pipelining, connections that are kept for the run, no facts. */
export const ansible: Contestant = {
  name: "ansible-playbook",
  words: "with pipelining, as many forks as hosts, and without facts",
  optional: true,
  absent: async () => ((await banner()) === undefined ? "not installed (Debian's package ansible-core)" : undefined),
  version: async () => (await banner())!.split("\n")[0]!,
  race: (course, changed) => played(course, changed, []),
};

/** Ansible with Mitogen's way to the hosts in place of its own. */
export const mitogen: Contestant = {
  name: "ansible-playbook, mitogen",
  words: "the same with the strategy `mitogen_linear`",
  optional: true,
  absent: async () => ((await mitogenModule()) === undefined ? "not installed (Debian's package ansible-mitogen)" : undefined),
  version: async () => `Mitogen ${(await mitogenModule())!.version}`,
  async race(course, changed) {
    const plugins = join((await mitogenModule())!.dir, "plugins/strategy");
    return played(course, changed, [`strategy_plugins = ${plugins}`, "strategy = mitogen_linear"]);
  },
};

/** What `--version` prints: its own version first, its Python last. */
async function banner(): Promise<string | undefined> {
  const { code, stdout } = await run("ansible-playbook", ["--version"]);
  return code === 0 ? stdout : undefined;
}

/** As the Python that Ansible runs with sees it. */
async function mitogenModule(): Promise<{ dir: string; version: string } | undefined> {
  const python = /python version = .*\((\S+)\)$/m.exec((await banner()) ?? "")?.[1];
  if (python === undefined) return undefined;
  const { code, stdout } = await run(python, ["-c", "import ansible_mitogen, mitogen, os; print(os.path.dirname(ansible_mitogen.__file__)); print('.'.join(map(str, mitogen.__version__)))"]);
  const [dir, version] = stdout.trim().split("\n");
  return code === 0 && dir !== undefined && version !== undefined ? { dir, version } : undefined;
}

async function played(course: Course, changed: number, defaults: readonly string[]): Promise<Ran> {
  await mkdir(course.dir, { recursive: true });
  const at = (name: string) => join(course.dir, name);
  // The path of a unix socket may have 107 characters, so not where the rest is.
  const sockets = await mkdtemp(join(course.dir, "../../s-"));
  await writeFile(at("ansible.yml"), playbookText(course, "ansible.builtin.file", ["state: directory"]));
  const vars = { ansible_python_interpreter: "/usr/bin/python3", ansible_user: course.login.user };
  await writeFile(at("ansible-inventory.yml"), JSON.stringify({ all: { hosts: hostsOf(course), vars } }));
  const options = [...sshOptions({ ...course.login, host: "" }), "-o", "ControlMaster=auto", "-o", "ControlPersist=60s"].join(" ");
  const ssh = ["[ssh_connection]", "pipelining = True", `ssh_args = ${options}`, `control_path_dir = ${sockets}`];
  await writeFile(at("ansible.cfg"), ["[defaults]", `forks = ${course.forks}`, "retry_files_enabled = False", "timeout = 60", ...defaults, ...ssh, ""].join("\n"));
  try {
    const ended = await clocked("ansible-playbook", ["-i", at("ansible-inventory.yml"), at("ansible.yml")], { env: { ANSIBLE_CONFIG: at("ansible.cfg"), ANSIBLE_HOME: at("ansible-home"), ANSIBLE_NOCOLOR: "1" } });
    expectChanges("ansible-playbook", changed, sumOf(/\bchanged=(\d+)/g, ended.stdout), ended.stdout);
    return ended;
  } finally {
    await hangUp(sockets);
  }
}

/** The connections that ssh keeps for Ansible would give its next round a start that no other has. */
async function hangUp(sockets: string): Promise<void> {
  for (const name of await readdir(sockets)) await run("ssh", ["-F", "none", "-o", `ControlPath=${join(sockets, name)}`, "-O", "exit", "any"]);
  await rm(sockets, { recursive: true, force: true });
}
