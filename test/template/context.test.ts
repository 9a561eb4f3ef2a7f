import { nodeOf } from "../../src/core/node.ts";
import { levels, Scope, type Definition, type Level } from "../../src/core/scope.ts";
import { makeContext } from "../../src/template/render.ts";

const at = { file: "f.yml", line: 1, column: 1 };
const define = (level: Level, value: unknown = level): Definition => ({ name: "x", value: nodeOf(value, at), level });
const valueOf = (scope: Scope) => makeContext(scope, {}).get("x");

describe("of several definitions the strongest level wins", () => {
  test.each(levels.slice(1).map((level, index) => [level, levels[index]!] as const))("%s over %s", (stronger, weaker) => {
    expect(valueOf(Scope.empty.with([define(weaker), define(stronger)]))).toBe(stronger);
    expect(valueOf(Scope.empty.with([define(stronger), define(weaker)]))).toBe(stronger);
    expect(valueOf(Scope.empty.with([define(stronger)]).with([define(weaker)]))).toBe(stronger);
  });

  test("and at the same level the later one", () => {
    expect(valueOf(Scope.empty.with([define("play vars", "first"), define("play vars", "second")]))).toBe("second");
    expect(valueOf(Scope.empty.with([define("play vars", "first")]).with([define("play vars", "second")]))).toBe("second");
  });
});

test("what a task brings itself lies over every definition, and is never rendered", () => {
  const context = makeContext(Scope.empty.with([define("extra vars")]), { x: "{{ y }}" });
  expect(context.get("x")).toBe("{{ y }}");
  expect(context.names()).toEqual(["x"]);
});

test("a name that nothing defines is undefined, and null is not", () => {
  const context = makeContext(Scope.empty.with([define("play vars", null)]), {});
  expect([context.has("x"), context.get("x"), context.has("y"), context.get("y")]).toEqual([true, null, false, undefined]);
});
