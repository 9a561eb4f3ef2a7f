import { execFile, execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const project = join(import.meta.dirname, "../..");
const env = { ...process.env, NODE_OPTIONS: "" };

/** What a command prints, from a directory that was built. */
async function printed(dist: string, ...words: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [join(dist, "main.js"), ...words], { env })).stdout;
}

/** Whether V8 takes the cache of the bundle, with these options of Node. */
function isTaken(dist: string, ...options: string[]): string {
  const offered = `const [file, cache] = process.argv.slice(1).map((path) => require("fs").readFileSync(path));
    const script = new (require("vm").Script)(file.toString("latin1"), { cachedData: cache.subarray(cache.indexOf("\\n") + 1) });
    process.stdout.write(String(!script.cachedDataRejected));`;
  return execFileSync(process.execPath, [...options, "-e", offered, join(dist, "bundle.js"), join(dist, "bundle.cache")], { env, encoding: "utf8" });
}

test("the build leaves a cache that V8 takes, and where it does not, commands start all the same", async () => {
  const dist = join(project, "dist");
  expect(isTaken(dist)).toBe("true");
  expect(isTaken(dist, "--no-opt")).toBe("false");
  const { status, stdout } = spawnSync(process.execPath, ["--no-opt", join(dist, "main.js"), "doc", "copy"], { env, encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 0, stdout: await printed(dist, "doc", "copy") });
});

test("help has the same words, whichever bundle gives it", async () => {
  const dist = join(project, "dist");
  const root = await printed(dist, "--help");
  const commands = [...root.matchAll(/^ {2}([a-z]+)(?: [[<]| {2,})/gm)].map(([, name]) => name!);
  expect(commands).toEqual(expect.arrayContaining(["run", "exec", "inventory", "secrets"]));
  for (const command of commands) expect(await printed(dist, command, "--help")).toBe(await printed(dist, command, "--help", "--help"));
  for (const command of ["run", "exec"]) expect(await printed(dist, command, "-h")).toContain(`Usage: bowline ${command}`);
});

describe("the packed files", () => {
  const modules = join(project, "node_modules");
  const dir = mkdtempSync(join(tmpdir(), "bowline-start-"));
  const dist = join(dir, "dist");
  beforeAll(() => {
    const [{ files }] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: project, env, encoding: "utf8" })) as [{ files: { path: string }[] }];
    for (const { path } of files) cpSync(join(project, path), join(dir, path));
  });
  afterEach(() => rmSync(join(dir, "node_modules"), { force: true }));
  afterAll(() => rmSync(dir, { recursive: true }));

  test("have the cache among them", () => {
    expect(isTaken(dist)).toBe("true");
  });

  /** The parts of ssh2 in machine code that are loaded to reach a host, one that nothing listens on. */
  function nativeParts(): string[] {
    const watch = join(dir, "watch.cjs");
    writeFileSync(watch, "const { dlopen } = process; process.dlopen = (...args) => (process.stderr.write(`loaded ${args[1]}\\n`), dlopen.apply(process, args));");
    writeFileSync(join(dir, "site.yml"), "- hosts: all\n  tasks:\n    - ping: {}\n");
    const words = ["run", join(dir, "site.yml"), "-i", "127.0.0.1:1,"];
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--require", watch, join(dist, "main.js"), ...words], { env: { ...env, HOME: dir, BOWLINE_STATE_DIR: join(dir, "state") }, encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 4, stdout: expect.stringContaining("nothing listens there") as string });
    return [...stderr.matchAll(/^loaded .*\/(.*)$/gm)].map(([, name]) => name!).sort();
  }

  test("use the native parts of ssh2 that are installed", () => {
    symlinkSync(modules, join(dir, "node_modules"));
    const parts = ["cpu-features/build/Release/cpufeatures.node", "ssh2/lib/protocol/crypto/build/Release/sshcrypto.node"];
    expect(nativeParts()).toEqual(parts.filter((part) => existsSync(join(modules, part))).map((part) => part.replace(/.*\//, "")));
  });

  test("reach hosts without any", () => {
    expect(nativeParts()).toEqual([]);
  });

  test.each([0, 30, 1000, 500_000, -1])("start with a cache that is damaged at byte %i", async (index) => {
    const bytes = readFileSync(join(project, "dist/bundle.cache"));
    bytes[index < 0 ? bytes.length + index : index]! ^= 0x40;
    writeFileSync(join(dist, "bundle.cache"), bytes);
    expect(await printed(dist, "doc", "--list")).toBe(await printed(join(project, "dist"), "doc", "--list"));
  });

  test("start without a cache", async () => {
    rmSync(join(dist, "bundle.cache"));
    expect(await printed(dist, "--version")).toBe(await printed(join(project, "dist"), "--version"));
    expect(await printed(dist, "doc", "--list")).toBe(await printed(join(project, "dist"), "doc", "--list"));
  });
});

test("two builds at the same time disturb neither each other nor the commands that start meanwhile", async () => {
  const dist = join(project, "dist");
  const expected = await printed(dist, "doc", "--list");
  let building = 2;
  const builds = [1, 2].map(async () => {
    await promisify(execFile)(process.execPath, [join(project, "build.mjs")], { cwd: project, env });
    building -= 1;
  });
  let starts = 0;
  for (; building > 0; starts += 1) expect(await printed(dist, "doc", "--list")).toBe(expected);
  await Promise.all(builds);
  expect(starts).toBeGreaterThan(1);
  expect(isTaken(dist)).toBe("true");
});
