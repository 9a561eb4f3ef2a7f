import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheOf, scriptIn } from "../src/code-cache.ts";

describe("a script is what its text says, and its cache is", () => {
  const dir = mkdtempSync(join(tmpdir(), "bowline-cache-"));
  const [file, cache] = [join(dir, "bundle.js"), join(dir, "bundle.cache")];
  afterAll(() => rmSync(dir, { recursive: true }));

  /** Whether V8 took the cache; undefined when it was offered none. */
  function taken(): boolean | undefined {
    const script = scriptIn(file, "bundle.js", cache);
    expect((script.runInThisContext() as () => string)()).toBe(readFileSync(file, "utf8").includes("one") ? "one" : "two");
    return script.cachedDataRejected === undefined ? undefined : !script.cachedDataRejected;
  }

  beforeEach(() => {
    rmSync(cache, { recursive: true, force: true });
    writeFileSync(file, '(function () { const inner = () => "one"; return inner(); })');
    const script = scriptIn(file, "bundle.js", cache);
    (script.runInThisContext() as () => string)();
    writeFileSync(cache, cacheOf(script, readFileSync(file)));
  });

  const changed = (change: (bytes: Buffer) => Buffer | void) => () => {
    const bytes = readFileSync(cache);
    writeFileSync(cache, change(bytes) ?? bytes);
  };

  test("taken when it is of this text and this Node", () => {
    expect(taken()).toBe(true);
  });

  test.each([
    ["there is none", () => rmSync(cache)],
    ["it cannot be read", () => (rmSync(cache), mkdirSync(cache))],
    ["it is empty", changed(() => Buffer.alloc(0))],
    ["it is of another Node", changed((bytes) => Buffer.from(bytes.toString("latin1").replace(process.version, "v20.0.0"), "latin1"))],
    ["it is of another kind of processor", changed((bytes) => Buffer.from(bytes.toString("latin1").replace(` ${process.arch} `, " other "), "latin1"))],
    ["it is of another text as long", () => writeFileSync(file, readFileSync(file, "utf8").replace("one", "two"))],
    ["its end is missing", changed((bytes) => bytes.subarray(0, -1))],
    ["a bit of its end has changed", changed((bytes) => void (bytes[bytes.length - 1]! ^= 1))],
    ["a bit of its middle has changed", changed((bytes) => void (bytes[bytes.length >> 1]! ^= 1))],
    ["it has no line", changed((bytes) => Buffer.from(bytes.toString("latin1").replaceAll("\n", " "), "latin1"))],
  ])("not offered when %s", (_why, spoil) => {
    spoil();
    expect(taken()).toBeUndefined();
  });
});
