import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Sshd } from "../lab/sshd.ts";
import { bowline, type Ended } from "./cli.ts";

/** A person's directory: the files that a test puts there, and the records of its runs. */
export interface Project {
  readonly dir: string;
  write(files: Readonly<Record<string, string>>): void;
  /** Types a command line in the directory. */
  run(...words: string[]): Promise<Ended>;
  remove(): void;
}

export function makeProject(files: Readonly<Record<string, string>> = {}): Project {
  const dir = mkdtempSync(join(tmpdir(), "bowline-project-"));
  // The lock of this machine belongs to whoever else runs here.
  process.env["BOWLINE_LOCK"] = join(dir, ".lock");
  const env = { BOWLINE_STATE_DIR: join(dir, ".state"), NO_COLOR: "1", HOME: dir, SSH_AUTH_SOCK: undefined };
  const write = (more: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
  };
  write(files);
  return { dir, write, run: (...words) => bowline(words, { cwd: dir, env }), remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** An inventory with one host, and how to get there; `more` overrules. */
export function inventoryOf(name: string, sshd: Sshd, more: Readonly<Record<string, unknown>> = {}): string {
  const ssh = { host: sshd.hosts[0], port: sshd.port, user: sshd.user, identity_file: sshd.identityFile, known_hosts_file: sshd.knownHostsFile, ...more };
  return `all:\n  hosts:\n    ${name}:\n      ssh: ${JSON.stringify(ssh)}\n`;
}

/** No trace of the program may reach a person: neither a stack nor an empty line where the cause should be. */
export function expectWords({ stderr }: Ended): void {
  expect(stderr).not.toMatch(/^\s+at .*[(/].*\d+:\d+/m);
  expect(stderr).not.toMatch(/undefined|\[object|internal error/);
  expect(stderr.split("\n")[0]).toMatch(/\S/);
}
