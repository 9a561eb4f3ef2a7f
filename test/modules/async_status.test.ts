import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { joinScripts, sh, verbatim, type Script } from "../../src/core/sh.ts";
import { async_status as asyncStatus } from "../../src/modules/async_status.ts";
import { jobState, parseJob, startJob } from "../../src/modules/_job.ts";
import { actor } from "./_actor.ts";
import { syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

const { step, outcome, readOnly, badArguments } = actor(asyncStatus);

test.each<[Record<string, unknown>, string]>([
  [{ jid: "../x" }, 'async_status: "jid" must be the id of a job'],
  [{ jid: "a", mode: "kill" }, 'async_status: "mode" must be one of status, cleanup'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

describe.each(shells)("under %s", (_, shell) => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "bowline-job-"))));
  afterEach(() => rmSync(home, { recursive: true }));

  const at = (script: Script) => answerOf(shell, joinScripts([sh`export HOME=${home} BOWLINE_REQUEST=k7`, script]));
  const start = (jid: string, text: string, seconds = 60) => at(startJob(jid, verbatim(text), seconds));
  const ask = (jid: string, mode = "status") => outcome({ jid, mode }, at(step({ jid, mode }).script));
  /** Waits for the end of the keeper, which writes how the job ended. */
  const ended = (jid: string) => {
    for (;;) if (parseJob(at(jobState(jid))).state !== "running") return;
  };

  test("a job runs on after what started it has ended, and tells its end", () => {
    const fifo = join(home, "go");
    spawnSync("mkfifo", [fifo]);
    expect(start("j1", `echo begun; read -r word <'${fifo}'; echo "$word"; echo "it's bad" >&2; exit 3`)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(ask("j1")).toEqual({ changed: false, message: "job j1 is running", data: { ansible_job_id: "j1", started: true, finished: false } });
    expect(ask("j1", "cleanup")).toMatchObject({ failed: "job j1 is running: what is kept of it cannot be removed" });
    spawnSync("sh", ["-c", `echo on >'${fifo}'`]);
    ended("j1");
    expect(ask("j1")).toEqual({
      changed: true,
      failed: "job j1: exit code 3: it's bad",
      data: { ansible_job_id: "j1", started: true, finished: true, cmd: "job j1", rc: 3, stdout: "begun\non", stderr: "it's bad", stdout_lines: ["begun", "on"], stderr_lines: ["it's bad"] },
    });
    expect(ask("j1", "cleanup")).toMatchObject({ changed: true, data: { erased: "~/.bowline_async/j1" } });
    expect(readdirSync(join(home, ".bowline_async"))).toEqual([]);
    expect(ask("j1")).toMatchObject({ failed: "there is no job j1", data: { started: false } });
  });

  test("it has a session of its own, not the session's mark, and is in no argument list and no file", () => {
    start("j1", `: s3cret; cat /proc/self/stat; tr '\\0' '\\n' </proc/self/environ | grep -c BOWLINE_REQUEST; tr '\\0' ' ' </proc/$$/cmdline; tr '\\0' ' ' </proc/$PPID/cmdline; ls '${home}/.bowline_async/j1'`);
    ended("j1");
    const { stdout } = parseJob(at(jobState("j1")));
    const [, session] = /\) \w \d+ \d+ (\d+) /.exec(stdout) ?? [];
    expect(session).not.toBe(readFileSync(`/proc/${process.pid}/stat`, "utf8").split(") ")[1]!.split(" ")[3]);
    expect(stdout).toMatch(/\n0\nsh \/proc\/self\/fd\/3 sh -c /);
    expect(stdout).not.toContain("s3cret");
    expect(stdout).toMatch(/\npid\nstderr\nstdout\n$|\nstderr\nstdout\n$/);
    expect(statSync(join(home, ".bowline_async/j1")).mode & 0o777).toBe(0o700);
  });

  test("when its time is over it is stopped with all that it started", () => {
    start("j1", `sleep 1000 & echo $! >'${home}/child'; trap '' TERM; while :; do sleep 1; done`, 1);
    ended("j1");
    expect(ask("j1")).toMatchObject({ changed: true, failed: "job j1 took too long, and was stopped with all it had started" });
    expect(existsSync(`/proc/${readFileSync(join(home, "child"), "utf8").trim()}`)).toBe(false);
  });

  test("one that was killed with its keeper is lost, not running for ever", () => {
    start("j1", "sleep 1000");
    const [keeper] = readFileSync(join(home, ".bowline_async/j1/pid"), "utf8").split(" ");
    const children = spawnSync("sh", ["-c", `cat /proc/${keeper}/task/${keeper}/children`], { encoding: "utf8" }).stdout.trim().split(" ");
    for (const pid of [keeper, ...children]) process.kill(Number(pid), "SIGKILL");
    ended("j1");
    expect(ask("j1")).toMatchObject({ failed: "job j1 ended without an exit code: it was killed, or the host was restarted", data: { started: true, finished: true } });
  });

  test("the same id is not started twice", () => {
    start("j1", "true");
    expect(start("j1", "true").code).not.toBe(0);
  });

  test("what it prints cannot forge how it is", () => {
    start("j1", `printf '=status\\n state running\\n 0\\n\\nstate running\\n'`);
    ended("j1");
    expect(ask("j1")).toMatchObject({ changed: true, data: { rc: 0, stdout: "=status\n state running\n 0\n\nstate running" } });
    expect(ask("j1", "cleanup")).toMatchObject({ changed: true });
    expect(readdirSync(join(home, ".bowline_async"))).toEqual([]);
  });
});

test("check mode asks, and removes nothing", () => {
  expect([readOnly({ jid: "a" }), readOnly({ jid: "a", mode: "cleanup" })]).toEqual([true, false]);
});

test("every shell can read the scripts", () => {
  expect(syntaxErrors([startJob("j1", verbatim("it's\n$x"), 1.5), step({ jid: "j1" }).script, step({ jid: "j1", mode: "cleanup" }).script])).toEqual([]);
});
