import { openLab, type Lab, type Machine } from "../lab.ts";
import { sh } from "../../../src/core/sh.ts";
import type { Become, Connection, OutputLine, Target } from "../../../src/transport/transport.ts";
import { script, uniqueSleep } from "../../transport/_host.ts";
import { eventually } from "../process.ts";
import { attempt, closeAll, login, secret, targetOf } from "./_login.ts";

const password = "lab-sudo-secret";
let lab: Lab;
let machine: Machine;
beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine();
}, 600_000);
afterEach(closeAll, 60_000);
afterAll(() => lab.close());

const as = (user: string, more: Partial<Target> = {}): Target => targetOf({ ...machine.ssh, user }, more);
const root = (given?: string): Become => ({ user: "root", method: "sudo", ...(given === undefined ? {} : { password: secret(given) }) });

/** Who we are on the host as this user, or the code and the words of the refusal. */
async function whoami(connection: Connection, become: Become): Promise<string> {
  try {
    const [reply] = await (await connection.session(become)).ask([script("id -un; cat", { stdin: "input" })]);
    return reply!.stdout.toString();
  } catch (error) {
    const { code, message, problems } = error as { code: string; message: string; problems: { hint?: string }[] };
    return `${code} ${message} | ${problems[0]!.hint}`;
  }
}

test("a password logs in, also where the server asks for it in a conversation; a wrong one is refused and not shown", async () => {
  expect(await attempt(as("opspw", { identityFiles: [], password: secret(password) }))).toBe("opspw");
  const refused = await attempt(as("opspw", { identityFiles: [], password: secret("wrong-password") }));
  expect(refused).toMatch(/^E_AUTH opspw could not log in .*tried the password/);
  expect(refused).not.toContain("wrong-password");
  // sshd goes into the background before it listens, and writes its pid after.
  await machine.must("/usr/sbin/sshd -p 2222 -o PasswordAuthentication=no -o KbdInteractiveAuthentication=yes -o UsePAM=yes -o PidFile=/run/conversation.pid; until [ -s /run/conversation.pid ]; do sleep 0.1; done");
  const port = await machine.forward({ to: ":2222" });
  expect(await attempt(as("opspw", { port, strictHostKeyChecking: "off", identityFiles: [], password: secret(password) }))).toBe("opspw");
}, 300_000);

test.each([
  ["ops", undefined],
  ["ops", "a password that nobody asks for"],
  ["opspw", password],
])("%s becomes root with the password %j, and only the script gets the input", async (user, given) => {
  expect(await whoami(await login(as(user)), root(given))).toBe("root\ninput");
}, 120_000);

test("one connection has a session for each user, and the same one for the same user", async () => {
  const connection = await login(as("ops"));
  expect(await whoami(connection, { user: "daemon", method: "sudo" })).toBe("daemon\ninput");
  expect(await whoami(connection, root())).toBe("root\ninput");
  expect(await connection.session(root())).toBe(await connection.session(root()));
  expect((await (await connection.session()).ask([script("id -un")]))[0]!.stdout.toString()).toBe("ops\n");
}, 120_000);

test.each([
  [undefined, /^E_BECOME web1: cannot become root: sudo wants a password and none was given \| .*-K/],
  ["wrong-secret", /^E_BECOME web1: cannot become root: the sudo password was refused \| .*-K/],
  ["odd ' \" \\ $HOME `id` \u00e9 %s", /^E_BECOME web1: cannot become root: the sudo password was refused/],
  ["two\nlines", /^E_BECOME web1: cannot become root: the sudo password holds a line break/],
])("with the sudo password %j there is no root, in words without it", async (given, words) => {
  const seen = await whoami(await login(as("opspw")), root(given));
  expect(seen).toMatch(words);
  if (given !== undefined) expect(seen).not.toContain(given);
}, 120_000);

test("a password of odd characters is given as it is", async () => {
  const odd = "a'b\"c\\ $x`y`%s!é~#";
  await machine.must(`chpasswd <<'EOF'\nopspw:${odd}\nEOF`);
  try {
    expect(await whoami(await login(as("opspw")), root(odd))).toBe("root\ninput");
  } finally {
    await machine.must(`echo 'opspw:${password}' | chpasswd`);
  }
}, 120_000);

test.each([
  ["a user that is not there", "true", { user: "nobody-here", method: "sudo" } as Become, /E_BECOME .*the host has no such user/],
  ["a host whose sudo wants a terminal", "echo 'Defaults requiretty' >/etc/sudoers.d/zz-test", root(), /E_BECOME .*sudo wants a terminal/],
  ["a user whom sudo does not know", "mv /etc/sudoers.d/lab /root/lab.sudoers", root(), /E_BECOME .*(does not allow it|wants a password)/],
  ["a host without sudo", "chmod 700 /usr/bin/sudo; mv /usr/bin/sudo /usr/bin/sudo.away", root(), /E_BECOME .*there is no sudo on the host/],
])("%s is refused in words", async (_, prepare, become, words) => {
  await machine.must(prepare);
  try {
    expect(await whoami(await login(as("ops")), become)).toMatch(words);
  } finally {
    await machine.must("rm -f /etc/sudoers.d/zz-test; [ ! -e /root/lab.sudoers ] || mv /root/lab.sudoers /etc/sudoers.d/lab; [ ! -e /usr/bin/sudo.away ] || { mv /usr/bin/sudo.away /usr/bin/sudo; chmod 4755 /usr/bin/sudo; }");
  }
}, 120_000);

test("no secret stands in the arguments or the environment of a process while a session and a script have it", async () => {
  const session = await (await login(as("opspw"))).session(root(password));
  const stop = new AbortController();
  const told = secret("script-secret-77");
  const nap = uniqueSleep();
  const request = { kind: "script" as const, script: sh`v=${told}; [ -n "$v" ] && cat >/dev/null && echo ready; sleep ${nap}`, stdin: "stdin-secret-88" };
  let asked: Promise<unknown> = Promise.resolve();
  await new Promise<OutputLine>((resolve) => {
    asked = session.ask([request], { signal: stop.signal, onLine: resolve });
  });
  const { stdout } = await machine.exec("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | sort -u");
  expect(stdout).toContain(nap);
  for (const text of [password, "script-secret-77", "stdin-secret-88"]) expect(stdout).not.toContain(text);
  stop.abort();
  await asked;
}, 120_000);

test.each([
  ["a time limit", { timeout: 1 }, "timeout"],
  ["a cancel", {}, "cancelled"],
])("%s ends the tree of a script that runs as root", async (_, more, status) => {
  const session = await (await login(as("opspw"))).session(root(password));
  const nap = uniqueSleep();
  const stop = new AbortController();
  const [reply] = await session.ask([script(`sleep ${nap} & setsid env -i sleep ${nap} & echo on; sleep ${nap}`, more)], { signal: stop.signal, onLine: () => status === "cancelled" && stop.abort() });
  expect(reply!.status).toBe(status);
  expect((await machine.exec(`pgrep -f '[s]leep ${nap}'`)).stdout).toBe("");
}, 120_000);

test.each<[string, (connection: Connection) => Promise<unknown>]>([
  ["is closed", (connection) => connection.close()],
  ["is lost because the cable is pulled", () => machine.link(false)],
])("when the connection %s, root's script is stopped and nothing stays", async (_, lose) => {
  const connection = await login(as("opspw", { serverAliveInterval: 1 }));
  const session = await connection.session(root(password));
  const nap = uniqueSleep();
  const lost = new Promise<{ code?: string }>((resolve) => {
    void session.ask([{ kind: "lock", label: "root's" }, script(`sleep ${nap} & echo on; sleep ${nap}`)], { onLine: () => void lose(connection) }).then(() => resolve({}), resolve);
  });
  expect(await lost).toMatchObject({ code: "E_UNREACHABLE" });
  // Without a word from the other side the host waits for a minute; the serial port shows it meanwhile.
  const quiet = async () => ((await machine.rescue(`pgrep -f '[s]leep ${nap}' || true; pgrep -u root -f 'bowline-[r]eady' || true; flock -n /run/lock/bowline.lock true || echo locked`)).trim() === "" ? true : undefined);
  await eventually("nothing on the host", 150_000, quiet);
  await machine.link(true);
}, 240_000);
