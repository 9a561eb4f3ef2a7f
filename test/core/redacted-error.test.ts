import { BowlineError } from "../../src/core/errors.ts";
import { redactedError } from "../../src/core/redacted-error.ts";
import { Redactor } from "../../src/core/secret.ts";

const redactor = new Redactor();
redactor.add("correct-horse");
redactor.add("E_ARGS");
const at = { file: "site.yml", line: 1, column: 2 };

test("an error has no secret in any of its words, and is the same otherwise", () => {
  const error = new BowlineError([{ code: "E_ARGS", message: "no correct-horse", at, seen: '"correct-hor…', expected: "text", hint: "not correct-horse" }, { code: "E_FILE", message: "correct-horse" }]);
  const clean = redactedError(error, redactor);
  expect(clean).toBeInstanceOf(BowlineError);
  expect((clean as BowlineError).problems).toEqual([{ code: "E_ARGS", message: "no [redacted]", at, seen: '"[redacted]…', expected: "text", hint: "not [redacted]" }, { code: "E_FILE", message: "[redacted]" }]);
});

test("a bug has none in its trace", () => {
  const clean = redactedError(new TypeError("correct-horse is not a function"), redactor) as Error;
  expect(`${clean.message} ${clean.stack}`).not.toContain("horse");
  expect(clean.stack).toContain("redacted-error.test.ts");
});

test("without secrets it is the very error", () => {
  const error = new Error("x");
  expect(redactedError(error, new Redactor())).toBe(error);
});
