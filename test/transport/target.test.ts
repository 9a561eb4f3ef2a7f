import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { Secret } from "../../src/core/secret.ts";
import { checkReaching, resolveTarget } from "../../src/transport/target.ts";

const dir = mkdtempSync(join(tmpdir(), "bowline-target-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
function config(text: string): { configFile: string } {
  const configFile = join(dir, `config${(files += 1)}`);
  writeFileSync(configFile, text);
  return { configFile };
}
const none = config("");

test("a host of which nothing is said is itself, at port 22, as ourselves", () => {
  expect(resolveTarget("web1", {}, none)).toMatchObject({ name: "web1", connection: "ssh", host: "web1", port: 22, user: userInfo().username, strictHostKeyChecking: "yes", proxyJump: [], connectTimeout: 20, identitiesAreDefault: true });
});

test("the inventory comes before Ansible's variables, these before ssh_config", () => {
  const given = config("Host *\n  User config\n  Port 3\n  ConnectTimeout 7\n");
  const variables = { ssh: { user: "own" }, ansible_user: "ansible", ansible_port: 2, ansible_host: "10.0.0.1" };
  expect(resolveTarget("web1", variables, given)).toMatchObject({ user: "own", port: 2, host: "10.0.0.1", connectTimeout: 7 });
});

test("ssh: { host } is what ssh would be called with: ssh_config may give it another HostName", () => {
  const given = config("Host db\n  HostName %h.example.com\n  HostKeyAlias the-db\nHost web1\n  User not-me\n");
  expect(resolveTarget("web1", { ssh: { host: "db" } }, given)).toMatchObject({ host: "db.example.com", hostKeyAlias: "the-db", user: userInfo().username });
});

test.each([
  ["~/keys/%r@%h:%p", join(homedir(), "keys/me@10.1.1.1:44")],
  ["%d/keys/%n", join(homedir(), "keys/web1")],
  ["/etc/100%%", "/etc/100%"],
  ['"/with a space/id"', "/with a space/id"],
])("IdentityFile %s is read as ssh reads it", (file, expected) => {
  const given = config(`Host web1\n  HostName 10.1.1.1\n  Port 44\n  User me\n  IdentityFile ${file}\n  IdentitiesOnly yes\n`);
  const target = resolveTarget("web1", {}, given);
  expect(target).toMatchObject({ identityFiles: [expected], identitiesOnly: true });
  expect(target.identitiesAreDefault).toBeUndefined();
});

test("several identity and known_hosts files are all taken, in order", () => {
  const given = config("Host *\n  IdentityFile /a\n  IdentityFile /b\n  UserKnownHostsFile /k1 /k2\n");
  expect(resolveTarget("web1", {}, given)).toMatchObject({ identityFiles: ["/a", "/b"], knownHostsFiles: ["/k1", "/k2"] });
});

test("files that ssh_config includes are read, and the block that the Include stands in goes on", () => {
  mkdirSync(join(dir, "conf.d"));
  writeFileSync(join(dir, "conf.d", "a.conf"), "Host web1\n  User from-a\n");
  writeFileSync(join(dir, "conf.d", "b.conf"), "Host web*\n  User from-b\n  Port 99\n");
  const given = config("Include conf.d/*.conf\nConnectTimeout 5\nHost web1\n  Port 7\n");
  expect(resolveTarget("web1", {}, given)).toMatchObject({ user: "from-a", port: 99, connectTimeout: 5 });
  expect(resolveTarget("db1", {}, given)).toMatchObject({ user: userInfo().username, port: 22, connectTimeout: 5 });
});

test("a jump host is read from ssh_config with its own settings, and may have one itself", () => {
  const given = config("Host inner\n  ProxyJump you@gate:2200\nHost gate\n  HostName gate.example.com\n  ProxyJump outer\nHost outer\n  Port 10\n");
  const hops = resolveTarget("inner", { ssh: { known_hosts_file: "/k" } }, { ...given, password: new Secret("for inner only") }).proxyJump;
  expect(hops.map(({ host, port, user }) => ({ host, port, user }))).toEqual([
    { host: "outer", port: 10, user: userInfo().username },
    { host: "gate.example.com", port: 2200, user: "you" },
  ]);
  expect(hops.every((hop) => hop.password === undefined && hop.knownHostsFiles[0] === "/k")).toBe(true);
});

test("a ProxyJump for every host does not send the jump host through itself", () => {
  const given = config("Host *\n  ProxyJump gate\n");
  expect(resolveTarget("web1", {}, given).proxyJump.map((hop) => hop.host)).toEqual(["gate"]);
  expect(resolveTarget("gate", {}, given).proxyJump).toEqual([]);
});

test.each([
  ["a,b:3,c@d", [["a", 22], ["b", 3], ["d", 22]]],
  ["[::1]:2222", [["::1", 2222]]],
  ["none", []],
])("proxy_jump: %s", (text, expected) => {
  expect(resolveTarget("web1", { ssh: { proxy_jump: text } }, none).proxyJump.map((hop) => [hop.host, hop.port])).toEqual(expected);
});

test.each([
  ["yes", "yes"],
  ["ask", "yes"],
  ["accept-new", "accept-new"],
  ["no", "off"],
  [false, "off"],
])("strict_host_key_checking: %s is %s", (value, expected) => {
  expect(resolveTarget("web1", { ssh: { strict_host_key_checking: value } }, none).strictHostKeyChecking).toBe(expected);
});

test.each<[Record<string, unknown>, RegExp]>([
  [{ ssh: { identityfile: "/x" } }, /"identityfile" is not a key of ssh:/],
  [{ ssh: { port: 0 } }, /"0" is not a port/],
  [{ ssh: { port: "ssh" } }, /"ssh" is not a port/],
  [{ ssh: { strict_host_key_checking: "maybe" } }, /strict_host_key_checking cannot be "maybe"/],
  [{ ssh: { proxy_jump: "a:b:c" } }, /proxy_jump cannot read "a:b:c"/],
  [{ ssh: { connect_timeout: "soon" } }, /connect_timeout cannot be "soon"/],
])("%j is refused in words", (variables, message) => {
  expect(() => resolveTarget("web1", variables, none)).toThrow(message);
});

test("passwords are secrets from here on, whatever the inventory has", () => {
  const target = resolveTarget("web1", { ssh: { passphrase: "open sesame" }, ansible_password: "hunter22" }, none);
  expect(target.password!.reveal()).toBe("hunter22");
  expect(JSON.stringify(target)).not.toMatch(/hunter22|sesame/);
});

test.each([
  ["none", null],
  ["SSH_AUTH_SOCK", undefined],
  ["/run/agent", "/run/agent"],
])("identity_agent: %s", (value, agent) => {
  expect(resolveTarget("web1", { ssh: { identity_agent: value } }, none).agent).toBe(agent);
});

describe("what the command line says of connections", () => {
  const given = { ...config("Host *\n  User config\n  Port 3\n  IdentityFile /config\n  StrictHostKeyChecking yes\n"), user: "typed", identityFile: "/typed", connectTimeout: 4 };

  test("comes before ssh_config", () => {
    expect(resolveTarget("web1", {}, given)).toMatchObject({ user: "typed", identityFiles: ["/typed"], connectTimeout: 4, port: 3 });
  });

  test.each<[string, Record<string, unknown>]>([
    ["ssh:", { ssh: { user: "own", identity_file: "/own", connect_timeout: 9 } }],
    ["Ansible's variables", { ansible_user: "own", ansible_private_key_file: "/own", ansible_timeout: 9 }],
  ])("gives way to %s", (_what, variables) => {
    expect(resolveTarget("web1", variables, given)).toMatchObject({ user: "own", identityFiles: ["/own"], connectTimeout: 9 });
  });

  test("as arguments for ssh is weaker than as an option, and than the variables of the same name", () => {
    const args = { ...given, commonArgs: "-o StrictHostKeyChecking=no -p 5 -l common", extraArgs: "-p 6 -i /extra -J gate" };
    expect(resolveTarget("web1", {}, args)).toMatchObject({ user: "typed", port: 5, strictHostKeyChecking: "off", proxyJump: [{ host: "gate" }] });
    expect(resolveTarget("web1", { ansible_ssh_common_args: "-p 7" }, args)).toMatchObject({ port: 7, strictHostKeyChecking: "yes", proxyJump: [{ host: "gate" }] });
    expect(resolveTarget("web1", { ansible_port: 8 }, args)).toMatchObject({ port: 8 });
  });

  test("adds a key to those of ssh_config where it comes among arguments for ssh", () => {
    expect(resolveTarget("web1", { ansible_ssh_extra_args: "-i /extra" }, config("Host *\n  IdentityFile /config\n"))).toMatchObject({ identityFiles: ["/extra", "/config"] });
  });

  test.each<[unknown, string | undefined, string]>([
    [undefined, undefined, "ssh"],
    [undefined, "local", "local"],
    ["ssh", "local", "ssh"],
    ["smart", undefined, "ssh"],
    ["ansible.builtin.local", undefined, "local"],
  ])("the connection %s, with -c %s, is %s", (variable, connection, expected) => {
    expect(resolveTarget("web1", { ...(variable === undefined ? {} : { ansible_connection: variable }) }, { ...none, ...(connection === undefined ? {} : { connection }) }).connection).toBe(expected);
  });

  test("that is no way to reach a host is an error that says where it was given", () => {
    expect(() => resolveTarget("web1", { ansible_connection: "winrm" }, none)).toThrow('web1: ansible_connection cannot be "winrm"');
    expect(() => resolveTarget("web1", { ansible_ssh_common_args: "-L 1:x:1" }, none)).toThrow("web1: ansible_ssh_common_args: -L is not understood");
    expect(() => checkReaching({ connection: "docker" })).toThrow('--connection cannot be "docker"');
    expect(() => checkReaching({ extraArgs: "-F x" })).toThrow("--ssh-extra-args: -F is not understood");
    expect(() => checkReaching({ connection: "local", commonArgs: "-J gate" })).not.toThrow();
  });
});
