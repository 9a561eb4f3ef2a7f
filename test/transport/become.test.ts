import { execFileSync } from "node:child_process";
import { PassThrough } from "node:stream";
import { Secret } from "../../src/core/secret.ts";
import { becomeCommand, passPassword } from "../../src/transport/become.ts";
import type { Become } from "../../src/transport/transport.ts";
import type { Wire } from "../../src/transport/wire.ts";
import { local } from "./_host.ts";

const root: Become = { user: "root", method: "sudo", password: new Secret("the password") };

/** A wire whose other end is a sudo that the test plays. */
function sudo(): { wire: Wire; say: (text: string) => void; heard: () => string; end: (reason?: string) => void; isClosed: () => boolean } {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let end: (reason?: string) => void = () => undefined;
  let shut = false;
  const closed = new Promise<string | undefined>((resolve) => (end = resolve));
  const wire = { stdin, stdout, stderr, close: () => void (shut = true), closed };
  return { wire, say: (text) => void stderr.write(text), heard: () => (stdin.read() as Buffer | null)?.toString() ?? "", end, isClosed: () => shut };
}

test("the password is given when it is asked for, once, and what the shell says then is its own", async () => {
  const { wire, say, heard } = sudo();
  const passed = passPassword(wire, root, local);
  say("We trust you have received the usual lecture.\nbowline-sudo-");
  expect(heard()).toBe("");
  say("password:");
  say("\nbowline-rea");
  say("dy\nbehind");
  const { stderr } = await passed;
  expect(heard()).toBe("the password\n");
  expect((stderr.read() as Buffer).toString()).toBe("behind");
});

test("the password is not given when it is not asked for", async () => {
  const { wire, say, heard } = sudo();
  const passed = passPassword(wire, root, local);
  say("bowline-ready\n");
  await passed;
  expect(heard()).toBe("");
});

test.each<[string, RegExp]>([
  ["sudo: a password is required", /wants a password and none was given/],
  ["sudo: 1 incorrect password attempt", /password was refused/],
  ["sudo: sorry, you must have a tty to run sudo", /wants a terminal/],
  ["sudo: unknown user: nobody-here", /no such user/],
  ["sh: 1: exec: sudo: not found", /there is no sudo/],
  ["ops is not in the sudoers file.", /does not allow it/],
  ["Sorry, user ops is not allowed to execute '/usr/bin/sh' as root on deb1.", /does not allow it/],
  ["sudo: unable to resolve host x", /sudo failed: sudo: unable to resolve host x/],
  ["", /sudo failed: it gave no reason/],
])("when sudo ends with %j that is said in our words", async (words, message) => {
  const { wire, say, end, isClosed } = sudo();
  const passed = passPassword(wire, root, local);
  say(`${words}\n`);
  setImmediate(end);
  await expect(passed).rejects.toThrow(message);
  expect(isClosed()).toBe(true);
});

test("a question that we do not know is not answered with the password, and ends in time", async () => {
  const { wire, say, heard } = sudo();
  const passed = passPassword(wire, root, { ...local, connectTimeout: 0.05 });
  say("Verification code: ");
  await expect(passed).rejects.toThrow(/did not answer within/);
  expect(heard()).toBe("");
});

describe("su", () => {
  const su: Become = { user: "ops", method: "su", password: new Secret("the password") };

  test("is given the password when it asks for one, whatever the words before it", async () => {
    const { wire, say, heard } = sudo();
    const passed = passPassword(wire, su, local);
    say("ops's Password: ");
    await new Promise(setImmediate);
    expect(heard()).toBe("the password\n");
    say("bowline-ready\n");
    await passed;
  });

  test("that asks although no password was given is not waited for", async () => {
    const { wire, say, isClosed } = sudo();
    const passed = passPassword(wire, { user: "ops", method: "su" }, local);
    say("Password: ");
    await expect(passed).rejects.toThrow(/cannot become ops: su wants a password and none was given/);
    expect(isClosed()).toBe(true);
  });

  /** Only root is asked for nothing. */
  (process.getuid!() === 0 ? test : test.skip)("runs a shell even for a user who has none, and hands its English on to nobody", () => {
    const command = becomeCommand(su, "sh", "env");
    const said = execFileSync("sh", ["-c", command.replace(/ -- ops$/, " -- nobody")], { encoding: "utf8", env: { ...process.env, LC_ALL: "de_DE" }, stdio: ["ignore", "pipe", "ignore"] });
    expect(said.split("\n")).toEqual(expect.arrayContaining(["LC_ALL=de_DE", "LOGNAME=nobody"]));
    expect(said).not.toContain("BOWLINE_LC");
  });
});

test("doas is not let ask, and no question of it is answered", async () => {
  const { wire, say, heard } = sudo();
  expect(becomeCommand({ ...root, method: "doas" }, "sh", "true")).toMatch(/^doas -n -u root -- sh -c /);
  const passed = passPassword(wire, { ...root, method: "doas" }, { ...local, connectTimeout: 0.05 });
  say("doas (ops@deb1) password: ");
  await expect(passed).rejects.toThrow(/did not answer within/);
  expect(heard()).toBe("");
});

test.each<[Become["method"], string, RegExp]>([
  ["su", "su: Authentication failure", /the su password was refused/],
  ["su", "su: must be run from a terminal", /su of this host asks only at a terminal, which Bowline does not have/],
  ["su", "su: user nobody-here does not exist or the user entry does not contain all the required fields", /no such user/],
  ["su", "sh: 1: exec: su: not found", /there is no su on the host/],
  ["doas", "doas: Authentication required", /doas wants a password, and asks for it only at a terminal/],
  ["doas", "doas: Operation not permitted", /doas does not allow it/],
  ["doas", "doas: doas is not enabled, /etc/doas.conf: No such file or directory", /doas is not set up on the host/],
  ["doas", "exec: doas: not found", /there is no doas on the host/],
])("when %s ends with %j that is said in our words", async (method, words, message) => {
  const { wire, say, end } = sudo();
  const passed = passPassword(wire, { user: "ops", method }, local);
  say(`${words}\n`);
  setImmediate(end);
  await expect(passed).rejects.toThrow(message);
});

test("the command has no password in it, and quotes what it must", () => {
  const command = becomeCommand({ ...root, user: "it's me" }, "sh", "sh -c 'x'");
  expect(command).toBe(`sudo -S -p bowline-sudo-password: -u 'it'\\''s me' -- sh -c 'echo bowline-ready >&2; exec sh -c '\\''x'\\'''`);
  expect(becomeCommand({ user: "root", method: "sudo" }, "sh", "true")).toMatch(/^sudo -n -u root -- /);
});
