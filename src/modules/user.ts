import { absolutePath, anyText, boolean, integer, oneOf, optional, secret, withDefault } from "./args.ts";
import { lastingState } from "./_access.ts";
import { accountName, names } from "./_account.ts";
import { defineResource } from "./contract.ts";
import { lazily } from "./_lazy.ts";
import { account } from "./_path.ts";
import { planUser } from "./_user_plan.ts";
import { observeUser, parseUser, type UserSeen } from "./_user_seen.ts";

const userArgs = lazily(() => ({
  name: accountName("The user."),
  state: withDefault(oneOf(["present", "absent"], "Whether it is to be there."), "present"),
  uid: optional(integer("Its number.", { min: 0, max: 4294967294 })),
  non_unique: withDefault(boolean("Its number may be another user's too."), false),
  group: optional(account("Its own group, by name or number; a new user without one gets a group of its own name.")),
  groups: optional(names("The other groups that it is in: a list, or names with commas; an empty one is none.")),
  append: withDefault(boolean("It stays in the groups that `groups` does not name."), false),
  comment: optional(anyText("Its full name, or what it is for.")),
  home: optional(absolutePath("Its home.")),
  create_home: withDefault(boolean("Make its home when it is not there."), true),
  move_home: withDefault(boolean("Move what is in the old home to the new one, when `home` changes."), false),
  shell: optional(absolutePath("What it gets when it logs in.")),
  password: optional(secret("The hash of its password, as in shadow(5); `*` is one that nobody has.")),
  update_password: withDefault(oneOf(["always", "on_create"], "Whether the password of a user who is there changes."), "always"),
  password_lock: optional(boolean("Whether its password is locked; other ways to log in stay.")),
  system: withDefault(boolean("A new one gets a number of those for the system."), false),
  remove: withDefault(boolean("With `state: absent`: its home goes too."), false),
  force: withDefault(boolean("With `state: absent`: even while it is logged in."), false),
}));

export const user = defineResource<typeof userArgs, UserSeen>({
  name: "user",
  summary: "Make a user exist with a number, groups, a home and a shell, or make it absent.",
  notes: `
* What is not named stays as it is. The shadow tools are asked, or busybox's own, which can make a user and change its groups.
* \`groups\` without \`append\` is all of them: it leaves the others.
* A password is given as a hash, from an encrypted file best: \`{{ password_hash(secret, 'sha512', salt) }}\` makes one. It stands in no argument list, and the old one is not brought back.
* Files keep the number that a user had. \`down\` leaves users alone: files belong to them.
`,
  args: userArgs,
  otherNames: { user: "name", createhome: "create_home", id: "uid" },
  examples: [
    { title: "Somebody who logs in", yaml: 'user:\n  name: ada\n  comment: Ada Lovelace\n  shell: /bin/bash\n  groups: [sudo, docker]\n  append: true\n  password: "*"' },
    { title: "A user for a service", yaml: "user:\n  name: app\n  system: true\n  home: /srv/app\n  shell: /usr/sbin/nologin\n  create_home: false" },
    { title: "Gone, with its home", yaml: "user:\n  name: ada\n  state: absent\n  remove: true" },
  ],
  rules: ({ state, remove, force, password, comment, name }) => [
    ...(state === "present" && (remove || force) ? ['"remove" and "force" are for state: absent'] : []),
    ...(state === "absent" && name === "root" ? ["root cannot be removed"] : []),
    ...(password !== undefined && /[:\n]/.test(password.reveal()) ? ['"password" must be a hash, which has no : and is one line'] : []),
    ...(comment !== undefined && /[:\n]/.test(comment) ? ['"comment" must be one line without :'] : []),
  ],
  observe: observeUser,
  parse: parseUser,
  plan: planUser,
  state: (args, seen) => lastingState(args.name, seen.entry === undefined, () => planUser(args, seen)),
  result: ({ name, state }, { entry }) => ({ name, state, ...(entry ? { uid: entry.uid, group: entry.gid, home: entry.home, shell: entry.shell, comment: entry.comment } : {}) }),
});
