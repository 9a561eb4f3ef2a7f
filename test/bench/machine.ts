import { cpus, loadavg, release, totalmem, version } from "node:os";
import type { Report } from "./report.ts";

/** What the numbers depend on. Ask before the bench makes a load of its own. */
export function machine(): Report["machine"] {
  return { cpus: cpus().length, model: cpus()[0]?.model ?? "unknown processors", memory: totalmem(), system: `Linux ${release()} (${version()})`, load: loadavg()[0]! };
}
