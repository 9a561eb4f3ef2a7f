import { packageModule } from "../../src/modules/package.ts";
import { managers } from "../../src/modules/_package_managers.ts";
import { planner, syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

type Seen = ReturnType<typeof packageModule.parse>;

const { bind, titles, refusal, badArguments, scripts } = planner(packageModule, { name: ["curl", "rsync"] });

const bare: Seen = { manager: "apk", isRoot: true, have: new Map(), provided: [], newer: [], more: new Map() };
const having = (names: readonly string[], more: Partial<Seen> = {}): Seen => ({ ...bare, have: new Map(names.map((name) => [name, "1.0"])), ...more });
const both = ["curl", "rsync"];
const latest = { state: "latest" };

test.each<[string, Record<string, unknown>, Seen, string[]]>([
  ["missing", {}, bare, ["install curl, rsync"]],
  ["one is missing", {}, having(["curl"]), ["install rsync"]],
  ["there", { state: "installed" }, having(both), []],
  ["there, for anybody", {}, having(both, { isRoot: false }), []],
  ["provided by others", {}, having(["curl"], { provided: ["rsync"] }), []],
  ["there, however old the lists", { update_cache: true }, having(both, { age: 9999 }), []],
  ["latest: as new as can be", latest, having(both), []],
  ["latest: newer ones", latest, having(both, { newer: ["curl"] }), ["bring curl up to date"]],
  ["latest: one missing, one newer", latest, having(["curl"], { newer: ["curl"] }), ["install rsync", "bring curl up to date"]],
  ["latest, with lists that are too old", { ...latest, cache_valid_time: 60 }, having(["curl"], { age: 60 }), ["read what the repositories have, and bring curl, rsync up to date"]],
  ["latest, with lists that are new enough", { ...latest, cache_valid_time: 60 }, having(both, { age: 59 }), []],
  ["only the lists", { name: [], update_cache: true }, { ...bare, age: 0 }, ["read what the repositories have"]],
  ["only the lists, new enough", { name: [], update_cache: true, cache_valid_time: 10 }, { ...bare, age: 1 }, []],
  ["only the lists, and nobody knows how old", { name: [], cache_valid_time: 10 }, bare, ["read what the repositories have"]],
  ["absent: there", { state: "absent" }, having(["curl"]), ["remove curl"]],
  ["absent: missing", { state: "removed" }, bare, []],
  ["absent: provided by others", { state: "absent" }, having([], { provided: both }), []],
])("%s", (_, raw, seen, expected) => {
  expect(titles(raw, seen)).toEqual(expected);
});

test.each<[string, Record<string, unknown>, Seen, string]>([
  ["nothing that is known", {}, { ...bare, manager: "none" }, "no package manager that is known is on this host"],
  ["not root", {}, { ...bare, isRoot: false }, "only root may install and remove packages"],
])("refused: %s", (_, raw, seen, message) => {
  expect(refusal(raw, seen)).toMatchObject({ code: "E_REFUSED", message });
});

test.each<[Record<string, unknown>, string]>([
  [{ name: "" }, 'package: names no package: give "name", or "update_cache: true"'],
  [{ name: ["-y"] }, 'package: "name[0]" must be the name of a package'],
  [{ name: ["php*"] }, 'package: "name[0]" must be the name of a package'],
  [{ name: "@base" }, 'package: "name[0]" must be the name of a package'],
  [{ state: "newest" }, 'package: "state" must be one of present, installed, absent, removed, latest'],
  [{ use: "brew" }, 'package: "use" must be one of apt, apk, pacman, zypper, dnf'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});

test("names with commas are several", () => {
  expect(bind({ name: "curl, rsync,git" }).name).toEqual(["curl", "rsync", "git"]);
});

test("lists that are never new enough are read at each run, which no second look can prove", () => {
  const each = [{ name: [], update_cache: true }, { ...latest, update_cache: true }, { update_cache: true }, { ...latest, cache_valid_time: 60 }];
  expect(each.map((raw) => packageModule.once!(bind(raw)))).toEqual([true, true, false, false]);
});

type Steps = readonly { script: { text: string }; onDisconnect?: string }[];

test.each<[Seen["manager"], string, string]>([
  ["apk", "apk add -q curl rsync", "apk del -q curl rsync"],
  ["pacman", "pacman -S --noconfirm --needed -- curl rsync", "pacman -R --noconfirm -- curl rsync"],
  ["zypper", "zypper -n -q install -- curl rsync", "zypper -n -q remove -- curl rsync"],
  ["apt", "apt-get -y -q -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install -- curl rsync", "apt-get -y -q -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold purge -- curl rsync"],
])("%s installs, finishes what it has begun, and takes back", (manager, install, remove) => {
  const [change] = packageModule.plan(bind({}), { ...bare, manager });
  const [step] = change!.steps as Steps;
  const [undo] = change!.undo as Steps;
  const plain = (text: string) => text.replace(/ +/g, " ");
  expect([plain(step!.script.text), step!.onDisconnect, plain(undo!.script.text)]).toEqual([expect.stringContaining(install), "finish", expect.stringContaining(remove)]);
});

test("what was older is not to be had again", () => {
  expect(packageModule.plan(bind(latest), having(both, { newer: both }))[0]).toMatchObject({ before: "curl 1.0, rsync 1.0", undo: { impossible: "repositories often have only the newest version" } });
});

describe.each(shells)("under %s", (_, shell) => {
  test("this machine has one of them", () => {
    const raw = { name: ["dpkg", "no-such-package"], state: "latest" };
    expect(packageModule.parse(answerOf(shell, packageModule.observe(bind(raw))), bind(raw))).toMatchObject({ manager: "apt", have: new Map([["dpkg", expect.stringMatching(/^\d/)]]), provided: [] });
  });
});

test("every shell can read the scripts", () => {
  const all = (Object.keys(managers) as (keyof typeof managers)[]).flatMap((manager) => [scripts({ ...latest, cache_valid_time: 9 }, { ...bare, manager }), scripts(latest, having(["curl"], { manager, newer: both })), scripts({ state: "absent" }, having(both, { manager }))]);
  expect(syntaxErrors(all.flat())).toEqual([]);
});
