import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { jest } from "@jest/globals";
import type { Content, LocalFile } from "../../src/core/step.ts";
import type { Connection, PutRequest, Reply, Request } from "../../src/transport/transport.ts";
import { connect, script, shells } from "./_host.ts";

jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), "bowline-files-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

// The lock of this machine belongs to whoever else runs here.
process.env["BOWLINE_LOCK"] = join(root, "lock");

async function* inParts(bytes: Buffer, onPart: () => void = () => undefined): AsyncIterable<Buffer> {
  for (let from = 0; from < bytes.length; from += 60_000) {
    await new Promise(setImmediate);
    yield bytes.subarray(from, from + 60_000);
    onPart();
  }
}

let directories = 0;
function freshDir(): string {
  const dir = join(root, `d${(directories += 1)}`);
  writeFileSync(`${dir}.keep`, "");
  return dir;
}

const large = randomBytes(700_000).toString("base64");
const local = join(root, "local file");
writeFileSync(local, large);
const file: Content = { file: { path: local, size: large.length, sha256: createHash("sha256").update(large).digest("hex") } };

describe.each(shells)("files through a session under %s", (shell) => {
  let connection: Connection;
  let dir: string;
  beforeAll(() => void (connection = connect(shell)));
  afterAll(() => connection.close());
  beforeEach(async () => {
    dir = freshDir();
    await ask(script(`mkdir '${dir}'`));
  });
  const ask = async (...requests: Request[]): Promise<readonly Reply[]> => (await connection.session()).ask(requests);
  const put = (content: Content, more: Partial<PutRequest> = {}): PutRequest => ({ kind: "put", path: join(dir, "it's a file"), content, mode: "0640", ...more });

  test.each<[string, Content, string]>([
    ["empty", { text: "" }, ""],
    ["small", { text: "a\\b\n\u0000\u00e9 'x'" }, "a\\b\n\u0000\u00e9 'x'"],
    ["large", { text: large }, large],
    ["on the controller", file, large],
  ])("puts a file that is %s, whole, with its mode, and leaves nothing beside it", async (_, content, expected) => {
    const [reply] = await ask(put(content));
    expect([reply!.code, reply!.stderr.toString()]).toEqual([0, ""]);
    expect(readFileSync(join(dir, "it's a file"), "utf8") === expected).toBe(true);
    expect(statSync(join(dir, "it's a file")).mode & 0o7777).toBe(0o640);
    expect(readdirSync(dir)).toEqual(["it's a file"]);
  });

  test.each(["0400", "4755", "2750", "0000"])("gives a file the mode %s", async (mode) => {
    for (const content of [{ text: "x" }, file]) {
      expect((await ask(put(content, { mode })))[0]!.code).toBe(0);
      expect(statSync(join(dir, "it's a file")).mode & 0o7777).toBe(Number.parseInt(mode, 8));
    }
  });

  test("gives a file its owner and group, by number and by name", async () => {
    await ask(put({ text: "x" }, { owner: "1", group: "2" }));
    expect(statSync(join(dir, "it's a file"))).toMatchObject({ uid: 1, gid: 2 });
    await ask(put(file, { owner: "nobody", group: "daemon" }));
    expect(statSync(join(dir, "it's a file"))).toMatchObject({ uid: 65534, gid: 1 });
  });

  test.each<[string, Content]>([
    ["a small", { text: "old or new" }],
    ["a large", file],
  ])("leaves the old file and nothing else when %s put fails", async (_, content) => {
    await ask(put({ text: "old" }));
    const replies = await ask(put(content, { owner: "no-such-user" }), script("echo never"));
    expect(replies.map((reply) => reply.code === 0)).toEqual([false]);
    expect(replies[0]!.stderr.toString()).toMatch(/no-such-user/);
    expect(readFileSync(join(dir, "it's a file"), "utf8")).toBe("old");
    expect(readdirSync(dir)).toEqual(["it's a file"]);
  });

  test.each<[string, Content]>([
    ["small", { text: "x" }],
    ["large", file],
  ])("refuses a directory in the place of a %s file, and a parent that is missing", async (_, content) => {
    expect((await ask(put(content, { path: dir })))[0]).toMatchObject({ code: 1, stderr: Buffer.from(`${dir} is a directory\n`) });
    const [reply] = await ask(put(content, { path: `${dir}/no/file` }));
    expect(reply!.code).not.toBe(0);
    expect(reply!.stderr.toString()).toContain(`${dir}/no`);
    expect(readdirSync(dir)).toEqual([]);
  });

  test("says so when the file system is full, and leaves nothing there", async () => {
    await ask(script(`mount -t tmpfs -o size=64k none '${dir}' || exit 9`));
    try {
      for (const content of [{ text: "y".repeat(30_000) }, file]) {
        await ask(script(`head -c 50000 /dev/zero >'${dir}/filler'`));
        const [reply] = await ask(put(content));
        expect(reply!.code).not.toBe(0);
        expect(reply!.stderr.toString()).toMatch(/No space left|write error/i);
        expect(readdirSync(dir)).toEqual(["filler"]);
      }
    } finally {
      await ask(script(`umount '${dir}'`));
    }
  });

  test("keeps no file open that it has put, nor one that it could not put", async () => {
    const replies = await ask(script(`mount -t tmpfs -o size=4m none '${dir}'`), put(file), script(`umount '${dir}'`));
    expect(replies.map((reply) => reply.code)).toEqual([0, 0, 0]);
    await ask(script(`mount -t tmpfs -o size=64k none '${dir}'`));
    expect((await ask(put(file)))[0]!.code).not.toBe(0);
    expect((await ask(script(`umount '${dir}'`)))[0]!.code).toBe(0);
  });

  test("runs what comes before and behind a large file in order, in as few batches as may be", async () => {
    const before = connection.roundTrips;
    const replies = await ask(script("echo one"), put(file), script(`wc -c <'${dir}/it'\\''s a file'`), put({ text: large }, { path: join(dir, "two") }), script("exit 4"), script("echo never"));
    expect(replies.map((reply) => reply.code)).toEqual([0, 0, 0, 0, 4]);
    expect(replies[2]!.stdout.toString().trim()).toBe(String(large.length));
    expect(connection.roundTrips - before).toBe(3);
  });

  test("does not place a file whose put was cancelled while it was on its way", async () => {
    await ask(put({ text: "old" }));
    const controller = new AbortController();
    const session = await connection.session();
    // It is cut short behind the first of its pieces, when the host has opened the file.
    const asked = session.ask([put({ text: large.repeat(40) })], { signal: controller.signal });
    for (let names = readdirSync(dir); names.length === 1; names = readdirSync(dir)) await new Promise(setImmediate);
    controller.abort();
    expect((await asked).map((reply) => reply.status)).toEqual(["cancelled"]);
    expect(readFileSync(join(dir, "it's a file"), "utf8")).toBe("old");
    expect(readdirSync(dir)).toEqual(["it's a file"]);
    expect((await ask(script("echo on")))[0]!.stdout.toString()).toBe("on\n");
  });

  test("a file that shrank on the controller is not placed; one that is gone is an error in words, and the session goes on", async () => {
    const { path } = (file as Extract<Content, { file: object }>).file;
    await expect(ask(put({ file: { path, size: large.length + 100_000, sha256: "" } }))).rejects.toMatchObject({ code: "E_FILE", message: `${path} was changed while it was sent` });
    await expect(ask(put({ file: { path: join(root, "none"), size: 100_000, sha256: "" } }))).rejects.toMatchObject({ code: "E_FILE" });
    await expect(ask(put({ file: { path: join(root, "none"), size: 10, sha256: "" } }))).rejects.toMatchObject({ code: "E_FILE" });
    expect((await ask(script("echo on")))[0]!.stdout.toString()).toBe("on\n");
    expect(readdirSync(dir)).toEqual([]);
  });

  describe("that is packed", () => {
    const packedFile = (more: Partial<LocalFile> = {}) => {
      const asked: number[] = [];
      const path = join(root, "packed");
      writeFileSync(path, text);
      const packed: LocalFile["packed"] = (from, bytesPerSecond) => {
        asked.push(from);
        expect(bytesPerSecond).toBeGreaterThan(0);
        const bytes = gzipSync(text.subarray(from));
        return Promise.resolve({ size: bytes.length, bytes: () => inParts(bytes) });
      };
      return { asked, content: { file: { path, size: text.length, sha256: "", packed, ...more } } };
    };
    const text = Buffer.from("a line of text\n".repeat(200_000));

    test.each(["0644", "0400", "4755"])("is whole, with the mode %s, and nothing is beside it", async (mode) => {
      const { asked, content } = packedFile();
      const replies = await ask(put(content, { mode }), script("echo on"));
      expect(replies.map(({ code, stdout, stderr }) => [code, String(stdout), String(stderr)])).toEqual([[0, "", ""], [0, "on\n", ""]]);
      expect(asked).toEqual([512 * 1024]);
      expect(readFileSync(join(dir, "it's a file")).equals(text)).toBe(true);
      expect(statSync(join(dir, "it's a file")).mode & 0o7777).toBe(Number.parseInt(mode, 8));
      expect(readdirSync(dir)).toEqual(["it's a file"]);
    });

    test("by something that gzip does not understand, or for a disk that is full, leaves the old file and nothing else", async () => {
      await ask(put({ text: "old" }));
      const broken = packedFile({ packed: () => Promise.resolve({ size: 100_000, bytes: () => inParts(randomBytes(100_000)) }) });
      const [reply] = await ask(put(broken.content));
      expect([reply!.code, String(reply!.stderr)]).toEqual([1, expect.stringMatching(/gzip/)]);
      expect([readFileSync(join(dir, "it's a file"), "utf8"), readdirSync(dir)]).toEqual(["old", ["it's a file"]]);
      await ask(script(`mount -t tmpfs -o size=2m none '${dir}' || exit 9`));
      try {
        const [full] = await ask(put(packedFile().content));
        expect([full!.code, String(full!.stderr)]).toEqual([1, expect.stringMatching(/No space left|write error/i)]);
        expect(readdirSync(dir)).toEqual([]);
      } finally {
        await ask(script(`umount '${dir}'`));
      }
    });

    test("is not sent at all where the host cannot make the file", async () => {
      const { asked, content } = packedFile();
      const replies = await ask(put(content, { path: `${dir}/no/file` }), script("echo never"));
      expect([replies.length, replies[0]!.code, String(replies[0]!.stderr)]).toEqual([1, 1, expect.stringContaining(`${dir}/no`)]);
      expect(asked).toEqual([]);
      expect((await ask(script("echo on")))[0]!.stdout.toString()).toBe("on\n");
    });

    test("and cancelled on its way is not placed", async () => {
      const controller = new AbortController();
      const bytes = gzipSync(randomBytes(3_000_000));
      const slow: LocalFile["packed"] = () => Promise.resolve({ size: bytes.length, bytes: () => inParts(bytes, () => controller.abort()) });
      const session = await connection.session();
      expect((await session.ask([put(packedFile({ packed: slow }).content)], { signal: controller.signal })).map(({ status }) => status)).toEqual(["cancelled"]);
      expect(readdirSync(dir)).toEqual([]);
      expect((await ask(script("echo on")))[0]!.stdout.toString()).toBe("on\n");
    });
  });

  test("fetches bytes up to a limit", async () => {
    writeFileSync(join(dir, "f"), randomBytes(5000));
    const fetch = (path: string, limit: number): Request => ({ kind: "fetch", path, limit });
    expect((await ask(fetch(join(dir, "f"), 5000)))[0]!.stdout.equals(readFileSync(join(dir, "f")))).toBe(true);
    expect((await ask(fetch(join(dir, "f"), 4999)))[0]).toMatchObject({ code: 1, stdout: Buffer.alloc(0), stderr: Buffer.from("5000 bytes, more than the 4999 that are wanted\n") });
    expect((await ask(fetch(join(dir, "none"), 10)))[0]!.code).toBe(1);
  });

  test("a lock keeps other sessions out, in its owner's words, until its session ends", async () => {
    const lock = (label: string): Request => ({ kind: "lock", label });
    const other = connect(shell);
    const askOther = async (...requests: Request[]) => (await other.session()).ask(requests);
    expect((await ask(lock("run-1 from me"), script("echo in"))).map((reply) => [reply.code, reply.stdout.toString()])).toEqual([[0, ""], [0, "in\n"]]);
    const refused = await askOther(lock("run-2"), script("echo never"));
    expect(refused.map((reply) => reply.code)).toEqual([75]);
    expect(refused[0]!.stderr.toString()).toMatch(/^held by run run-1 from me by \w+ since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    // A child that still writes costs the session its shell, but not its lock.
    await ask(script("sleep 2 & echo stray"));
    await ask(script("true"));
    expect((await askOther(lock("run-2")))[0]!.code).toBe(75);
    await connection.close();
    connection = connect(shell);
    expect((await askOther(lock("run-2")))[0]!.code).toBe(0);
    await other.close();
  });
});
