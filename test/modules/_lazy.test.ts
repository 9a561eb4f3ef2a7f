import * as z from "zod";
import { lazily, madeOf } from "../../src/modules/_lazy.ts";

test("an object that is made late is made once, when it is first looked into", () => {
  let made = 0;
  const inner = lazily(() => ({ one: ++made }));
  const outer = lazily(() => ({ ...inner, two: 2 }));
  expect(made).toBe(0);
  expect(Object.entries(outer)).toEqual([["one", 1], ["two", 2]]);
  expect("one" in inner && outer.one).toBe(1);
  expect(madeOf(outer)).toEqual({ one: 1, two: 2 });
  expect(made).toBe(1);
});

test("the arguments of a module have their types when they are asked for, and those of other modules have none", async () => {
  let described = 0;
  const { add } = z.globalRegistry;
  z.globalRegistry.add = (...args) => ((described += 1), add.apply(z.globalRegistry, args));
  const { registry } = await import("../../src/modules/registry.ts");
  expect([registry.size > 40, described]).toEqual([true, 0]);
  const names = Object.keys(registry.get("directory")!.args);
  expect(described).toBeGreaterThanOrEqual(names.length);
  expect(described).toBeLessThan(3 * names.length);
});
