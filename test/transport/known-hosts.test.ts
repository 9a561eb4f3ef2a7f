import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeKey, knownTypes, fingerprint } from "../../src/transport/known-hosts.ts";
import type { Target } from "../../src/transport/transport.ts";
import { local } from "./_host.ts";

const dir = mkdtempSync(join(tmpdir(), "bowline-known-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const keys = Object.fromEntries(
  ["ed25519", "ecdsa", "rsa", "other"].map((name) => {
    const path = join(dir, name);
    execFileSync("ssh-keygen", ["-q", "-t", name === "other" ? "ed25519" : name, "-N", "", "-f", path]);
    const [type, key] = readFileSync(`${path}.pub`, "utf8").split(" ");
    return [name, { text: `${type} ${key}`, blob: Buffer.from(key!, "base64"), path }];
  }),
) as Record<"ed25519" | "ecdsa" | "rsa" | "other", { text: string; blob: Buffer; path: string }>;

let files = 0;
function target(lines: string, more: Partial<Target> = {}, hashed = false): Target {
  const file = join(dir, `known_hosts${(files += 1)}`);
  writeFileSync(file, lines);
  if (hashed) execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
  return { ...local, connection: "ssh", host: "web1.example.com", knownHostsFiles: [file], ...more };
}
const judged = (on: Target, key: keyof typeof keys) => judgeKey(on, keys[key].blob);
const { text } = keys.ed25519;

test.each<[string, string, Partial<Target>]>([
  ["its name", `web1.example.com ${text} a comment\n`, {}],
  ["its name in other letters", `web1.example.com ${text}\n`, { host: "WEB1.Example.COM" }],
  ["one of several names", `x,web1.example.com,10.0.0.1 ${text}\n`, {}],
  ["a pattern", `*.example.com ${text}\n`, {}],
  ["a pattern of single characters", `web?.example.com ${text}\n`, {}],
  ["its port in brackets", `[web1.example.com]:2222 ${text}\n`, { port: 2222 }],
  ["an IPv6 address", `fe80::1 ${text}\n`, { host: "fe80::1" }],
  ["an IPv6 address with a port", `[fe80::1]:2222 ${text}\n`, { host: "fe80::1", port: 2222 }],
  ["its alias", `the-web ${text}\n`, { hostKeyAlias: "the-web", port: 2222 }],
  ["a line behind comments and blank lines", `# x\n\n \nbroken line\nweb1.example.com ${text}\r\n`, {}],
])("a key is known by %s", (_, lines, more) => {
  expect(judged(target(lines, more), "ed25519")).toEqual({ ok: true });
});

test("a file that was written to is read anew", () => {
  const on = target(`x.example.com ${text}\n`);
  expect(judged(on, "ed25519")).toMatchObject({ ok: false });
  writeFileSync(on.knownHostsFiles[0]!, `y.example.com,web1.example.com ${text}\n`);
  expect(judged(on, "ed25519")).toEqual({ ok: true });
});

test.each<[string, Partial<Target>]>([
  ["web1.example.com", {}],
  ["web1.example.com", { host: "Web1.example.com" }],
  ["[web1.example.com]:2222", { port: 2222 }],
])("a key is known by a name that ssh-keygen -H hashed: %s", (name, more) => {
  const on = target(`x.example.com ${keys.other.text}\n${name} ${text}\n`, more, true);
  expect(readFileSync(on.knownHostsFiles[0]!, "utf8")).not.toContain("web1");
  expect(judged(on, "ed25519")).toEqual({ ok: true });
  expect(judged(on, "other")).toMatchObject({ ok: false });
});

test.each<[string, string, Partial<Target>]>([
  ["another name", `web2.example.com ${text}\n`, {}],
  ["another port", `[web1.example.com]:2222 ${text}\n`, {}],
  ["a name that a pattern takes out again", `*.example.com,!web1.example.com ${text}\n`, {}],
  ["a certificate authority", `@cert-authority *.example.com ${text}\n`, {}],
  ["no file", "", { knownHostsFiles: ["/nonexistent/known_hosts"] }],
])("a key is not known by %s, and the message says how it would be", (_, lines, more) => {
  const verdict = judged(target(lines, more), "ed25519");
  expect(verdict).toMatchObject({ ok: false, error: { code: "E_HOST_KEY", problems: [{ message: expect.stringMatching(/is not known/), seen: expect.stringContaining(fingerprint(keys.ed25519.blob)), hint: expect.stringContaining("accept-new") }] } });
});

test("another key than the known one is refused, with both fingerprints and the line", () => {
  const on = target(`# one\nweb1.example.com ${text}\n`);
  expect(judged(on, "other")).toMatchObject({
    ok: false,
    error: { problems: [{ message: expect.stringMatching(/has changed/), expected: `${fingerprint(keys.ed25519.blob)} (${on.knownHostsFiles[0]}:2)`, seen: expect.stringContaining(fingerprint(keys.other.blob)) }] },
  });
});

test("the fingerprint is the one that ssh-keygen prints", () => {
  expect(execFileSync("ssh-keygen", ["-l", "-f", `${keys.rsa.path}.pub`], { encoding: "utf8" })).toContain(` ${fingerprint(keys.rsa.blob)} `);
});

test("a revoked key is refused, known or not, checked or not", () => {
  for (const strictHostKeyChecking of ["yes", "accept-new", "off"] as const) {
    expect(judged(target(`web1.example.com ${text}\n@revoked * ${text}\n`, { strictHostKeyChecking }), "ed25519")).toMatchObject({ ok: false, error: { problems: [{ message: expect.stringMatching(/revoked/) }] } });
  }
});

test("accept-new remembers an unknown key for the next time, and never a second one", () => {
  const on = target("", { strictHostKeyChecking: "accept-new", port: 2222 });
  expect(judged(on, "ed25519")).toMatchObject({ ok: true, warning: expect.stringMatching(/was unknown and is now in/) });
  expect(readFileSync(on.knownHostsFiles[0]!, "utf8")).toBe(`[web1.example.com]:2222 ${text}\n`);
  expect(judged(on, "ed25519")).toEqual({ ok: true });
  expect(judged(on, "other")).toMatchObject({ ok: false });
});

test("accept-new makes the file and its directory for their owner only, and does not join a line without an end", () => {
  const file = join(dir, "new", "known_hosts");
  judged(target("", { strictHostKeyChecking: "accept-new", knownHostsFiles: [file] }), "ed25519");
  expect([statSync(join(dir, "new")).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
  const unended = target(`web2.example.com ${keys.other.text}`, { strictHostKeyChecking: "accept-new" });
  judged(unended, "ed25519");
  expect(readFileSync(unended.knownHostsFiles[0]!, "utf8")).toBe(`web2.example.com ${keys.other.text}\nweb1.example.com ${text}\n`);
});

test("off lets a changed key pass, and shouts", () => {
  expect(judged(target(`web1.example.com ${text}\n`, { strictHostKeyChecking: "off" }), "other")).toMatchObject({ ok: true, warning: expect.stringMatching(/NOT checked/) });
});

test("the server is asked for the types of key that are known", () => {
  expect(knownTypes(target(`web1.example.com ${keys.rsa.text}\nweb1.example.com ${keys.ecdsa.text}\n* ${keys.rsa.text}\nx ${text}\n`))).toEqual(["ssh-rsa", "ecdsa-sha2-nistp256"]);
});
