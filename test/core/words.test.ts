import { BowlineError, exitCodes, headline, problemsOf, throwProblems } from "../../src/core/errors.ts";
import { nodeOf, plainOf } from "../../src/core/node.ts";
import { formatPosition } from "../../src/core/position.ts";
import { levels, Scope, type Definition, type Level } from "../../src/core/scope.ts";

const at = { file: "site.yml", line: 3, column: 7 };

describe("errors", () => {
  test("carry every problem; the first one decides the code and the exit code", () => {
    const error = new BowlineError([{ code: "E_UNREACHABLE", message: "gone", at }, { code: "E_BUG", message: "odd" }]);
    expect({ code: error.code, exitCode: error.exitCode, message: error.message }).toEqual({ code: "E_UNREACHABLE", exitCode: 4, message: "site.yml:3:7: gone\nodd" });
    expect(problemsOf(error)).toHaveLength(2);
  });

  test("the list that a checker collected is thrown as one, and an empty one is not", () => {
    expect(() => throwProblems([])).not.toThrow();
    expect(() => throwProblems([{ code: "E_ARGS", message: "bad" }])).toThrow(BowlineError);
  });

  test.each([[new TypeError("x is undefined"), "internal error: x is undefined"], ["text", "internal error: text"], [undefined, "internal error: undefined"]])("%p, which is not ours, is a bug and says so", (thrown, message) => {
    expect(problemsOf(thrown)).toMatchObject([{ code: "E_BUG", message, hint: expect.stringContaining("bug of Bowline") }]);
  });

  test("exit codes are ansible-playbook's", () => {
    const of = (...codes: (keyof typeof exitCodes)[]) => codes.map((code) => exitCodes[code]);
    expect(of("E_YAML", "E_PLAYBOOK", "E_INVENTORY", "E_UNDEFINED", "E_FILE", "E_SECRET", "E_UNREACHABLE", "E_AUTH", "E_HOST_KEY")).toEqual(Array(9).fill(4));
    expect(of("E_FAILED", "E_REFUSED", "E_TOOL", "E_LOCKED", "E_BECOME")).toEqual(Array(5).fill(2));
    expect(of("E_OPTIONS", "E_INTERRUPTED", "E_BUG", "E_RUN", "E_NO_HOSTS")).toEqual([5, 99, 250, 1, 1]);
  });

  test("a place is file:line:col, in front of the cause", () => {
    expect(formatPosition(at)).toBe("site.yml:3:7");
    expect(headline({ code: "E_ARGS", message: "bad", at })).toBe("site.yml:3:7: bad");
    expect(headline({ code: "E_ARGS", message: "bad" })).toBe("bad");
  });
});

describe("a scope", () => {
  const define = (name: string, value: string, level: Level): Definition => ({ name, value: nodeOf(value, at), level });
  const valueOf = (scope: Scope, name: string) => {
    const found = scope.get(name);
    return found && plainOf(found.value);
  };

  test.each(levels.slice(1).map((level, index) => [levels[index]!, level] as const))("%s is weaker than %s, in whichever order they come", (weak, strong) => {
    const both = [define("x", "weak", weak), define("x", "strong", strong)];
    expect(valueOf(Scope.empty.with(both), "x")).toBe("strong");
    expect(valueOf(Scope.empty.with(both.toReversed()), "x")).toBe("strong");
    expect(valueOf(Scope.empty.with([both[1]!]).with([both[0]!]), "x")).toBe("strong");
  });

  test("at one level the later definition wins, across layers too", () => {
    const [one, two] = [define("x", "one", "play vars"), define("x", "two", "play vars")];
    expect(valueOf(Scope.empty.with([one, two]), "x")).toBe("two");
    expect(valueOf(Scope.empty.with([one]).with([two]), "x")).toBe("two");
  });

  test("a layer changes nothing below it", () => {
    const below = Scope.empty.with([define("x", "one", "play vars"), define("y", "y", "play vars")]);
    const above = below.with([define("x", "two", "task vars"), define("z", "z", "task vars")]);
    expect([valueOf(below, "x"), valueOf(above, "x"), valueOf(above, "y"), valueOf(above, "nothing")]).toEqual(["one", "two", "y", undefined]);
    expect([below.names(), above.names()]).toEqual([["x", "y"], ["x", "y", "z"]]);
    expect(below.with([])).toBe(below);
  });
});

test("any value becomes a node and comes back as plain data", () => {
  const value = { a: [1, "x", null, true], b: { c: 2.5 } };
  expect(plainOf(nodeOf(value, at))).toEqual(value);
  expect(plainOf(nodeOf(undefined, at))).toBeNull();
});
