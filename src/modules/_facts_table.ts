import type { FactFamily } from "./_facts_family.ts";
import { local } from "./_facts_local.ts";
import { cpu, memory, virtualization } from "./_facts_machine.ts";
import { network } from "./_facts_network.ts";
import { arch, host, hostname, kernel, os } from "./_facts_os.ts";
import { disks, mounts } from "./_facts_storage.ts";
import { date, env, package_manager, service_manager, user } from "./_facts_system.ts";

/** Every family of facts by its name below `facts`, in the order of the docs. */
export const factFamilies = {
  os,
  kernel,
  arch,
  hostname,
  host,
  cpu,
  memory,
  network,
  disks,
  mounts,
  service_manager,
  package_manager,
  virtualization,
  user,
  env,
  date,
  local,
} satisfies Readonly<Record<string, FactFamily>>;

export type FamilyName = keyof typeof factFamilies;

/** What `facts` holds, as far as its families were gathered. */
export type Facts = { readonly [Name in FamilyName]?: ReturnType<(typeof factFamilies)[Name]["parse"]> };

export const familyNames = Object.keys(factFamilies) as FamilyName[];
