import { performAction } from "./action.ts";
import type { Call, Performed } from "./call.ts";
import { performControl } from "./control.ts";
import { performResource } from "./resource.ts";

/** Does one task on one host, in the way of its module's kind and of the run's mode. */
export async function perform(call: Call): Promise<Performed> {
  const { module } = call;
  switch (module.kind) {
    case "resource":
      return performResource(module, call);
    case "action":
      return performAction(module, call);
    case "control":
      return performControl(module, call);
    default:
      return module satisfies never;
  }
}
