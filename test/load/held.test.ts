import { createHash, randomBytes } from "node:crypto";
import { utimesSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { LocalFile } from "../../src/core/step.ts";
import { ControllerFiles } from "../../src/load/files.ts";
import { HeldContents } from "../../src/load/held.ts";
import { Keyring } from "../../src/load/secrets/keyring.ts";
import { framed } from "../../src/transport/frame.ts";
import { removeTrees, tree } from "./_files.ts";

afterEach(removeTrees);

const MiB = 1024 * 1024;

/** Contents that count how often a file is read, and how much of it is in memory at most. */
function counting(): { contents: HeldContents; reads: string[]; most: () => number } {
  const reads: string[] = [];
  let most = 0;
  const contents: HeldContents = new HeldContents((path) => {
    reads.push(path);
    most = Math.max(most, contents.size);
    return readFile(path);
  });
  return { contents, reads, most: () => most };
}

/** All that a host would be sent of a file, part by part: all hosts are at it at the same time. */
async function sent(file: LocalFile): Promise<string> {
  const { ahead } = framed({ kind: "put", path: "/x/y", content: { file }, mode: "0644" });
  const hash = createHash("sha256");
  for await (const part of ahead!.bytes()) {
    hash.update(part);
    await new Promise(setImmediate);
  }
  return hash.digest("hex");
}

const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test("a file that fifty hosts get, and its digest, cost one reading", async () => {
  const bytes = randomBytes(10 * MiB);
  const dir = tree({ "site.yml": "" });
  writeFileSync(join(dir, "big"), bytes);
  const { contents, reads } = counting();
  const files = new ControllerFiles(dir, new Keyring(), contents);
  const all = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const file = await files.localFile("big");
      await file.digested!();
      return { file, sent: await sent(file) };
    }),
  );
  expect(new Set(all.map(({ file }) => file)).size).toBe(1);
  expect(new Set(all.map(({ file, sent: what }) => `${file.sha256} ${what}`))).toEqual(new Set([`${digest(bytes)} ${digest(bytes)}`]));
  expect(reads).toEqual([join(dir, "big")]);
});

test("contents take 64 MiB at most, however many files are on their way; what finds no room is read from the disk", async () => {
  const dir = tree({ "site.yml": "" });
  const names = Array.from({ length: 12 }, (_, index) => `f${index}`);
  const contentOf = (name: string) => Buffer.alloc(10 * MiB, name);
  for (const name of names) writeFileSync(join(dir, name), contentOf(name));
  const { contents, reads, most } = counting();
  const files = new ControllerFiles(dir, new Keyring(), contents);
  const got = await Promise.all(names.map(async (name) => sent(await files.localFile(name))));
  expect(got).toEqual(names.map((name) => digest(contentOf(name))));
  expect(reads).toHaveLength(6);
  expect(most()).toBe(60 * MiB);
  // What nobody sends any more gives way.
  expect(await sent(await files.localFile("f11"))).toBe(digest(contentOf("f11")));
  expect(reads).toHaveLength(7);
  expect(contents.size).toBe(60 * MiB);
});

test("a file of more than 16 MiB is never held", async () => {
  const dir = tree({ "site.yml": "" });
  const bytes = Buffer.alloc(17 * MiB, "large");
  writeFileSync(join(dir, "large"), bytes);
  const { contents, reads } = counting();
  const file = await new ControllerFiles(dir, new Keyring(), contents).localFile("large");
  await file.digested!();
  expect([file.sha256, await sent(file), reads, contents.size]).toEqual([digest(bytes), digest(bytes), [], 0]);
});

describe.each([
  ["that is held", 1 * MiB],
  ["that is not", 17 * MiB],
])("a file %s", (_, size) => {
  const made = async () => {
    const dir = tree({ "site.yml": "" });
    const path = join(dir, "f");
    writeFileSync(path, Buffer.alloc(size, "one"));
    utimesSync(path, 1000, 1000);
    const files = new ControllerFiles(dir);
    return { path, files, file: await files.localFile("f") };
  };

  test.each<[string, (path: string) => void]>([
    ["has another content of the same size", (path) => writeFileSync(path, Buffer.alloc(size, "two"))],
    ["is shorter", (path) => writeFileSync(path, Buffer.alloc(size - 100_000, "one"))],
    ["is longer", (path) => writeFileSync(path, Buffer.alloc(size + 1, "one"))],
  ])("and %s since it was looked at is not sent, and has no digest", async (__, change) => {
    const { path, file } = await made();
    change(path);
    await expect(sent(file)).rejects.toMatchObject({ code: "E_FILE", message: expect.stringMatching(`${path} was changed while`) });
    await expect(file.digested!()).rejects.toMatchObject({ code: "E_FILE", message: expect.stringMatching(`${path} was changed while`) });
  });

  test("and was changed is another one when it is asked for again", async () => {
    const { path, files, file } = await made();
    await file.digested!();
    writeFileSync(path, Buffer.alloc(size, "two"));
    const again = await files.localFile("f");
    await again.digested!();
    expect([file.sha256, again.sha256]).toEqual([digest(Buffer.alloc(size, "one")), digest(Buffer.alloc(size, "two"))]);
    expect(await sent(again)).toBe(again.sha256);
  });
});
