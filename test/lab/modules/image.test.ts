import { image, type ImageSeen } from "../../../src/modules/image.ts";
import { openLab, type Lab, type Machine } from "../lab.ts";
import { client, localFile, socket, startDaemon, stopDaemon } from "./docker.ts";
import { drive, type Driven } from "./harness.ts";

const name = "busybox:latest";
const base = { name, socket };

let lab: Lab;
let machine: Machine;
let driven: Driven<ImageSeen>;

beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine("deb1");
  driven = drive(machine, image);
}, 900_000);

afterAll(() => lab?.close(), 200_000);

const uploads = () => machine.must("find / -xdev -name 'bowline-*.tar' 2>/dev/null; find /srv/docker -name 'bowline-*.tar' 2>/dev/null");
const gone = () => machine.must(`${client} rmi -f $(${client} images -q) >/dev/null 2>&1 || :`);

test("without a daemon it is refused", async () => {
  expect(await driven.refusal(base)).toMatchObject({ code: "E_REFUSED", message: "docker daemon is not running", expected: `a daemon that answers on ${socket}` });
  expect(await driven.state(base)).toEqual({ state: "down", label: name, remarks: ["docker daemon is not running"] });
}, 600_000);

describe("on a daemon", () => {
  beforeAll(() => startDaemon(machine), 600_000);
  afterAll(() => stopDaemon(machine), 600_000);
  afterEach(gone, 200_000);

  test("no registry: an error with the three ways to bring an image", async () => {
    const { stderr } = await driven.failure({ ...base, timeout: 60 });
    expect(stderr).toMatch(/1\. pull[^]*2\. archive[^]*3\. archive_path/);
    expect(stderr).toMatch(/\nno registry is reachable for busybox:latest\n$/);
    expect((await driven.failure({ ...base, name: "10.0.2.99:5000/busybox:1", timeout: 2 })).stderr).toMatch(/3\. archive_path[^]*\n10\.0\.2\.99:5000\/busybox:1 has not come within 2 s: its registry is out of reach, or slow/);
  }, 600_000);

  test("an archive of the controller is loaded once, and nothing else is left on the host", async () => {
    const archive = await localFile(lab.images.busybox);
    const loaded = await driven.converge({ ...base, archive });
    expect(loaded.changes).toEqual(["load busybox:latest from busybox.tar of the controller"]);
    expect(loaded.before.uploads).toBe("/srv/docker/tmp");
    expect((await driven.converge({ ...base, archive })).changes).toEqual([]);
    expect(await driven.state(base)).toMatchObject({ state: "up", label: expect.stringMatching(/^[0-9a-f]{12}@busybox:latest$/) });
    expect(await uploads()).toBe("");
    expect((await loaded.undo()).image).toBeUndefined();
  }, 600_000);

  test("one image under another name than the archive's gets the name that is wanted", async () => {
    const archive = await localFile(lab.images.busybox);
    await driven.converge({ ...base, name: "registry.example.com:5000/tools:1", archive });
    expect(await machine.must(`${client} run --rm registry.example.com:5000/tools:1 echo hello`)).toBe("hello\n");
  }, 600_000);

  test("what comes with another id than it must have fails in words and is not kept, nor is its file; the right one holds", async () => {
    const archive = await localFile(lab.images.busybox);
    const failure = await driven.failure({ ...base, archive, id: "0123456789ab" });
    expect(failure.stderr).toMatch(/^busybox:latest has come with another id than sha256:0123456789ab, and was not kept: sha256:[0-9a-f]{64}\n$/);
    const id = failure.stderr.trim().slice(-64);
    expect((await driven.observe(base)).image).toBeUndefined();
    expect(await uploads()).toBe("");
    await machine.must("mkdir -p /var/tmp/old && echo old >/var/tmp/old/file && tar -C /var/tmp/old -cf /var/tmp/old.tar .");
    await driven.converge({ ...base, import_path: "/var/tmp/old.tar" });
    const { image: old } = await driven.observe(base);
    await driven.failure({ ...base, archive, id: "0123456789ab" });
    expect((await driven.observe(base)).image).toEqual(old);
    const replaced = await driven.converge({ ...base, archive, id });
    expect(replaced.changes).toEqual([expect.stringMatching(/^load busybox:latest from busybox\.tar of the controller, since its id is /)]);
    expect(await driven.check({ ...base, archive, id: id.slice(0, 12) })).toEqual([]);
    expect((await replaced.undo()).image).toMatchObject({ id: old!.id });
  }, 600_000);

  test("an archive on the host is loaded; one that is not there is refused; what is no archive fails with docker's words", async () => {
    expect(await driven.refusal({ ...base, archive_path: "/var/tmp/busybox.tar" })).toMatchObject({ message: "/var/tmp/busybox.tar is not on the host" });
    await machine.copyIn(lab.images.busybox, "/var/tmp/busybox.tar");
    await driven.converge({ ...base, archive_path: "/var/tmp/busybox.tar" });
    expect(await machine.must("ls /var/tmp/busybox.tar")).toContain("busybox.tar");
    await machine.must("head -c 100000 /dev/urandom >/var/tmp/noise.tar");
    expect((await driven.failure({ ...base, name: "noise:1", archive_path: "/var/tmp/noise.tar" })).stderr).not.toBe("");
  }, 600_000);

  test("a tar is imported with its settings, from the host or from the controller", async () => {
    await machine.must("mkdir -p /var/tmp/root/bin && cp /bin/busybox /var/tmp/root/bin/ && tar -C /var/tmp/root -cf /var/tmp/root.tar .");
    const raw = { ...base, name: "tools:1", import_path: "/var/tmp/root.tar", changes: ['ENTRYPOINT ["/bin/busybox"]', 'CMD ["echo", "it\'s me"]', "ENV A=b"] };
    expect((await driven.converge(raw)).changes).toEqual(["import tools:1 from /var/tmp/root.tar"]);
    expect((await driven.converge(raw)).changes).toEqual([]);
    expect(await machine.must(`${client} run --rm tools:1`)).toBe("it's me\n");
    const sent = { ...base, name: "sent:1", import: await localFile(lab.images.busybox) };
    expect((await driven.converge(sent)).changes).toEqual(["import sent:1 from busybox.tar of the controller"]);
    expect(await uploads()).toBe("");
  }, 600_000);

  test("taken away, and with another name brought back", async () => {
    await machine.must(`${client} load -q -i /var/tmp/busybox.tar; ${client} tag busybox:latest other:1`);
    const removed = await driven.converge({ ...base, state: "absent" });
    expect(removed.changes).toEqual(["remove the image busybox:latest"]);
    expect((await driven.converge({ ...base, state: "absent" })).changes).toEqual([]);
    expect((await removed.undo()).image).toBeDefined();
    await machine.must(`${client} rmi other:1`);
    await expect((await driven.converge({ ...base, state: "absent" })).undo()).rejects.toThrow("had no other name");
  }, 600_000);

  test("pulled from a registry, by tag and by digest", async () => {
    await machine.must("mkdir -p /srv/hub; printf 'version: 0.1\\nstorage: {filesystem: {rootdirectory: /srv/hub}}\\nhttp: {addr: \":5000\"}\\n' >/srv/hub.yml; setsid docker-registry serve /srv/hub.yml >/var/tmp/registry.log 2>&1 </dev/null & for i in $(seq 100); do curl -sf http://127.0.0.1:5000/v2/ && break; sleep 0.2; done");
    await machine.must(`${client} load -q -i /var/tmp/busybox.tar; ${client} tag busybox:latest 127.0.0.1:5000/busybox:1; ${client} push -q 127.0.0.1:5000/busybox:1`);
    const pulled = { ...base, name: "127.0.0.1:5000/busybox:1" };
    const { image: pushed } = await driven.observe(pulled);
    const digest = pushed!.digests[0]!.replace(/.*@/, "");
    await gone();
    await driven.converge(pulled);
    expect((await driven.converge({ ...pulled, digest })).changes).toEqual([]);
    await gone();
    expect((await driven.converge({ ...pulled, digest })).changes).toEqual([`pull 127.0.0.1:5000/busybox:1 at ${digest}`]);
    expect((await driven.failure({ ...pulled, name: "127.0.0.1:5000/busybox:2" })).stderr).toMatch(/\nthe registry does not give 127\.0\.0\.1:5000\/busybox:2\n$/);
    expect((await driven.failure({ ...pulled, name: "10.0.2.15:5000/busybox:1" })).stderr).toMatch(/\nthe registry of 10\.0\.2\.15:5000\/busybox:1 speaks plain HTTP, which its daemon must be told: --insecure-registry 10\.0\.2\.15:5000\n$/);
  }, 600_000);
});
