import { absolutePath, boolean, oneOf, optional, text, withDefault } from "./args.ts";
import { lastingState } from "./_access.ts";
import { defineResource } from "./contract.ts";
import { observeApt, parseApt, planApt, type AptSeen } from "./_apt.ts";
import { lazily } from "./_lazy.ts";
import { isDoneEachTime, labelOf, sharedPackageArgs, stateOf } from "./_package_args.ts";

const aptArgs = lazily(() => ({
  ...sharedPackageArgs,
  deb: optional(absolutePath("A package file on the host.")),
  upgrade: withDefault(oneOf(["no", "yes", "safe", "full", "dist"], "Bring all that is installed up to date; `full` and `dist` also remove what is in the way, `yes` and `safe` do not."), "no"),
  install_recommends: optional(boolean("Whether what a package recommends comes along; without it, as the host is set.")),
  purge: withDefault(boolean("With `state: absent`: configuration files go too."), false),
  autoremove: withDefault(boolean("What came along and nothing needs any more goes too."), false),
  default_release: optional(text("The release that packages are taken from: `bookworm-backports`.").regex(/^[^\s-][^\s]*$/, "must be the name of a release")),
  allow_downgrade: withDefault(boolean("A version that is named may be older than the one that is there."), false),
}));

export const apt = defineResource<typeof aptArgs, AptSeen>({
  name: "apt",
  summary: "Make packages of Debian and its relatives be installed, be the newest, or be absent.",
  notes: `
* \`nginx=1.22*\` asks for a version, \`libc6:i386\` for an architecture; what other packages provide counts as installed.
* Lists are read anew only when something is to be installed, and with \`latest\` and \`upgrade\` before it is known whether something is newer.
* Nothing is asked: a configuration file that somebody changed stays. Another apt at work is waited for, two minutes at most.
* What is installed can be taken back; what came along because it was needed stays. \`down\` leaves packages alone.
* An installation that has begun is finished, even when the connection is lost.
`,
  args: aptArgs,
  otherNames: { pkg: "name", package: "name", "install-recommends": "install_recommends", "default-release": "default_release", "update-cache": "update_cache" },
  examples: [
    { title: "A few packages, from lists of today", yaml: "apt:\n  name: [nginx, curl]\n  cache_valid_time: 86400" },
    { title: "One version", yaml: 'apt:\n  name: "nginx=1.22*"\n  install_recommends: false' },
    { title: "Gone with its configuration", yaml: "apt:\n  name: telnet\n  state: absent\n  purge: true\n  autoremove: true" },
    { title: "A file", yaml: "apt:\n  deb: /root/agent_1.2_amd64.deb" },
    { title: "All that is newer", yaml: "apt:\n  upgrade: full\n  update_cache: true" },
  ],
  rules: ({ name, deb, upgrade, state, purge, autoremove, update_cache: update, cache_valid_time: valid }) => [
    ...(name.length === 0 && deb === undefined && upgrade === "no" && !autoremove && !update && valid === 0 ? ['has nothing to do: give "name", "deb", "upgrade", "autoremove" or "update_cache"'] : []),
    ...([name.length > 0, deb !== undefined, upgrade !== "no"].filter(Boolean).length > 1 ? ['takes one of "name", "deb" and "upgrade"'] : []),
    ...(purge && stateOf(state) !== "absent" ? ['"purge" is for state: absent'] : []),
  ],
  observe: observeApt,
  parse: parseApt,
  plan: planApt,
  state: (args, seen) => lastingState(args.deb ?? labelOf(args), seen.have.size === 0 && seen.deb?.installed === undefined, () => planApt({ ...args, update_cache: false, cache_valid_time: 0 }, seen)),
  result: ({ name, state }) => ({ name, state }),
  once: isDoneEachTime,
});
