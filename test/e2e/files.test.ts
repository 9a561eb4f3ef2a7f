import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunEnd } from "../../src/events/event.ts";
import { startProxy, type Proxy } from "../lab/proxy.ts";
import { knownHostsLine } from "../lab/ssh.ts";
import { startSshd, type Sshd } from "../lab/sshd.ts";
import { makeProject, type Project } from "./_project.ts";

let sshd: Sshd;
let wire: Proxy;
let project: Project;

beforeAll(async () => {
  sshd = await startSshd();
  wire = await startProxy({ target: { host: sshd.hosts[0]!, port: sshd.port } });
  const key = readFileSync(join(sshd.dir, "host_ed25519.pub"), "utf8").trim();
  project = makeProject();
  const ssh = { host: wire.host, port: wire.port, user: sshd.user, identity_file: sshd.identityFile, known_hosts_file: join(project.dir, "known_hosts") };
  project.write({ known_hosts: knownHostsLine(wire.host, wire.port, key), "hosts.yml": JSON.stringify({ all: { hosts: { far: { ssh } } } }) });
  mkdirSync(join(project.dir, "files"));
  mkdirSync(join(project.dir, "out"));
}, 60_000);

afterAll(async () => {
  project?.remove();
  await wire?.close();
  await sshd?.stop();
});

/** What one run cost: round trips of the host, and bytes that were sent to it. */
async function ran(tasks: readonly object[]): Promise<{ told: string; roundTrips: number; sent: number }> {
  project.write({ "site.yml": JSON.stringify([{ hosts: "all", tasks }]) });
  wire.reset();
  const { code, stdout, stderr } = await project.run("run", "site.yml", "-i", "hosts.yml", "--output", "json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const lines = stdout.trim().split("\n");
  const { roundTrips } = JSON.parse(lines.at(-1)!) as RunEnd;
  const told = lines.map((line) => JSON.parse(line) as { type: string; result?: { status: string } }).flatMap(({ type, result }) => (type === "host:end" ? [result!.status] : []));
  return { told: told.join(" "), roundTrips: roundTrips["far"]!, sent: wire.bytes().sent };
}

/** What a run without files sends: the handshake, the host's half of the session, looks. */
const overhead = 100_000;

test("a hundred small files are one round trip of looks and one of changes; unchanged, they cost one of looks and no transfer", async () => {
  const names = Array.from({ length: 100 }, (_, index) => `f${index}`);
  const size = 10_000;
  for (const name of names) writeFileSync(join(project.dir, "files", name), randomBytes(size >> 1).toString("hex"));
  const copy = { copy: { src: "{{ item }}", dest: `${project.dir}/out/{{ item }}`, mode: "0640" }, loop: names };
  const made = await ran([copy]);
  expect(made).toMatchObject({ told: "changed", roundTrips: 2 });
  expect(made.sent).toBeGreaterThan(100 * size);
  for (const name of names) expect(readFileSync(join(project.dir, "out", name), "utf8") === readFileSync(join(project.dir, "files", name), "utf8")).toBe(true);
  expect(readdirSync(join(project.dir, "out")).sort()).toEqual([...names].sort());
  const again = await ran([copy]);
  expect(again).toMatchObject({ told: "ok", roundTrips: 1 });
  expect(again.sent).toBeLessThan(overhead);
});

test("a large file travels once, as many bytes as it has, and costs a digest from then on", async () => {
  const size = 5_000_000;
  writeFileSync(join(project.dir, "files/large"), randomBytes(size));
  const copy = { copy: { src: "large", dest: `${project.dir}/out/large`, mode: "0600" } };
  const made = await ran([copy]);
  expect(made.told).toBe("changed");
  expect(made.sent).toBeGreaterThan(size);
  expect(made.sent).toBeLessThan(size * 1.02 + overhead);
  expect(readFileSync(join(project.dir, "out/large")).equals(readFileSync(join(project.dir, "files/large")))).toBe(true);
  expect(statSync(join(project.dir, "out/large")).mode & 0o7777).toBe(0o600);
  const again = await ran([copy]);
  expect(again.told).toBe("ok");
  expect(again.sent).toBeLessThan(overhead);
});

test("on a slow link a large text travels packed, what cannot be made smaller as it is, and both arrive whole", async () => {
  const slow = await startProxy({ target: { host: sshd.hosts[0]!, port: sshd.port }, bytesPerSecond: 1_500_000 });
  const key = readFileSync(join(sshd.dir, "host_ed25519.pub"), "utf8").trim();
  project.write({ known_hosts: knownHostsLine(wire.host, wire.port, key) + knownHostsLine(slow.host, slow.port, key) });
  const text = Array.from({ length: 80_000 }, (_, index) => `${index} ${index % 97} what a program writes down of its day\n`).join("");
  const noise = randomBytes(2_000_000);
  writeFileSync(join(project.dir, "files/text"), text);
  writeFileSync(join(project.dir, "files/noise"), noise);
  try {
    const sent: Record<string, number> = {};
    for (const name of ["text", "noise"]) {
      slow.reset();
      project.write({ "site.yml": JSON.stringify([{ hosts: "all", tasks: [{ copy: { src: name, dest: `${project.dir}/out/${name}` } }] }]) });
      const inventory = JSON.parse(readFileSync(join(project.dir, "hosts.yml"), "utf8")) as { all: { hosts: { far: { ssh: object } } } };
      const ssh = { ...inventory.all.hosts.far.ssh, port: slow.port };
      project.write({ "slow.yml": JSON.stringify({ all: { hosts: { far: { ssh } } } }) });
      expect(await project.run("run", "site.yml", "-i", "slow.yml")).toMatchObject({ code: 0, stderr: "" });
      sent[name] = slow.bytes().sent;
    }
    expect(text.length).toBeGreaterThan(3_500_000);
    expect(sent["text"]).toBeLessThan(text.length / 2);
    expect(sent["noise"]).toBeGreaterThan(noise.length);
    expect(readFileSync(join(project.dir, "out/text"), "utf8") === text).toBe(true);
    expect(readFileSync(join(project.dir, "out/noise")).equals(noise)).toBe(true);
  } finally {
    await slow.close();
  }
});
