import { lastingState } from "./_access.ts";
import { defineResource, type Bound } from "./contract.ts";
import { lazily } from "./_lazy.ts";
import { isAgeWanted, isDoneEachTime, labelOf, sharedPackageArgs, stateOf, useArg } from "./_package_args.ts";
import { planPackages } from "./_package_plan.ts";
import { observePackages, parsePackages, type PackagesSeen } from "./_package_seen.ts";

const packageArgs = lazily(() => ({ ...sharedPackageArgs, use: useArg() }));

/** `package` is a reserved word, so the export has another name than the module. */
export const packageModule = defineResource<typeof packageArgs, PackagesSeen>({
  name: "package",
  summary: "Make packages be installed, be the newest, or be absent, with whatever manager the host has.",
  notes: `
* apt, apk, pacman, zypper and dnf (yum, microdnf) are known. Names are the host's own: what is called \`httpd\` here is \`apache2\` there.
* Lists are read anew only when something is to be installed, and with \`latest\` before it is known whether something is newer.
* What is installed can be taken back; what came along because it was needed stays. \`down\` leaves packages alone.
* An installation that has begun is finished, even when the connection is lost.
`,
  args: packageArgs,
  otherNames: { pkg: "name", package: "name" },
  examples: [
    { title: "A few packages", yaml: "package:\n  name: [curl, rsync]" },
    { title: "The newest", yaml: "package:\n  name: openssl\n  state: latest\n  cache_valid_time: 3600" },
    { title: "Not there", yaml: "package:\n  name: telnet\n  state: absent" },
  ],
  rules: ({ name, update_cache: update, cache_valid_time: valid }) => (name.length === 0 && !update && valid === 0 ? ['names no package: give "name", or "update_cache: true"'] : []),
  observe: (args) => observePackages({ names: args.name, use: args.use, isAgeWanted: isAgeWanted(args), isNewerWanted: stateOf(args.state) === "latest" }),
  parse: (answer, { name }) => parsePackages(answer, name),
  plan: (args, seen) => planPackages(wantedOf(args), seen),
  state: (args, seen) => lastingState(labelOf(args), seen.have.size === 0, () => planPackages({ ...wantedOf(args), update_cache: false, cache_valid_time: 0 }, seen)),
  result: ({ name, state }, { manager }) => ({ name, state, manager }),
  once: isDoneEachTime,
});

function wantedOf({ name, state, ...rest }: Bound<typeof packageArgs>) {
  return { names: name, state: stateOf(state), update_cache: rest.update_cache, cache_valid_time: rest.cache_valid_time, options: {} };
}
