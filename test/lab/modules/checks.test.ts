import { jest } from "@jest/globals";
import { openLab, type Lab, type Machine } from "../lab.ts";
import { bowlineOn, type Bowline, type Ran, type TaskText } from "../pipeline.ts";

jest.setTimeout(240_000);

let lab: Lab;
let machine: Machine;
let bowline: Bowline;

/** Answers with what it was asked; with a query that is a number, in this status, and with `to=…` a redirect. */
const cgi = `#!/bin/sh
case $QUERY_STRING in
to=*) printf 'Status: 302 Found\\r\\nLocation: %s\\r\\n\\r\\n' "\${QUERY_STRING#to=}" ;;
[0-9]*) printf 'Status: %s Said\\r\\nContent-Type: application/json\\r\\n\\r\\n{"status":%s}\\n' "$QUERY_STRING" "$QUERY_STRING" ;;
*)
  printf 'Content-Type: text/plain\\r\\n\\r\\n%s|%s|%s|' "$REQUEST_METHOD" "$CONTENT_TYPE" "$HTTP_COOKIE"
  [ "$REQUEST_METHOD" != POST ] || head -c "$CONTENT_LENGTH"
  ;;
esac
`;

beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine("deb1");
  bowline = await bowlineOn(machine, "ops");
  const sent = await machine.exec("mkdir -p /srv/www/cgi-bin; cat >/srv/www/cgi-bin/echo; chmod 755 /srv/www/cgi-bin/echo", { stdin: cgi });
  expect(sent.code).toBe(0);
  await machine.must("setsid busybox httpd -f -p 127.0.0.1:8080 -h /srv/www >/dev/null 2>&1 </dev/null & until curl -sf http://127.0.0.1:8080/cgi-bin/echo; do sleep 0.2; done");
}, 300_000);

afterAll(async () => {
  await bowline?.remove();
  await lab?.close();
});

const base = "http://127.0.0.1:8080/cgi-bin/echo";

/** Each task with what it must come to; all go in one run, and failures do not end it. */
function table(cases: Readonly<Record<string, readonly [TaskText, object]>>) {
  const names = Object.keys(cases);
  let ran: Ran;
  beforeAll(async () => {
    ran = await bowline.run(names.map((name) => ({ name, ignore_errors: true, ...cases[name]![0] })));
  });
  test.each(names)("%s", (name) => {
    expect(ran.results[names.indexOf(name)]).toMatchObject(cases[name]![1]);
  });
}

const data = (more: object) => ({ data: more });
const problem = (message: unknown, more: object = {}) => ({ status: "ignored", problem: { message, ...more } });

describe("command and shell", () => {
  table({
    "a command": [{ command: "printf '%s|' a 'b c' $HOME *" }, { status: "changed", ...data({ rc: 0, stdout: "a|b c|$HOME|*|" }) }],
    "one that changes nothing": [{ command: { cmd: "pwd", chdir: "/usr", read_only: true } }, { status: "ok", ...data({ stdout: "/usr" }) }],
    "words with everything in them": [{ command: { argv: ["printf", "%s|", "", "it's", "a\nb", "$(id)", "ü"] } }, data({ stdout: "|it's|a\nb|$(id)|ü|" })],
    "stdin": [{ command: { cmd: "cat", stdin: "no newline" } }, data({ stdout: "no newline" })],
    "the environment": [{ command: "printenv GREETING", environment: { GREETING: "it's\nme" } }, data({ stdout: "it's\nme" })],
    "another user": [{ command: "id -un", become: true, become_user: "opspw" }, data({ stdout: "opspw" })],
    "a failure": [{ command: "ls /no/such" }, problem("ls /no/such: exit code 2: ls: cannot access '/no/such': No such file or directory", { code: "E_FAILED" })],
    "a program that is not there": [{ command: "no-such-program" }, problem(expect.stringMatching(/^no-such-program: exit code 127: .*not found$/))],
    "creates": [{ command: { cmd: "false", creates: "/etc/passwd" } }, { status: "ok", message: "/etc/passwd exists", ...data({ rc: 0, stdout: "skipped, since /etc/passwd exists" }) }],
    "removes": [{ command: { cmd: "false", removes: "/no/such" } }, { status: "ok", message: "/no/such does not exist" }],
    "creates and removes, and something to do": [{ command: { cmd: "echo did", creates: "/no/such", removes: "/etc/passwd" } }, { status: "changed", ...data({ stdout: "did" }) }],
    "a script": [{ shell: "a=1\nfor i in 1 2; do a=$a$i; done\necho $a | tr 1 x\ncat <<'E'\n  $a\nE\n" }, data({ stdout: "xx2\n  $a" })],
    "a script for bash, with stdin": [{ shell: { cmd: "a=(x y); read -r b; echo ${a[1]} $b; exit 3", executable: "/bin/bash", stdin: "in\n" } }, { ...problem(expect.stringContaining("exit code 3")), ...data({ rc: 3, stdout: "y in" }) }],
    "a script that leaves a child behind": [{ shell: "sleep 600 >/dev/null 2>&1 </dev/null & echo $!" }, { status: "changed" }],
    "lines of a result": [{ shell: "printf 'a\\n\\nb\\n'; echo c >&2" }, data({ stdout_lines: ["a", "", "b"], stderr_lines: ["c"], stderr: "c" })],
  });

  test("check mode runs what is read-only, says no more than creates tells, and leaves the rest unknown", async () => {
    const { exitCode, results } = await bowline.run(
      [{ command: { cmd: "id -u", read_only: true } }, { command: { cmd: "touch /tmp/checked", creates: "/etc/passwd" } }, { command: { cmd: "touch /tmp/checked", creates: "/tmp/checked" } }, { shell: "touch /tmp/checked" }],
      "check",
    );
    expect([exitCode, results.map((result) => result.status)]).toEqual([0, ["ok", "ok", "unknown", "unknown"]]);
    expect((await machine.exec("ls /tmp/checked")).code).not.toBe(0);
  });

  test("a script for another interpreter is not seen in ps, nor what it reads", async () => {
    const seen = "k7Jw2marker";
    const { results } = await bowline.run({ shell: { cmd: `# ${seen}\nps -ef | grep -c [k]7Jw2marker || :`, executable: "/bin/bash", stdin: seen } });
    expect(results[0]!.data).toMatchObject({ rc: 0, stdout: "0" });
  });
});

describe("http", () => {
  table({
    "a question": [{ http: `${base}?200` }, { status: "ok", message: "status 200", ...data({ status: 200, json: { status: 200 }, content: '{"status":200}\n', url: `${base}?200` }) }],
    "only the head": [{ http: { url: `${base}?200`, method: "HEAD" } }, { status: "ok", ...data({ status: 200, content: expect.any(String) }) }],
    "another status": [{ http: `${base}?503` }, { ...problem(`GET ${base}?503: status 503, not 200: {"status":503}`), ...data({ status: 503, json: { status: 503 } }) }],
    "a status that is good": [{ http: { url: `${base}?404`, status_code: [404, 410] } }, { status: "ok" }],
    "text": [{ http: { url: base, method: "POST", body: "a \"b\" \\n 'c'\n\ttab @x", headers: { "Content-Type": "text/x", Cookie: "c=\"1\"" } } }, { status: "changed", ...data({ content: 'POST|text/x|c="1"|a "b" \\n \'c\'\n\ttab @x' }) }],
    "JSON": [{ http: { url: base, method: "POST", body: { a: ["ü", null, 1.5] }, body_format: "json" } }, data({ content: 'POST|application/json||{"a":["ü",null,1.5]}' })],
    "a redirect": [{ http: `${base}?to=/cgi-bin/echo?200` }, data({ status: 200, url: `${base}?200` })],
    "a redirect that is not followed": [{ http: { url: `${base}?to=/cgi-bin/echo?200`, follow_redirects: false, status_code: 302 } }, data({ status: 302 })],
    "a redirect to something else than the web": [{ http: `${base}?to=file:///etc/passwd` }, problem(expect.stringMatching(/Protocol "file" (not supported|disabled)|Protocol .*file.* not/))],
    "braces and brackets in an address": [{ http: `${base}?200&{a,b}[1-3]` }, data({ status: 200, content: '{"status":200&{a,b}[1-3]}\n' })],
    "without its content": [{ http: { url: `${base}?200`, return_content: false } }, { status: "ok", data: { status: 200, url: `${base}?200` } }],
    "nobody there": [{ http: "http://127.0.0.1:8081/" }, { ...problem(expect.stringMatching(/Failed to connect to 127.0.0.1 port 8081/)), ...data({ status: 0 }) }],
    "a name that nobody knows": [{ http: "http://no-such-host.invalid/" }, problem(expect.stringMatching(/Could not resolve host/))],
    "the status in a condition, tried again": [{ http: `${base}?503`, register: "answer", until: "answer.status == 200", retries: 1, delay: 0.1 }, problem("until did not hold after 2 tries: answer.status == 200")],
  });

  test("check mode asks, but changes nothing", async () => {
    const { results } = await bowline.run([{ http: base }, { http: { url: base, method: "POST", body: "x" } }], "check");
    expect(results.map((result) => result.status)).toEqual(["ok", "unknown"]);
  });

  test("a host without curl says so, and how to get it", async () => {
    const { exitCode, results } = await bowline.run({ http: base, environment: { PATH: "/nowhere" } });
    expect([exitCode, results[0]!.problem]).toEqual([2, expect.objectContaining({ code: "E_TOOL", message: "curl is not on the host", hint: "install the package curl" })]);
  });
});

describe("wait_for", () => {
  const later = "(sleep 2; touch /tmp/came; rm -f /tmp/went; exec busybox httpd -f -p 127.0.0.1:9000 -h /srv/www) >/dev/null 2>&1 </dev/null &";

  test("waits until it is so, or gives up; check mode looks once and does not wait", async () => {
    const tasks = [
      { wait_for: { port: 8080 } },
      { wait_for: { path: "/tmp/came", timeout: 60 } },
      { wait_for: { path: "/tmp/went", state: "absent", timeout: 60 } },
      { wait_for: { port: 9000, timeout: 60 } },
      { wait_for: { port: 9001, state: "stopped" } },
      { wait_for: { port: 9002, timeout: 1 }, ignore_errors: true },
      { wait_for: { port: 8080, host: "::1", timeout: 1 }, ignore_errors: true },
    ];
    await machine.must("touch /tmp/went");
    const check = await bowline.run(tasks, "check");
    expect(check.results.map((result) => result.status)).toEqual(["ok", "unknown", "unknown", "unknown", "ok", "unknown", "unknown"]);
    await machine.must(later);
    const run = await bowline.run(tasks);
    expect(run.results.map((result) => [result.status, result.message ?? result.problem?.message])).toEqual([
      ["ok", "port 8080 of 127.0.0.1 is open"],
      ["ok", "/tmp/came is there"],
      ["ok", "/tmp/went is gone"],
      ["ok", "port 9000 of 127.0.0.1 is open"],
      ["ok", "port 9001 of 127.0.0.1 is closed"],
      ["ignored", "port 9002 of 127.0.0.1 was not open within 1 s"],
      ["ignored", "port 8080 of ::1 was not open within 1 s"],
    ]);
  });

  test("without bash it takes curl, with the same answers", async () => {
    await machine.must("mkdir -p /tmp/curl-only; for t in curl tail date sleep; do ln -sf $(command -v $t) /tmp/curl-only; done");
    const only = { environment: { PATH: "/tmp/curl-only" }, ignore_errors: true };
    const { results } = await bowline.run([{ ...only, wait_for: { port: 8080 } }, { ...only, wait_for: { port: 9001, state: "stopped" } }, { ...only, wait_for: { port: 9001, timeout: 1 } }]);
    expect(results.map((result) => result.status)).toEqual(["ok", "ok", "ignored"]);
  });
});

describe("what only the controller does", () => {
  test("variables go on, and conditions see them", async () => {
    const { exitCode, results } = await bowline.run([
      { command: "uname -s", register: "kernel" },
      { set_fact: { name: "{{ kernel.stdout }}", list: [1, "{{ kernel.rc }}"] } },
      { assert: { that: ['name == "Linux"', "list[1] == 0"], success_msg: "as it should be" } },
      { debug: { var: "list" } },
      { debug: "{{ name }} it is" },
      { assert: { that: 'name == "Hurd"', fail_msg: "wrong kernel" }, ignore_errors: true },
      { fail: { msg: "no more" } },
      { debug: "not reached" },
    ]);
    expect(exitCode).toBe(2);
    expect(results.map((result) => [result.status, result.message ?? result.problem?.message])).toEqual([
      ["changed", undefined],
      ["ok", undefined],
      ["ok", "as it should be"],
      ["ok", "list: [1,0]"],
      ["ok", "Linux it is"],
      ["ignored", 'wrong kernel (does not hold: name == "Hurd")'],
      ["failed", "no more"],
    ]);
  });
});
