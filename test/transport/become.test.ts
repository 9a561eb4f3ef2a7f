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

test("the command has no password in it, and quotes what it must", () => {
  const command = becomeCommand({ ...root, user: "it's me" }, "sh", "sh -c 'x'");
  expect(command).toBe(`sudo -S -p bowline-sudo-password: -u 'it'\\''s me' -- sh -c 'echo bowline-ready >&2; exec sh -c '\\''x'\\'''`);
  expect(becomeCommand({ user: "root", method: "sudo" }, "sh", "true")).toMatch(/^sudo -n -u root -- /);
});
