import { service } from "../../src/modules/service.ts";
import { planner, syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

type Seen = ReturnType<typeof service.parse>;

const { bind, titles, refusal, badArguments, state, scripts } = planner(service, { name: "nginx" });

const stopped: Seen = { manager: "systemd", exists: true, active: false, enabled: false, unitFile: "disabled", masked: false, stale: false, words: "inactive, dead" };
const running: Seen = { ...stopped, active: true, enabled: true, unitFile: "enabled", words: "active, running" };

test.each<[string, Record<string, unknown>, Seen, string[]]>([
  ["as it should be", { state: "started", enabled: true }, running, []],
  ["stopped", { state: "started", enabled: true }, stopped, ["enable nginx", "start nginx"]],
  ["to be stopped", { state: "stopped", enabled: false }, running, ["disable nginx", "stop nginx"]],
  ["restarted", { state: "restarted" }, running, ["restart nginx"]],
  ["restarted, and not running", { state: "restarted" }, stopped, ["start nginx"]],
  ["reloaded", { state: "reloaded" }, running, ["reload nginx"]],
  ["a changed file", { state: "started" }, { ...running, stale: true }, ["read the changed file of nginx"]],
  ["static: others start it", { enabled: true }, { ...stopped, enabled: undefined, unitFile: "static" } as unknown as Seen, []],
  ["linked", { enabled: true }, { ...stopped, enabled: undefined, unitFile: "linked" } as unknown as Seen, ["enable nginx"]],
  ["masked, and to run", { masked: false, state: "started" }, { ...stopped, masked: true, unitFile: "masked" }, ["unmask nginx", "start nginx"]],
  ["to be masked", { state: "stopped", masked: true }, running, ["stop nginx", "mask nginx"]],
])("%s", (_, raw, seen, expected) => {
  expect(titles(raw, seen)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, Seen, string]>([
  ["there is none", { state: "started" }, { ...stopped, exists: false }, 'there is no service "nginx" on this host'],
  ["no manager", { state: "started" }, { ...stopped, manager: "none" }, "nothing on this host manages services"],
  ["masked", { state: "started" }, { ...stopped, masked: true }, "nginx is masked, so nothing can start it"],
  ["masked, to be enabled", { enabled: true }, { ...stopped, masked: true }, "nginx is masked"],
  ["masking without systemd", { masked: true }, { ...stopped, manager: "openrc" }, "only systemd can mask a service, and this host has openrc"],
])("refused: %s", (_, raw, seen, message) => {
  expect(refusal(raw, seen)).toMatchObject({ code: "E_REFUSED", message });
});

test.each<[Record<string, unknown>, string]>([
  [{}, 'service: takes "state", "enabled" or "masked"'],
  [{ masked: true, state: "started" }, "service: what is masked can neither be started nor enabled"],
  [{ name: "-x", state: "started" }, 'service: "name" must be the name of a service'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("what is done each time is not proven by a second look", () => {
  expect(["started", "stopped", "restarted", "reloaded"].map((wanted) => service.once!(bind({ state: wanted })))).toEqual([false, false, true, true]);
});

test.each<[string, Record<string, unknown>, Seen, object]>([
  ["runs", { state: "started" }, running, { state: "up", label: "nginx", remarks: [] }],
  ["a handler's service", { state: "restarted" }, running, { state: "up", remarks: [] }],
  ["is to run", { state: "started" }, { ...stopped, words: "failed, exit-code" }, { state: "warn", remarks: ["would start nginx", "failed, exit-code"] }],
  ["is stopped, as it should be", { state: "stopped" }, stopped, { state: "down", remarks: [] }],
  ["is not there", { state: "started" }, { ...stopped, exists: false }, { state: "down", remarks: ["there is no such service"] }],
])("status: %s", (_, raw, seen, expected) => {
  expect(state(raw, seen)).toMatchObject(expected);
});

test.each<[string, string, object]>([
  ["running", "manager systemd\nLoadState loaded\nActiveState active\nSubState running\nUnitFileState enabled\nNeedDaemonReload no\nResult success\n", running],
  ["unknown", "manager systemd\nLoadState not-found\nActiveState inactive\nUnitFileState \n", { exists: false, active: false }],
  ["failed", "manager systemd\nLoadState loaded\nActiveState failed\nSubState failed\nResult exit-code\nUnitFileState static\n", { active: false, unitFile: "static", words: "failed, failed, exit-code" }],
  ["masked", "manager systemd\nLoadState masked\nActiveState inactive\nUnitFileState masked\n", { masked: true, enabled: false, exists: true }],
  ["a oneshot that has run", "manager systemd\nLoadState loaded\nActiveState inactive\nType oneshot\nRemainAfterExit no\nResult success\nExecMainExitTimestampMonotonic 81\nUnitFileState enabled\n", { active: true }],
  ["a oneshot that has not", "manager systemd\nLoadState loaded\nActiveState inactive\nType oneshot\nRemainAfterExit no\nResult success\nExecMainExitTimestampMonotonic 0\nUnitFileState enabled\n", { active: false }],
  ["OpenRC", "manager openrc\nLoadState loaded\nActiveState active\nUnitFileState disabled\n", { manager: "openrc", active: true, enabled: false }],
  ["a host that has nothing", "manager none\n", { manager: "none", exists: false }],
])("what is seen of a service that is %s", (_, stdout, expected) => {
  expect(service.parse({ code: 0, stdout, stderr: "" }, bind({ state: "started" }))).toMatchObject(expected);
});

test("a manager that does not answer is an error in its words", () => {
  expect(() => service.parse({ code: 0, stdout: "manager systemd\n", stderr: "Failed to connect to bus\n" }, bind({ state: "started" }))).toThrow("looking at the service failed: Failed to connect to bus");
});

test.each(shells)("under %s this machine can be looked at", (_, shell) => {
  const seen = service.parse(answerOf(shell, service.observe(bind({ name: "no-such-service", state: "started" }))), bind({ state: "started" }));
  expect(seen).toMatchObject({ exists: false });
});

test("every shell can read the scripts", () => {
  const odd = { name: "it's$x", enabled: true, state: "started" };
  const all = (["systemd", "openrc", "sysvinit"] as const).flatMap((manager) => scripts(odd, { ...stopped, manager }));
  expect(syntaxErrors([...all, ...scripts({ ...odd, scope: "user" }, stopped)])).toEqual([]);
});
