import { service } from "../../src/modules/service.ts";
import { systemd_service } from "../../src/modules/systemd_service.ts";

test("it takes and does what service does", () => {
  const { name, args, plan, observe } = systemd_service;
  expect({ name, args, plan, observe }).toEqual({ name: "systemd_service", args: service.args, plan: service.plan, observe: service.observe });
});
