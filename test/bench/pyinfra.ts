import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../lab/process.ts";
import { clocked, expectChanges } from "./clock.ts";
import type { Contestant } from "./contestant.ts";
import type { Course } from "./course.ts";

/** pyinfra 3, told by an inventory and a deploy in Python. */
export const pyinfra: Contestant = {
  name: "pyinfra",
  words: "as many operations at a time as hosts, executed without asking and without a preview",
  optional: true,
  absent: async () => ((await version()) === undefined ? "not installed (Debian has no package of it)" : undefined),
  version: async () => (await version())!,
  async race(course, changed) {
    await mkdir(course.dir, { recursive: true });
    const at = (name: string) => join(course.dir, name);
    await writeFile(at("pyinfra_inventory.py"), inventoryText(course));
    await writeFile(at("pyinfra_deploy.py"), deployText(course));
    // It writes all but facts to standard error.
    const command = `cd "$1" && exec pyinfra --yes --parallel "$2" pyinfra_inventory.py pyinfra_deploy.py 2>&1`;
    const ended = await clocked("sh", ["-c", command, "sh", course.dir, String(course.forks)]);
    const plain = ended.stdout.replaceAll(/\x1b\[[\d;]*m/g, "");
    // For each host and operation it says "No changes" or "Success".
    expectChanges("pyinfra", changed, [...plain.matchAll(/^ *\[[^\]]+\] Success\b/gm)].length, plain);
    return ended;
  },
};

async function version(): Promise<string | undefined> {
  const { code, stdout } = await run("pyinfra", ["--version"]);
  return code === 0 ? stdout.trim() : undefined;
}

/** JSON's strings, lists and numbers are Python's too. */
function inventoryText({ hosts, login }: Course): string {
  const data = { ssh_port: login.port, ssh_user: login.user, ssh_key: login.identityFile, ssh_known_hosts_file: login.knownHostsFile, ssh_strict_host_key_checking: "yes" };
  return `hosts = (${JSON.stringify(hosts)}, {**${JSON.stringify(data)}, "ssh_allow_agent": False, "ssh_look_for_keys": False})\n`;
}

function deployText({ directories, owner, group, mode }: Course): string {
  const words = `user=${JSON.stringify(owner)}, group=${JSON.stringify(group)}, mode=${JSON.stringify(mode.replace(/^0/, ""))}`;
  const operations = directories.map((path) => `files.directory(name=${JSON.stringify(`directory ${path}`)}, path=${JSON.stringify(path)}, ${words})`);
  return ["from pyinfra.operations import files", "", ...operations, ""].join("\n");
}
