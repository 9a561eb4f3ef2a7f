import { assert } from "./assert.ts";
import { async_status } from "./async_status.ts";
import { command } from "./command.ts";
import { container } from "./container.ts";
import type { Module, Registry } from "./contract.ts";
import { copy } from "./copy.ts";
import { debug } from "./debug.ts";
import { directory } from "./directory.ts";
import { dockerd } from "./dockerd.ts";
import { fail } from "./fail.ts";
import { fs } from "./fs.ts";
import { http } from "./http.ts";
import { image } from "./image.ts";
import { ip } from "./ip.ts";
import { pause } from "./pause.ts";
import { ping } from "./ping.ts";
import { raw } from "./raw.ts";
import { script } from "./script.ts";
import { service } from "./service.ts";
import { set_fact } from "./set_fact.ts";
import { setup } from "./setup.ts";
import { shell } from "./shell.ts";
import { slurp } from "./slurp.ts";
import { stat } from "./stat.ts";
import { systemd } from "./systemd.ts";
import { systemd_service } from "./systemd_service.ts";
import { template } from "./template.ts";
import { vg } from "./vg.ts";
import { wait_for } from "./wait_for.ts";

/** Every module, by name; sorted, so that two people who add one do not meet on the same line. */
const modules: readonly Module[] = [
  assert,
  async_status,
  command,
  container,
  copy,
  debug,
  directory,
  dockerd,
  fail,
  fs,
  http,
  image,
  ip,
  pause,
  ping,
  raw,
  script,
  service,
  set_fact,
  setup,
  shell,
  slurp,
  stat,
  systemd,
  systemd_service,
  template,
  vg,
  wait_for,
];

export const registry: Registry = new Map(modules.map((module) => [module.name, module]));
