import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stat } from "../../src/modules/stat.ts";
import { actor } from "./_actor.ts";
import { syntaxErrors } from "./_planner.ts";
import { answerOf, shells } from "./_shells.ts";

const { step, outcome, readOnly } = actor(stat);

describe.each(shells)("under %s", (_, shell) => {
  let home: string;
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "bowline-stat-"))));
  afterEach(() => rmSync(home, { recursive: true }));
  const look = (raw: Record<string, unknown>) => outcome(raw, answerOf(shell, step(raw).script)).data?.["stat"];

  test("a file", () => {
    const path = join(home, "it's\n$x");
    writeFileSync(path, "a\n");
    chmodSync(path, 0o4751);
    const { uid, gid, ino, mtimeMs } = statSync(path);
    const sha1 = createHash("sha1").update("a\n").digest("hex");
    expect(look({ path })).toMatchObject({ exists: true, path, isreg: true, isdir: false, islnk: false, mode: "4751", isuid: true, rusr: true, wgrp: false, xoth: true, uid, gid, inode: ino, size: 2, nlink: 1, mtime: Math.floor(mtimeMs / 1000), readable: true, checksum: sha1 });
    expect(look({ path, checksum_algorithm: "sha256" })).toMatchObject({ checksum: createHash("sha256").update("a\n").digest("hex") });
    expect(look({ path, get_checksum: false })).not.toHaveProperty("checksum");
  });

  test("a directory has no checksum", () => {
    mkdirSync(join(home, "d"), { mode: 0o2750 });
    expect(look({ path: join(home, "d") })).toMatchObject({ isdir: true, executable: true });
    expect(look({ path: join(home, "d") })).not.toHaveProperty("checksum");
  });

  test("a link is told itself, or what it leads to", () => {
    const path = join(home, "link");
    symlinkSync("target\nstat 0", path);
    expect(look({ path })).toMatchObject({ exists: true, islnk: true, isreg: false, lnk_target: "target\nstat 0", lnk_source: join(home, "target\nstat 0") });
    expect(look({ path, follow: true })).toEqual({ exists: false });
    writeFileSync(join(home, "target\nstat 0"), "");
    expect(look({ path, follow: true })).toMatchObject({ isreg: true, islnk: false, size: 0 });
  });

  test("nothing, and a device", () => {
    expect(look({ path: join(home, "no") })).toEqual({ exists: false });
    expect(look({ path: "/dev/null" })).toMatchObject({ ischr: true, isblk: false, writeable: true });
  });
});

test("a host that cannot look is a failure, and check mode looks too", () => {
  expect(outcome({ path: "/a" }, { code: 1, stderr: "stat: no\n" })).toEqual({ changed: false, failed: "looking at /a failed: stat: no" });
  expect(readOnly({ path: "/a" })).toBe(true);
});

test("every shell can read the scripts", () => {
  expect(syntaxErrors([step({ path: "/it's" }).script, step({ path: "/a", follow: true, get_checksum: false }).script])).toEqual([]);
});
