import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { joinScripts, sh } from "../../src/core/sh.ts";
import { toolProblem } from "../../src/modules/_observe.ts";
import { wait_for as waitFor } from "../../src/modules/wait_for.ts";
import { actor } from "./_actor.ts";
import { syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

const { badArguments, step, probe, readOnly, outcome } = actor(waitFor);

test.each<[Record<string, unknown>, string]>([
  [{ port: 80, path: "/a" }, 'wait_for: takes one of "port" and "path"'],
  [{ port: 0 }, 'wait_for: "port" must be at least 1'],
  [{ path: "a" }, 'wait_for: "path" must be an absolute path'],
  [{ path: "/a", state: "drained" }, 'wait_for: "state" must be one of present, absent, started, stopped'],
  [{ path: "/a", timeout: "long" }, 'wait_for: "timeout" must be a number of seconds'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test.each<[Record<string, unknown>, string, string]>([
  [{ port: 80 }, "port 80 of 127.0.0.1 is open", "port 80 of 127.0.0.1 was not open within 60 s"],
  [{ port: 80, host: "db1", state: "stopped", timeout: 5 }, "port 80 of db1 is closed", "port 80 of db1 was not closed within 5 s"],
  [{ path: "/a" }, "/a is there", "/a was not there within 60 s"],
  [{ path: "/a", state: "absent" }, "/a is gone", "/a was not gone within 60 s"],
])("%j", (raw, good, bad) => {
  expect(step(raw).title).toBe(`wait until ${good}`);
  expect(outcome(raw)).toEqual({ changed: false, message: good });
  expect(outcome(raw, { code: 1 })).toEqual({ changed: false, failed: bad });
});

test("without a port and a path it just waits", () => {
  expect(step({ timeout: 0.2, delay: 1 })).toMatchObject({ title: "wait 0.2 s", script: { text: "sleep 1.2" } });
  expect(outcome({ timeout: 0.2 })).toEqual({ changed: false, message: "waited 0.2 s" });
  expect(probe({ timeout: 5 })).toBeUndefined();
});

test("check mode looks once: it changes nothing, but what it waits for may come only in a run", () => {
  expect(readOnly({ port: 80 })).toBe(false);
  expect(probe({ port: 80 })).toBeDefined();
  expect(probe({ port: 80, delay: 1 })).toBeUndefined();
});

describe.each(shells)("under %s", (_, shell) => {
  let home: string;
  let server: Server;
  let port: number;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "bowline-wait-"));
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(async () => {
    rmSync(home, { recursive: true });
    await new Promise((resolve) => server.close(resolve));
  });

  // A look takes connections in the server's queue, so this process need not answer. Port 1 is closed.
  const cases: [string, () => Record<string, unknown>, boolean][] = [
    ["an open port", () => ({ port }), true],
    ["an open port, started", () => ({ port, state: "started" }), true],
    ["an open port by name", () => ({ port, host: "localhost" }), true],
    ["an open port that is to be closed", () => ({ port, state: "absent" }), false],
    ["a closed port", () => ({ port: 1 }), false],
    ["a closed port that is to be closed", () => ({ port: 1, state: "stopped" }), true],
    ["a host that nobody knows", () => ({ port: 1, host: "no-such-host.invalid" }), false],
    ["a host that a shell would expand", () => ({ port: 1, host: "$(touch /tmp/x); 'a" }), false],
    ["a path that is there", () => ({ path: home }), true],
    ["a path that is not there", () => ({ path: join(home, "it's") }), false],
    ["a path that is to be gone", () => ({ path: join(home, "it's"), state: "absent" }), true],
  ];

  test.each(cases)("%s", (__, raw, holds) => {
    expect(answerOf(shell, probe(raw())!).code).toBe(holds ? 0 : 1);
    expect(answerOf(shell, step({ ...raw(), timeout: 0 }).script)).toEqual({ code: holds ? 0 : 1, stdout: "", stderr: "" });
  });

  test("a host with neither bash nor curl says so", () => {
    const { code, stderr } = answerOf(shell, joinScripts([sh`PATH=${home}`, step({ port }).script]));
    expect(toolProblem({ code, stdout: "", stderr })).toMatchObject({ code: "E_TOOL", message: "curl is not on the host" });
  });
});

test("every shell can read the scripts", () => {
  const scripts = [{ port: 80, host: "::1" }, { port: 80, state: "absent" }, { path: "/it's\n$x" }, { path: "/a", state: "absent", delay: 1 }].flatMap((raw) => [step(raw).script, probe(raw) ?? step(raw).script]);
  expect(syntaxErrors(scripts)).toEqual([]);
});
