import { jest } from "@jest/globals";
import { openLab, type Lab, type Machine } from "../lab.ts";
import { bowlineOn, type Bowline } from "../pipeline.ts";

/** What a real machine says of itself, and a job on it that outlives its connection. */
jest.setTimeout(300_000);

let lab: Lab;
let machine: Machine;
let bowline: Bowline;

beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine("deb1");
  bowline = await bowlineOn(machine, "ops");
}, 300_000);

afterAll(async () => {
  await bowline?.remove();
  await lab?.close();
});

describe("facts", () => {
  test("of a real machine are what its own tools say", async () => {
    const { results } = await bowline.run([{ setup: {}, register: "said" }]);
    expect(results[0]!.problem).toBeUndefined();
    const facts = (results[0]!.data as { ansible_facts: Record<string, never> }).ansible_facts as unknown as Record<string, unknown>;
    const [kernel, cpus, kib] = (await machine.must("uname -r; nproc; awk '/^MemTotal/ { print $2 }' /proc/meminfo")).split("\n");
    expect(facts).toMatchObject({
      distribution: "Debian",
      distribution_release: "bookworm",
      distribution_major_version: "12",
      os_family: "Debian",
      kernel,
      hostname: "deb1",
      processor_vcpus: Number(cpus),
      memtotal_mb: Math.floor(Number(kib) / 1024),
      service_mgr: "systemd",
      pkg_mgr: "apt",
      user_id: "ops",
      architecture: "x86_64",
      default_ipv4: expect.objectContaining({ address: "10.0.2.15", interface: "eth0" }),
      eth0: expect.objectContaining({ active: true }),
    });
    expect(facts["mounts"]).toContainEqual(expect.objectContaining({ mount: "/", fstype: "ext4" }));
    expect(facts["devices"]).toHaveProperty("vda");
  });

  test("conditions and templates gather what they name", async () => {
    const { results } = await bowline.run([{ debug: { msg: "{{ facts.os.id }} {{ ansible_facts.default_ipv4.address }}" }, when: 'ansible_facts.os_family == "Debian"' }]);
    expect(results.at(-1)).toMatchObject({ status: "ok", message: "debian 10.0.2.15" });
  });
});

describe("a job", () => {
  test("runs on when the connection is gone, and tells how it ended", async () => {
    const started = await bowline.run([{ shell: "sleep 8; echo done >/tmp/job; echo said", async: 60, poll: 0, register: "job" }]);
    const jid = (started.results[0]!.data as { ansible_job_id: string }).ansible_job_id;
    // Not only closed: every session of the user is ended as by a network that goes away.
    await machine.must("pkill -KILL -u ops sshd || :");
    expect((await machine.exec("cat /tmp/job")).code).not.toBe(0);
    const { results } = await bowline.run([{ async_status: { jid }, register: "end", until: "end.finished", retries: 60, delay: 1 }]);
    expect(results[0]!.data).toMatchObject({ finished: true, rc: 0, stdout: "said" });
    expect(await machine.must("cat /tmp/job")).toBe("done\n");
  });
});
