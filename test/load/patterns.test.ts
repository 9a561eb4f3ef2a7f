import { join } from "node:path";
import type { Inventory } from "../../src/load/inventory-model.ts";
import { loadInventory } from "../../src/load/inventory.ts";
import { limitOf, selectHosts } from "../../src/load/patterns.ts";
import { problemsFrom, removeTrees, tree } from "./_files.ts";

let inventory: Inventory;

beforeAll(async () => {
  const dir = tree({ hosts: "[web]\nw1\nw2\nw3\nw4\n[db]\nd1\nd2\n[prod]\nw1\nd1\nfe80::1\n[backwards]\nw4\nw2\n[ca]\n[empty]\n" });
  inventory = await loadInventory([join(dir, "hosts")], dir);
});

afterAll(removeTrees);

describe("a pattern selects, in its own order", () => {
  test.each<[string, string]>([
    ["all", "w1 w2 w3 w4 d1 d2 fe80::1"],
    ["*", "w1 w2 w3 w4 d1 d2 fe80::1"],
    ["web", "w1 w2 w3 w4"],
    ["d1,w1", "d1 w1"],
    ["db,web", "d1 d2 w1 w2 w3 w4"],
    ["web,w2,all", "w1 w2 w3 w4 d1 d2 fe80::1"],
    ["backwards", "w4 w2"],
    ["backwards[0]", "w4"],
    ["&backwards:web", "w2 w4"],
    ["web:db", "w1 w2 w3 w4 d1 d2"],
    ["web,db", "w1 w2 w3 w4 d1 d2"],
    ["w1,,w2,", "w1 w2"],
    ["web:&prod", "w1"],
    ["&prod:web", "w1"],
    ["web:!prod", "w2 w3 w4"],
    ["!prod:web", "w2 w3 w4"],
    ["web:db:&prod:!w1", "d1"],
    ["!prod", "w2 w3 w4 d2"],
    ["all:!web:!db", "fe80::1"],
    ["web[0]", "w1"],
    ["web[-1]", "w4"],
    ["web[1:2]", "w2 w3"],
    ["web[1:]", "w2 w3 w4"],
    ["web[:2]", "w1 w2 w3"],
    ["web[1:3]:&prod", ""],
    ["w*", "w1 w2 w3 w4"],
    ["w?", "w1 w2 w3 w4"],
    ["w[13]*", "w1 w3"],
    ["w[!13]", "w2 w4"],
    ["~w[12]", "w1 w2"],
    ["~(w1|d1)", "w1 d1"],
    ["~w1,~d2", "w1 d2"],
    ["~^d\\d$", "d1 d2"],
    ["~1", ""],
    ["fe80::1", "fe80::1"],
    ["fe80::1,w1", "fe80::1 w1"],
    ["all,!fe80::1", "w1 w2 w3 w4 d1 d2"],
    ["all,&fe80::1", "fe80::1"],
    ["web:db:ca", "w1 w2 w3 w4 d1 d2"],
    ["ca:db:empty", "d1 d2"],
    ["~(?i)WEB", "w1 w2 w3 w4"],
    ["~w[0-9]{1,2}$", "w1 w2 w3 w4"],
    ["w*[0]", "w1"],
    ["web[0]:db[0]", "w1 d1"],
    ["web[0],&prod", "w1"],
    ["empty[0]", ""],
    ["e*", ""],
    ["localhost", "localhost"],
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "::1"],
    ["w1,localhost", "w1 localhost"],
    ["local*", ""],
    ["~local", ""],
    ["empty", ""],
  ])("%s: %s", (pattern, hosts) => {
    expect(selectHosts(inventory, pattern).hosts.join(" ")).toBe(hosts);
  });
});

describe("words that match nothing are named", () => {
  test.each<[string, string[], string]>([
    ["wbe", ["wbe"], 'did you mean "web"?'],
    ["webb", ["webb"], 'did you mean "web"?'],
    ["web:!dbb", ["dbb"], 'did you mean "db"?'],
    ["web[9]", ["web[9]"], "known: all, backwards, ca, d1, d2, db, empty, fe80::1, prod, ungrouped, w1, w2, w3, w4, web"],
    ["x*", ["x*"], "known: all, backwards, ca, d1, d2, db, empty, fe80::1, prod, ungrouped, w1, w2, w3, w4, web"],
    ["webs[0]", ["webs[0]"], "known: all, backwards, ca, d1, d2, db, empty, fe80::1, prod, ungrouped, w1, w2, w3, w4, web"],
  ])("%s", (pattern, unmatched, hint) => {
    expect(selectHosts(inventory, pattern)).toMatchObject({ unmatched, hint });
  });
});

test.each([[""], [" "], [","]])("an empty pattern '%s' is nobody, and no mistake for everybody", (pattern) => {
  expect(selectHosts(inventory, pattern)).toEqual({ hosts: [], unmatched: [pattern] });
});

test.each([["~["], ["~w("]])("%s is refused as a regular expression", async (pattern) => {
  const [problem] = await problemsFrom(() => selectHosts(inventory, pattern));
  expect(problem).toMatchObject({ code: "E_OPTIONS", message: `${pattern} is not a regular expression` });
});

describe("--limit", () => {
  const allowed = async (limit: string | undefined) => {
    const { allows, warnings } = await limitOf(inventory, limit);
    return { hosts: inventory.groups.get("all")!.filter(allows).join(" "), warnings };
  };

  test("absent allows every host", async () => expect(await allowed(undefined)).toEqual({ hosts: "w1 w2 w3 w4 d1 d2 fe80::1", warnings: [] }));

  test("is a pattern", async () => expect(await allowed("web:!w1")).toEqual({ hosts: "w2 w3 w4", warnings: [] }));

  test("may be a file with a pattern on each line", async () => {
    const dir = tree({ limit: "# those that failed\nw1\n\n d1 \n" });
    expect(await allowed(`@${join(dir, "limit")}`)).toEqual({ hosts: "w1 d1", warnings: [] });
    expect(await allowed(`w2,@${join(dir, "limit")},!d1`)).toEqual({ hosts: "w1 w2", warnings: [] });
  });

  test("warns of a word that matches nothing", async () => {
    expect(await allowed("w1,webb")).toEqual({ hosts: "w1", warnings: ['--limit: no host matches "webb": did you mean "web"?'] });
  });

  test("that allows no host is an error that names it", async () => {
    const [problem] = await problemsFrom(() => limitOf(inventory, "webb"));
    expect(problem).toEqual({ code: "E_NO_HOSTS", message: "--limit webb: no host matched", hint: 'did you mean "web"?' });
  });

  test.each([[""], [","]])("'%s' allows nobody", async (limit) => {
    expect((await problemsFrom(() => limitOf(inventory, limit)))[0]).toEqual({ code: "E_NO_HOSTS", message: `--limit ${limit}: no host matched` });
  });

  test("from a file that is not there", async () => {
    const [problem] = await problemsFrom(() => limitOf(inventory, "@/nowhere/limit"));
    expect(problem).toMatchObject({ code: "E_NO_HOSTS", message: "--limit: there is no file /nowhere/limit" });
  });
});
