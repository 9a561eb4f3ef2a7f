import { loopItems } from "../../src/execute/loops.ts";
import { plainOf } from "../../src/core/node.ts";
import type { Loop } from "../../src/compile/program.ts";
import { parseYaml } from "../../src/load/yaml.ts";
import { contextOf } from "../template/_variables.ts";
import { codes, page, section, table } from "./read.ts";

const loops = table(section(page("language.md"), "Loops"), "| loop | over | its items |").flatMap(([keys, over, items]) => {
  return codes(items!).length === 0 ? [] : codes(keys!).map((key) => ({ key, over: codes(over!)[0]!, items: codes(items!) }));
});

test("docs/language.md shows what loops go over", () => expect(loops.length).toBeGreaterThan(8));

test.each(loops)("$key over $over has the items that docs/language.md shows", ({ key, over, items }) => {
  const loop: Loop = { style: key.replace("with_", ""), value: parseYaml(over, "f"), variable: "item", breakWhen: [], extended: false };
  expect(loopItems(loop, contextOf({}), () => [])).toEqual(items.map((item) => plainOf(parseYaml(item, "f"))));
});
