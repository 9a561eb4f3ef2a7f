import { createHash, randomBytes } from "node:crypto";
import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { LocalFile } from "../../src/core/step.ts";
import { ControllerFiles } from "../../src/load/files.ts";
import { HeldContents } from "../../src/load/held.ts";
import { isWorthPacking, type Sample } from "../../src/load/packed.ts";
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
  for await (const part of ahead!.bytes(0)) {
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

describe("packing", () => {
  test.each<[string, number, Sample, number, boolean]>([
    ["text on a slow link", 10 * MiB, { ratio: 0.2, bytesPerSecond: 100e6 }, 1e6, true],
    ["text on a fast link", 10 * MiB, { ratio: 0.2, bytesPerSecond: 100e6 }, 20e6, false],
    ["what cannot be made smaller", 10 * MiB, { ratio: 1, bytesPerSecond: 100e6 }, 1e6, false],
    ["what is hardly made smaller", 10 * MiB, { ratio: 0.85, bytesPerSecond: 100e6 }, 1e6, false],
    ["on a controller that has no time for it", 10 * MiB, { ratio: 0.2, bytesPerSecond: 2e6 }, 2e6, false],
  ])("%s: %d bytes", (_, size, sample, link, expected) => {
    expect(isWorthPacking(size, sample, link)).toBe(expected);
  });

  const lines = Buffer.from(Array.from({ length: 60_000 }, (_, index) => `${index} a line of text as programs write them: ${(index * 7919) % 9973}\n`).join(""));

  test("is done once for fifty hosts, and gives the rest of the file", async () => {
    const dir = tree({ "site.yml": "" });
    writeFileSync(join(dir, "log"), lines);
    const file = await new ControllerFiles(dir).localFile("log");
    const all = await Promise.all(Array.from({ length: 50 }, () => file.packed!(1000, 100_000)));
    expect(new Set(all).size).toBe(1);
    const parts: Buffer[] = [];
    for await (const part of all[0]!.bytes()) parts.push(part);
    const bytes = Buffer.concat(parts);
    expect([bytes.length, bytes.length < lines.length / 2, gunzipSync(bytes).equals(lines.subarray(1000))]).toEqual([all[0]!.size, true, true]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("bowline-") && name.endsWith(".gz"))).toEqual([]);
    expect(await file.packed!(1000, 100_000_000)).toBeUndefined();
  });

  test("of a file that was changed since is an error", async () => {
    const dir = tree({ "site.yml": "" });
    writeFileSync(join(dir, "log"), lines);
    const file = await new ControllerFiles(dir).localFile("log");
    writeFileSync(join(dir, "log"), Buffer.concat([lines, lines]));
    await expect(file.packed!(0, 100_000)).rejects.toMatchObject({ code: "E_FILE" });
  });
});
