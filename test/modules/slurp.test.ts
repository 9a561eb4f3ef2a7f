import { bindArgs } from "../../src/modules/bind.ts";
import { slurp } from "../../src/modules/slurp.ts";
import { badArguments } from "./_actor.ts";

const at = { file: "x.yml", line: 1, column: 1 };
const args = bindArgs(slurp, { src: "/etc/motd" }, () => at, at);

test("the file is fetched, up to a limit", () => {
  expect(slurp.steps(args)).toEqual([{ kind: "fetch", path: "/etc/motd", limit: 16777216 }]);
  expect(slurp.readOnly!(args)).toBe(true);
});

test("what is fetched is base64 already", () => {
  expect(slurp.outcome(args, [{ code: 0, stdout: "aGVsbG8K", stderr: "" }])).toEqual({ changed: false, data: { content: "aGVsbG8K", encoding: "base64", source: "/etc/motd" } });
  expect(slurp.outcome(args, [{ code: 1, stdout: "", stderr: "no such file\n" }])).toEqual({ changed: false, failed: "/etc/motd cannot be read: no such file" });
});

test("the path is absolute", () => {
  expect(badArguments(slurp, { src: "motd" })).toBe('slurp: "src" must be an absolute path');
});
