import { boolean, listOf, text, withDefault } from "./args.ts";
import { lastingState } from "./_access.ts";
import { defineResource, type Bound } from "./contract.ts";
import { lazily } from "./_lazy.ts";
import { isAgeWanted, isDoneEachTime, labelOf, sharedPackageArgs, stateOf } from "./_package_args.ts";
import { planPackages } from "./_package_plan.ts";
import { observePackages, parsePackages, type PackagesSeen } from "./_package_seen.ts";

const repository = () => text("A repository.").regex(/^[^\s,-][^\s,]*$/, "must be the id of a repository");

const dnfArgs = lazily(() => ({
  ...sharedPackageArgs,
  enablerepo: withDefault(listOf(repository(), "Repositories that are asked for this once."), []),
  disablerepo: withDefault(listOf(repository(), "Repositories that are not asked for this once."), []),
  disable_gpg_check: withDefault(boolean("Signatures are not checked."), false),
}));

export const dnf = defineResource<typeof dnfArgs, PackagesSeen>({
  name: "dnf",
  summary: "Make packages of Fedora and its relatives be installed, be the newest, or be absent.",
  notes: `
* dnf is asked, or yum or microdnf, whichever the host has. \`nginx-1.20.1\` asks for a version; what a package provides is a name too, and so is the path of a file on the host.
* What is newer is looked for in what dnf has read before; when it has read nothing, \`latest\` brings everything up to date.
* What is installed can be taken back; what came along because it was needed stays. \`down\` leaves packages alone.
* An installation that has begun is finished, even when the connection is lost.
`,
  args: dnfArgs,
  otherNames: { pkg: "name", package: "name", enable_repo: "enablerepo", disable_repo: "disablerepo", nogpgcheck: "disable_gpg_check" },
  examples: [
    { title: "A few packages", yaml: "dnf:\n  name: [nginx, curl]" },
    { title: "From another repository", yaml: "dnf:\n  name: htop\n  enablerepo: epel" },
  ],
  rules: ({ name, update_cache: update, cache_valid_time: valid }) => [
    ...(name.length === 0 && !update && valid === 0 ? ['names no package: give "name", or "update_cache: true"'] : []),
    ...name.filter((each) => each.includes("://")).map((each) => `"${each}" is an address: bring the file with get_url, and name its path`),
  ],
  observe: (args) => observePackages({ names: args.name, use: "dnf", isAgeWanted: isAgeWanted(args), isNewerWanted: stateOf(args.state) === "latest" }),
  parse: (answer, { name }) => parsePackages(answer, name),
  plan: (args, seen) => planPackages(wantedOf(args), seen),
  state: (args, seen) => lastingState(labelOf(args), seen.have.size === 0, () => planPackages({ ...wantedOf(args), update_cache: false, cache_valid_time: 0 }, seen)),
  result: ({ name, state }) => ({ name, state }),
  once: isDoneEachTime,
});

function wantedOf({ name, state, update_cache, cache_valid_time, ...more }: Bound<typeof dnfArgs>) {
  const install = [...more.enablerepo.map((each) => `--enablerepo=${each}`), ...more.disablerepo.map((each) => `--disablerepo=${each}`), ...(more.disable_gpg_check ? ["--nogpgcheck"] : [])];
  return { names: name, state: stateOf(state), update_cache, cache_valid_time, options: { install } };
}
