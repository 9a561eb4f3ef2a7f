import { jest } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, chmod, copyFile, readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { resolveTarget } from "../../../src/transport/target.ts";
import type { OutputLine, Target } from "../../../src/transport/transport.ts";
import { running, script, uniqueSleep } from "../../transport/_host.ts";
import { eventually, must, spawnTied } from "../process.ts";
import { startProxy } from "../proxy.ts";
import { startSshd, type Sshd } from "../sshd.ts";
import { attempt, closeAll, login, secret, targetOf } from "./_login.ts";

jest.setTimeout(60_000);

let sshd: Sshd;
beforeAll(async () => void (sshd = await startSshd({ hosts: 3, config: ["MaxAuthTries 4"] })), 60_000);
afterEach(closeAll, 60_000);
afterAll(() => sshd.stop());

const server = (index = 0) => ({ ...sshd, host: sshd.hosts[index]! });
const at = (name: string) => join(sshd.dir, name);
const target = (more: Partial<Target> = {}, index = 0) => targetOf(server(index), more);

async function newKey(name: string, { type = "ed25519", passphrase = "", format = [] as string[], allowed = true } = {}): Promise<string> {
  await must("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-C", name, ...format, "-f", at(name)]);
  if (allowed) await appendFile(at("authorized_keys"), await readFile(`${at(name)}.pub`));
  return at(name);
}

describe("keys", () => {
  test.each([
    ["ed25519", "", []],
    ["ecdsa", "", []],
    ["rsa", "", []],
    ["ed25519", "a pass'phrase", []],
    ["rsa", "a pass'phrase", ["-m", "PEM"]],
    ["ecdsa", "a pass'phrase", []],
  ])("an %s key with the passphrase %j logs in (%j)", async (type, passphrase, format) => {
    const key = await newKey(`key-${type}-${passphrase.length}-${format.length}`, { type, passphrase, format });
    const more = { identityFiles: [key], ...(passphrase === "" ? {} : { passphrase: secret(passphrase) }) };
    expect(await attempt(target(more))).toBe(sshd.user);
  }, 60_000);

  test("a named key that cannot be used is an error in words, which never has the passphrase", async () => {
    const locked = await newKey("locked", { passphrase: "sesame-open" });
    expect(await attempt(target({ identityFiles: [locked] }))).toMatch(/^E_AUTH .*locked is locked with a passphrase .*ssh-add/);
    const wrong = await attempt(target({ identityFiles: [locked], passphrase: secret("sesame-shut") }));
    expect(wrong).toMatch(/^E_AUTH the passphrase of .*locked is wrong/);
    expect(wrong).not.toContain("sesame");
    expect(await attempt(target({ identityFiles: [at("none")] }))).toMatch(/^E_AUTH the key file .*none cannot be read: there is none/);
    await writeFile(at("garbage"), "no key\n");
    expect(await attempt(target({ identityFiles: [at("garbage")] }))).toMatch(/^E_AUTH .*garbage is no private key/);
    expect(await attempt(target({ identityFiles: [`${locked}.pub`] }))).toMatch(/^E_AUTH .*locked.pub is no private key/);
  });

  test("a default key that cannot be used is passed over", async () => {
    const locked = await newKey("default-locked", { passphrase: "x1y2z3", allowed: false });
    await writeFile(at("default-garbage"), "no key\n");
    const files = [locked, at("default-garbage"), at("default-none"), sshd.identityFile];
    expect(await attempt(target({ identityFiles: files, identitiesAreDefault: true }))).toBe(sshd.user);
    expect(await attempt(target({ identityFiles: [locked], identitiesAreDefault: true }))).toMatch(/^E_AUTH .*could not log in .*default-locked \(passed over: it is locked with a passphrase\)/);
  });

  test("a key that the host does not take is a refused login that names what was tried", async () => {
    const stranger = await newKey("stranger", { allowed: false });
    expect(await attempt(target({ identityFiles: [stranger] }))).toMatch(new RegExp(`^E_AUTH ${sshd.user} could not log in at 127.0.0.11:${sshd.port} .*tried ${stranger} .*ssh -p ${sshd.port}`));
    expect(await attempt(target({ identityFiles: [] }))).toMatch(/^E_AUTH .*nothing to try: no agent, no key file, no password/);
  });

  test("a password that the host does not ask for stands in no message", async () => {
    const refused = await attempt(target({ identityFiles: [], password: secret("hunter-two") }));
    expect(refused).toMatch(/^E_AUTH .*could not log in/);
    expect(refused).not.toContain("hunter-two");
  });
});

describe("an agent", () => {
  const agents: ReturnType<typeof spawn>[] = [];
  afterAll(() => agents.forEach((agent) => agent.kill()));
  const startAgent = async (name: string, keys: readonly string[]): Promise<string> => {
    const socket = at(`${name}.sock`);
    agents.push(spawnTied("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" }));
    await eventually("ssh-agent", 20_000, async () => ((await must("ssh-add", ["-l"]).catch(() => ""), await readFile(socket).catch((error: NodeJS.ErrnoException) => error.code)) === "ENXIO" ? true : undefined));
    for (const key of keys) await must("env", [`SSH_AUTH_SOCK=${socket}`, "ssh-add", "-q", key]);
    return socket;
  };

  test("logs in with its key, also when the named file of that key is locked", async () => {
    const key = await newKey("in-agent");
    const socket = await startAgent("one", [key]);
    expect(await attempt(target({ identityFiles: [], agent: socket }))).toBe(sshd.user);
    await copyFile(key, at("in-agent-locked"));
    await chmod(at("in-agent-locked"), 0o600);
    await must("ssh-keygen", ["-q", "-p", "-P", "", "-N", "a passphrase", "-f", at("in-agent-locked")]);
    expect(await attempt(target({ identityFiles: [at("in-agent-locked")], agent: socket }))).toBe(sshd.user);
  });

  test("that is full does not use up the tries before a named key has its turn; with IdentitiesOnly it offers the named ones", async () => {
    const strangers = await Promise.all(Array.from({ length: 6 }, (_, index) => newKey(`full-${index}`, { allowed: false })));
    const last = await newKey("full-last");
    const socket = await startAgent("full", [...strangers, last]);
    expect(await attempt(target({ agent: socket }))).toBe(sshd.user);
    expect(await attempt(target({ identityFiles: [], agent: socket }))).toMatch(/^E_/);
    expect(await attempt(target({ identityFiles: [`${last}.pub`], identitiesOnly: true, agent: socket }))).toBe(sshd.user);
  });

  test("that is gone is one way less to log in", async () => {
    expect(await attempt(target({ agent: at("no-agent.sock"), identitiesAreDefault: true }))).toBe(sshd.user);
    expect(await attempt(target({ identityFiles: [], agent: at("no-agent.sock") }))).toMatch(/^E_AUTH .*tried the agent/);
  });
});

describe("the host's key", () => {
  const known = async (name: string, lines: string): Promise<Partial<Target>> => {
    await writeFile(at(name), lines);
    return { knownHostsFiles: [at(name)] };
  };
  const lineOf = async (type: string, host = sshd.hosts[0]!) => `[${host}]:${sshd.port} ${(await readFile(at(`host_${type}.pub`), "utf8")).split(" ").slice(0, 2).join(" ")}\n`;

  test.each(["ed25519", "ecdsa", "rsa"])("is accepted when only its %s key is known", async (type) => {
    expect(await attempt(target(await known(`known-${type}`, await lineOf(type))))).toBe(sshd.user);
  });

  test("is accepted by a name that ssh-keygen -H hashed", async () => {
    const more = await known("known-hashed", await lineOf("ecdsa"));
    await must("ssh-keygen", ["-q", "-H", "-f", at("known-hashed")]);
    expect(await readFile(at("known-hashed"), "utf8")).not.toContain("127.0.0.11");
    expect(await attempt(target(more))).toBe(sshd.user);
  });

  test("is refused when it is unknown or another, before anything is sent", async () => {
    expect(await attempt(target(await known("known-none", "")))).toMatch(/^E_HOST_KEY the host key of \[127.0.0.11\]:\d+ is not known .*SHA256:.*accept-new/);
    const changed = (await lineOf("ed25519")).replace(/(AAAA\S+)/, (await readFile(`${sshd.identityFile}.pub`, "utf8")).split(" ")[1]!);
    expect(await attempt(target(await known("known-wrong", changed)))).toMatch(/^E_HOST_KEY the host key of .* has changed .*known-wrong:1/);
  });

  test("is remembered with accept-new, and then known", async () => {
    const more = await known("known-new", "");
    const warnings: string[] = [];
    expect(await attempt(target({ ...more, strictHostKeyChecking: "accept-new" }), warnings)).toBe(sshd.user);
    expect(warnings).toEqual([expect.stringMatching(/was unknown and is now in .*known-new/)]);
    expect(await attempt(target(more))).toBe(sshd.user);
    expect(await readFile(at("known-new"), "utf8")).toMatch(/^\[127\.0\.0\.11\]:\d+ ssh-ed25519 /);
  });

  test("is not looked at with off, which warns", async () => {
    const warnings: string[] = [];
    expect(await attempt(target({ ...(await known("known-off", "")), strictHostKeyChecking: "off" }), warnings)).toBe(sshd.user);
    expect(warnings).toEqual([expect.stringMatching(/NOT checked/)]);
  });

  test("may be of a type that we do not know, among others that we do", async () => {
    const odd = `[127.0.0.11]:${sshd.port} sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t\n`;
    expect(await attempt(target(await known("known-odd", odd + (await lineOf("rsa")))))).toBe(sshd.user);
  });
});

test("~/.ssh/config says how to get there: name, port, user, key, known_hosts, jump host", async () => {
  const lines = ["Host inner", `  HostName ${sshd.hosts[1]}`, "  ProxyJump gate", "Host gate", `  HostName ${sshd.hosts[0]}`, "Host *", `  Port ${sshd.port}`, `  User ${sshd.user}`, `  IdentityFile "${sshd.identityFile}"`, `  UserKnownHostsFile ${sshd.knownHostsFile}`, "  IdentityAgent none"];
  await writeFile(at("ssh_config"), lines.join("\n"));
  const inner = resolveTarget("inner", {}, { configFile: at("ssh_config") });
  const connection = await login(inner);
  const [reply] = await (await connection.session()).ask([script("echo $SSH_CONNECTION")]);
  expect(reply!.stdout.toString()).toContain(` ${sshd.hosts[1]} ${sshd.port}`);
});

describe("the way to a host", () => {
  test("may lead through several jump hosts", async () => {
    const through = target({ proxyJump: [target({ name: "gate" }), target({ name: "inner gate" }, 1)] }, 2);
    expect(await attempt(through)).toBe(sshd.user);
  });

  test("that breaks at a jump host is told with the name of that host", async () => {
    expect(await attempt(target({ proxyJump: [target({ name: "gate", knownHostsFiles: [] })] }, 2))).toMatch(/^E_HOST_KEY the host key of \[127.0.0.11\]/);
    expect(await attempt(target({ port: 1, proxyJump: [target({ name: "gate" })] }))).toMatch(/^E_UNREACHABLE web1 \(127.0.0.11:1\) cannot be reached: through gate: /);
  });

  test("that leads nowhere is told in words", async () => {
    expect(await attempt(target({ port: 1 }))).toMatch(/^E_UNREACHABLE web1 \(127.0.0.11:1\) cannot be reached: nothing listens there/);
    expect(await attempt(target({ host: "no-such-host.invalid", knownHostsFiles: [] }))).toMatch(/^E_UNREACHABLE web1 .*its name (is not known|could not be looked up)/);
  });

  test("to a server that does not speak ends in time", async () => {
    const mute = createServer();
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const { port } = mute.address() as AddressInfo;
    expect(await attempt(target({ host: "127.0.0.1", port, connectTimeout: 1 }))).toMatch(/^E_UNREACHABLE .*did not answer within 1s/);
    mute.close();
  });

  test("is not taken when the run was interrupted before", async () => {
    const { connectSsh } = await import("../../../src/transport/ssh.ts");
    await expect(connectSsh(target(), { signal: AbortSignal.abort(), onWarning: () => undefined })).rejects.toMatchObject({ code: "E_UNREACHABLE" });
  });
});

describe("a connection", () => {
  const through = async (more: { cutAfterBytes?: number } = {}) => {
    const proxy = await startProxy({ target: { host: sshd.hosts[0]!, port: sshd.port }, ...more });
    await writeFile(at(`known-proxy-${proxy.port}`), (await readFile(sshd.knownHostsFile, "utf8")).replaceAll(`[${sshd.hosts[0]}]:${sshd.port}`, `[127.0.0.1]:${proxy.port}`));
    return { proxy, target: target({ host: "127.0.0.1", port: proxy.port, knownHostsFiles: [at(`known-proxy-${proxy.port}`)] }) };
  };

  test("shakes hands once for all sessions and questions, and each question is one round trip", async () => {
    const { proxy, target: near } = await through();
    const connection = await login(near);
    const session = await connection.session();
    await session.ask([script("true")]);
    proxy.reset();
    const before = connection.roundTrips;
    for (let index = 0; index < 5; index += 1) await session.ask(Array.from({ length: 20 }, () => script("echo x", { trusted: true })));
    expect(connection.roundTrips - before).toBe(5);
    expect(proxy.connections()).toBe(0);
    await connection.close();
    await proxy.close();
  });

  test("that is cut at any byte gives right answers or says so, and nothing stays on the host", async () => {
    const nap = uniqueSleep();
    for (const cutAfterBytes of [10, 1500, 2500, 3500, 4500, 6000, 8000, 10_000, 11_000, 12_000, 12_500, 13_000, 14_000, 16_000, 19_000, 23_000]) {
      const { proxy, target: near } = await through({ cutAfterBytes });
      const outcome = await (async () => {
        const connection = await login(near);
        const replies = await (await connection.session()).ask([script("echo one; echo err >&2"), script(`sleep ${nap} & head -c 9000 /dev/zero | tr '\\0' x; sleep ${nap}`)]);
        return replies.map((reply) => reply.stdout.toString());
      })().catch((error: { code?: string }) => error.code);
      expect({ cutAfterBytes, outcome }).toEqual({ cutAfterBytes, outcome: "E_UNREACHABLE" });
      await proxy.close();
    }
    await eventually("nothing on the host", 30_000, () => Promise.resolve(running(nap).length === 0 ? true : undefined));
  }, 120_000);

  test("that was cut can be closed, and later questions are told", async () => {
    const { proxy, target: near } = await through();
    const connection = await login(near);
    const session = await connection.session();
    const seen = new Promise<OutputLine>((resolve) => void session.ask([script("echo on; sleep 1000")], { onLine: resolve }).catch(() => undefined));
    expect((await seen).text).toBe("on");
    proxy.cut();
    await expect(session.ask([script("true")])).rejects.toMatchObject({ code: "E_UNREACHABLE" });
    await connection.close();
    await proxy.close();
  });

  test("whose controller is killed with SIGKILL leaves nothing on the host", async () => {
    const nap = uniqueSleep();
    const requests = [{ kind: "script", script: `sleep ${nap} & env -i sleep ${nap} & echo ready; sleep ${nap}` }];
    const controller = join(import.meta.dirname, "../../transport/_controller.ts");
    const child = spawn(process.execPath, ["--import", "tsx", controller, JSON.stringify({ target: target(), requests })], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout!, "data");
    child.kill("SIGKILL");
    await eventually("nothing on the host", 30_000, () => Promise.resolve(running(nap).length === 0 ? true : undefined));
  }, 60_000);

  test("to a server with few sessions says which limit is met", async () => {
    const small = await startSshd({ config: ["MaxSessions 0"] });
    expect(await attempt(targetOf({ ...small, host: small.hosts[0]! }))).toMatch(/^E_UNREACHABLE .*no more sessions.*MaxSessions/);
    await closeAll();
    await small.stop();
  });

  test("to an account that runs no commands gives the account's words", async () => {
    const closed = await startSshd({ config: ["ForceCommand echo 'This account is currently not available.'"] });
    expect(await attempt(targetOf({ ...closed, host: closed.hosts[0]! }))).toMatch(/^E_UNREACHABLE .*This account is currently not available/);
    await closeAll();
    await closed.stop();
  });

  test("bears a login shell that greets", async () => {
    const noisy = await startSshd({ config: [`ForceCommand echo Welcome; echo Careful >&2; eval "$SSH_ORIGINAL_COMMAND"`] });
    const connection = await login(targetOf({ ...noisy, host: noisy.hosts[0]! }));
    const lines: string[] = [];
    const [reply] = await (await connection.session()).ask([script("echo x")], { onLine: ({ text }) => lines.push(text) });
    expect([reply!.stdout.toString(), reply!.stderr.toString(), lines]).toEqual(["x\n", "", ["x"]]);
    await closeAll();
    await noisy.stop();
  });
});
