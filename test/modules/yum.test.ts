import { dnf } from "../../src/modules/dnf.ts";
import { yum } from "../../src/modules/yum.ts";

test("it takes and does what dnf does", () => {
  const { name, args, plan, observe } = yum;
  expect({ name, args, plan, observe }).toEqual({ name: "yum", args: dnf.args, plan: dnf.plan, observe: dnf.observe });
});
