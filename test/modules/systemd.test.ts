import { service } from "../../src/modules/service.ts";
import { systemd } from "../../src/modules/systemd.ts";

test("it takes and does what service does", () => {
  const { name, args, plan, observe } = systemd;
  expect({ name, args, plan, observe }).toEqual({ name: "systemd", args: service.args, plan: service.plan, observe: service.observe });
});
