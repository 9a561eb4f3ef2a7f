import { jest } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { eventsOf, startBowline } from "./cli.ts";
import { makeProject, type Project } from "./_project.ts";

jest.setTimeout(120_000);

/** Not a word of it occurs anywhere else. */
const canary = `Kanari'envogel $7/+ü&"x`;
const lines = ["first-line-of-the-canary", "second-line-of-the-canary"];

/** What somebody would look for who wants the canary, on record or on the screen. */
const traces: readonly string[] = [
  canary,
  "envogel",
  ...lines,
  encodeURIComponent(canary).slice(3, -3),
  JSON.stringify(canary).slice(1, -1),
  ...[0, 1, 2].map((shift) => Buffer.from("x".repeat(shift) + canary).toString("base64").slice(4, 20)),
  Buffer.from(canary).toString("hex").slice(2, -2),
];

const playbook = `- name: the canary goes everywhere
  hosts: all
  vars:
    single: !secret |
{single}
    nested: { deep: ["{{ whole }}"] }
  vars_files: [sealed.yml, vaulted.yml]
  tasks:
    - name: into a file, with its diff, {{ whole }}
      copy: { dest: "{{ root }}/out", content: "password={{ whole }}\\n{{ several }}", mode: "0600" }
    - name: through a template
      template: { dest: "{{ root }}/templated", src: t.hbs, mode: "0600" }
    - name: from an encrypted file
      copy: { dest: "{{ root }}/copied", src: sealed.txt, mode: "0600" }
    - name: out of a command
      shell: cat out templated copied; cat out >&2
      args: { chdir: "{{ root }}" }
      register: printed
    - name: back from what was registered
      debug: { msg: "{{ printed.stdout }} {{ nested.deep }} {{ vaulted }} {{ single }}" }
    - name: in other forms
      shell: tail -c +10 out | head -c {bytes} | base64 -w0; head -c {more} out | base64; tail -c +10 out | head -c {bytes} | od -An -v -tx1 | tr -d ' \\n'
      args: { chdir: "{{ root }}" }
    - name: in a form of the web
      debug: { msg: "http://u:{web}@host" }
    - name: in the words of a loop
      debug: { msg: "{{ item }}" }
      loop: ["{{ whole }}", "x{{ single }}"]
    - name: while somebody looks at the processes
      shell: echo looking; until [ -e go ]; do sleep 0.1; done
      args: { chdir: "{{ root }}" }
    - name: in a failure
      shell: cat out; cat out >&2; exit 3
      args: { chdir: "{{ root }}" }
`;

let site: Project;
beforeAll(async () => {
  site = makeProject();
  const recipient = (await site.run("secrets", "keygen")).stdout;
  site.write({ "secrets.recipients": recipient, "vault-pw": "swordfish\n", "t.hbs": "a={{ whole }}\n", "sealed.txt": `copied ${canary}\n` });
  site.write({ "sealed.yml": `whole: ${JSON.stringify(canary)}\nseveral: |\n  ${lines.join("\n  ")}\n`, "vaulted.yml": `vaulted: ${JSON.stringify(`${canary} in a vault`)}\n`, "single.txt": canary });
  const single = execFileSync("sh", ["-c", '"$0" "$1" secrets encrypt-value <single.txt', process.execPath, join(import.meta.dirname, "../../dist/main.js")], { cwd: site.dir, env: { ...process.env, HOME: site.dir, NODE_OPTIONS: "" }, encoding: "utf8" });
  const value = single.split("\n").slice(1).map((line) => `    ${line}`).join("\n").trimEnd();
  const more = 9 + Buffer.byteLength(canary);
  const text = playbook.replace("{single}", () => value).replaceAll("{bytes}", String(Buffer.byteLength(canary))).replaceAll("{more}", String(more));
  site.write({ "site.yml": text.replace("{web}", () => encodeURIComponent(canary)), inventory: `web1 ansible_connection=local root=${site.dir}/host\n`, "host/.keep": "" });
  for (const words of [["encrypt", "sealed.yml", "sealed.txt"], ["encrypt", "--vault", "--vault-password-file", "vault-pw", "vaulted.yml"]]) {
    expect(await site.run("secrets", ...words)).toEqual({ code: 0, stdout: "", stderr: "" });
  }
  execFileSync("rm", [join(site.dir, "single.txt")]);
});
afterAll(() => site.remove());

test("a secret goes everywhere, and is seen nowhere: screen, events, journal, reports, processes, temporary files", async () => {
  const words = ["run", "site.yml", "--diff", "-vv", "--vault-password-file", "vault-pw", "--output", "plain", "--output", "json=run.ndjson", "--output", "junit=report.xml"];
  const started = startBowline(words, { cwd: site.dir, env: { BOWLINE_STATE_DIR: join(site.dir, ".state"), NO_COLOR: "1", HOME: site.dir } });
  const looks: string[] = [];
  started.child.on("printed", () => looks.push(execFileSync("ps", ["axwwe", "-o", "args"], { encoding: "utf8" })));
  await started.printed("looking");
  const meanwhile = temporaryFiles();
  site.write({ "host/go": "" });
  const { code, stdout, stderr } = await started.ended;
  expect({ code, stderr }).toEqual({ code: 2, stderr: "" });

  const processes = looks.join("\n");

  // It did go everywhere.
  expect(readFileSync(join(site.dir, "host/out"), "utf8")).toBe(`password=${canary}\n${lines.join("\n")}\n`);
  expect(readFileSync(join(site.dir, "host/templated"), "utf8")).toBe(`a=${canary}\n`);
  expect(readFileSync(join(site.dir, "host/copied"), "utf8")).toBe(`copied ${canary}\n`);
  expect(eventsOf(readFileSync(join(site.dir, "run.ndjson"), "utf8")).at(-1)).toMatchObject({ type: "run:end", exitCode: 2 });
  expect(processes).toContain("main.js run site.yml");
  expect(stdout.match(/\[redacted\]/g)!.length).toBeGreaterThan(15);

  const journal = join(site.dir, ".state/runs");
  const record = readFileSync(join(journal, readdirSync(journal)[0]!), "utf8");
  const replayed = (await site.run("runs", "show", "last", "--diff", "-vv")).stdout;
  const seen = { stdout, journal: record, json: readFileSync(join(site.dir, "run.ndjson"), "utf8"), junit: readFileSync(join(site.dir, "report.xml"), "utf8"), replayed, processes, meanwhile, after: temporaryFiles() };
  expect(Object.entries(seen).flatMap(([where, text]) => traces.filter((trace) => text.includes(trace)).map((trace) => `${where}: ${trace}`))).toEqual([]);
});

test("an identity in the environment is not handed to what runs on the controller", async () => {
  const key = readFileSync(join(site.dir, ".config/bowline/identity"), "utf8");
  site.write({ "env.yml": "- hosts: all\n  vars_files: [sealed.yml]\n  tasks: [{shell: env}]\n" });
  const started = startBowline(["run", "env.yml", "-vv"], { cwd: site.dir, env: { BOWLINE_STATE_DIR: join(site.dir, ".state"), HOME: "/nowhere", BOWLINE_IDENTITY: key } });
  const { code, stdout, stderr } = await started.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("PATH=");
  expect(stdout).not.toMatch(/BOWLINE_IDENTITY|AGE-SECRET-KEY/);
});

test("an editor is not disturbed by signals, and its text is gone after it", async () => {
  site.write({ editor: '#!/bin/sh\necho "$1" >place; echo editing; until [ -e go ]; do sleep 0.1; done; sed -i s/first-line/other-line/ "$1"\n' });
  chmodSync(join(site.dir, "editor"), 0o755);
  const started = startBowline(["secrets", "edit", "sealed.yml"], { cwd: site.dir, env: { HOME: site.dir, VISUAL: join(site.dir, "editor") } });
  await started.printed("editing");
  const place = readFileSync(join(site.dir, "place"), "utf8").trim();
  expect(readFileSync(place, "utf8")).toContain("first-line");
  for (const signal of ["SIGINT", "SIGTERM", "SIGINT"] as const) started.child.kill(signal);
  site.write({ go: "" });
  expect((await started.ended).code).toBe(0);
  expect(existsSync(dirname(place))).toBe(false);
  expect((await site.run("secrets", "view", "sealed.yml")).stdout).toContain("other-line-of-the-canary");
});

/** What lies in /tmp and /dev/shm, but for the project itself and what is no file of ours to read. */
function temporaryFiles(): string {
  const within = (dir: string): string[] =>
    readdirSync(dir).flatMap((name) => {
      const path = join(dir, name);
      if (path === site.dir || !isOurs(path)) return [];
      const kind = lstatSync(path);
      if (kind.isDirectory()) return /^(bowline|tmp\.)/.test(name) ? within(path) : [];
      if (kind.isSymbolicLink()) return [readlinkSync(path)];
      return kind.isFile() && kind.size < 1_000_000 ? [readFileSync(path, "latin1"), readFileSync(path, "utf8")] : [];
    });
  return [tmpdir(), "/dev/shm"].filter((dir) => existsSync(dir)).flatMap(within).join("\n");
}

/** Others come and go there. */
function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.uid === process.getuid!();
}
