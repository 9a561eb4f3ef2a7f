import { apt } from "./apt.ts";
import { assert } from "./assert.ts";
import { async_status } from "./async_status.ts";
import { blockinfile } from "./blockinfile.ts";
import { command } from "./command.ts";
import { container } from "./container.ts";
import type { Module, Registry } from "./contract.ts";
import { copy } from "./copy.ts";
import { debug } from "./debug.ts";
import { directory } from "./directory.ts";
import { dnf } from "./dnf.ts";
import { dockerd } from "./dockerd.ts";
import { fail } from "./fail.ts";
import { file } from "./file.ts";
import { fs } from "./fs.ts";
import { get_url } from "./get_url.ts";
import { group } from "./group.ts";
import { http } from "./http.ts";
import { image } from "./image.ts";
import { import_role } from "./import_role.ts";
import { import_tasks } from "./import_tasks.ts";
import { include_role } from "./include_role.ts";
import { include_tasks } from "./include_tasks.ts";
import { include_vars } from "./include_vars.ts";
import { ip } from "./ip.ts";
import { lineinfile } from "./lineinfile.ts";
import { meta } from "./meta.ts";
import { packageModule } from "./package.ts";
import { pause } from "./pause.ts";
import { ping } from "./ping.ts";
import { raw } from "./raw.ts";
import { replace } from "./replace.ts";
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
import { user } from "./user.ts";
import { validate_argument_spec } from "./validate_argument_spec.ts";
import { vg } from "./vg.ts";
import { wait_for } from "./wait_for.ts";
import { yum } from "./yum.ts";

/** Every module, by name; sorted, so that two people who add one do not meet on the same line. */
const modules: readonly Module[] = [
  apt,
  assert,
  async_status,
  blockinfile,
  command,
  container,
  copy,
  debug,
  directory,
  dnf,
  dockerd,
  fail,
  file,
  fs,
  get_url,
  group,
  http,
  image,
  import_role,
  import_tasks,
  include_role,
  include_tasks,
  include_vars,
  ip,
  lineinfile,
  meta,
  packageModule,
  pause,
  ping,
  raw,
  replace,
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
  user,
  validate_argument_spec,
  vg,
  wait_for,
  yum,
];

export const registry: Registry = new Map(modules.map((module) => [module.name, module]));
