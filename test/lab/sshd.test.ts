import { existsSync } from "node:fs";
import { run } from "./process.ts";
import { startProxy } from "./proxy.ts";
import { sshOptions, type SshTarget } from "./ssh.ts";
import { startSshd, type Sshd } from "./sshd.ts";

let sshd: Sshd;
beforeAll(async () => void (sshd = await startSshd({ hosts: 50 })), 60_000);
afterAll(() => sshd?.stop());

const target = (host: string): SshTarget => ({ ...sshd, host });
const ssh = (host: string, script: string, more: readonly string[] = []) =>
  run("ssh", [...sshOptions(target(host)), ...more, `${sshd.user}@${host}`, script], { timeoutMs: 30_000 });

test("one sshd answers as fifty hosts, with known keys", async () => {
  expect(sshd.hosts).toHaveLength(50);
  for (const host of [sshd.hosts[0]!, sshd.hosts[49]!]) expect((await ssh(host, "echo $SSH_CONNECTION")).stdout).toContain(` ${host} ${sshd.port}`);
  expect((await ssh("127.0.0.11", "true", ["-o", "HostKeyAlgorithms=ssh-rsa,rsa-sha2-512"])).code).toBe(0);
}, 60_000);

test("a proxy slows, counts and cuts", async () => {
  const host = sshd.hosts[0]!;
  const proxy = await startProxy({ target: { host, port: sshd.port }, delayMs: 25 });
  const through = (port: number) => ["-o", "HostName=127.0.0.1", "-p", `${port}`, "-o", `Port=${port}`, "-o", `HostKeyAlias=[${host}]:${sshd.port}`];
  const args = (port: number) => [...through(port), ...sshOptions(target(host)), `${sshd.user}@${host}`, "echo through"];
  const began = Date.now();
  expect(await run("ssh", args(proxy.port))).toMatchObject({ code: 0, stdout: "through\n" });
  expect(proxy.connections()).toBe(1);
  expect(proxy.roundTrips()).toBeGreaterThan(3);
  expect(Date.now() - began).toBeGreaterThan(2 * 25 * 3);
  await proxy.close();

  const scissors = await startProxy({ target: { host, port: sshd.port }, cutAfterBytes: 2000 });
  expect((await run("ssh", args(scissors.port))).code).toBe(255);
  const { sent, received } = scissors.bytes();
  expect(sent + received).toBe(2000);
  await scissors.close();
}, 60_000);

test("stopping leaves no file", async () => {
  const other = await startSshd();
  await other.stop();
  expect(existsSync(other.dir)).toBe(false);
}, 60_000);
