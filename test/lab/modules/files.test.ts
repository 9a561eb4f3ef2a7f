import { jest } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { quote } from "../../../src/core/sh.ts";
import { openLab, type Lab, type Machine } from "../lab.ts";
import { bowlineOn, type Bowline, type Ran, type TaskText } from "../pipeline.ts";

jest.setTimeout(240_000);

let lab: Lab;
let machine: Machine;
let bowline: Bowline;

const binary = Buffer.concat([Buffer.from([0, 255, 254, 10, 13, 0]), randomBytes(1000)]);
const large = randomBytes(3 << 20);
const names = ["plain", "a  b", "it's \"odd\"", "a\nb", "-rf", "$(touch x) `y`", "größe ☃"];
const home = (name: string) => `/srv/${name}/in it`;

beforeAll(async () => {
  lab = await openLab();
  machine = await lab.machine("deb1");
  bowline = await bowlineOn(machine, "ops");
  await mkdir(join(bowline.dir, "files"));
  await mkdir(join(bowline.dir, "templates"));
  await writeFile(join(bowline.dir, "files", "binary"), binary);
  await writeFile(join(bowline.dir, "files", "large"), large);
  await writeFile(join(bowline.dir, "files", "short"), "from a file\n");
  await writeFile(join(bowline.dir, "templates", "app.conf.hbs"), "name = {{ name }}\n{{#each ports}}\nport = {{ this }}\n{{/each}}\n");
}, 300_000);

afterAll(async () => {
  await bowline?.remove();
  await lab?.close();
});

const must = (script: string) => machine.must(script);
const stat = async (path: string) => (await must(`stat -c '%a %U:%G %F' -- ${quote(path)}`)).trim();

describe("files and directories as they should be", () => {
  const root: TaskText = { become: true };
  const odd = names.flatMap((name) => [
    { ...root, directory: { path: home(name), mode: "2750", owner: "ops", group: "1000" } },
    { ...root, copy: { dest: `${home(name)}/${name}`, content: `${name}\n`, mode: "0600", owner: "ops" } },
  ]);
  const content = [
    { copy: { dest: "/tmp/empty", content: "" } },
    { copy: { dest: "/tmp/bare", content: "no newline" } },
    { copy: { dest: "/tmp/binary", src: "binary", mode: "0755" } },
    { ...root, copy: { dest: "/srv/large", src: "large" } },
    { ...root, copy: { dest: "/srv/altered", src: "large" } },
    { vars: { name: "it's <b>", ports: [80, 443] }, template: { src: "app.conf.hbs", dest: "/tmp/template", mode: "0640" } },
  ];
  const kept = [
    { ...root, copy: { dest: "/srv/app.conf", content: "new\n" } },
    { ...root, copy: { dest: "/srv/same", content: "same\n", mode: "0600", owner: 0, group: "root" } },
    { ...root, copy: { dest: "/srv/diff", src: "short", mode: "0644" } },
    { ...root, directory: { path: "/srv/set-gid", mode: "0755" } },
    { ...root, copy: { dest: "/etc/sudoers.d/operators", content: "%operators ALL=(ALL) ALL\n", mode: "0440", validate: "visudo -cf %s" } },
  ];
  const expected = [
    ...names.flatMap((name) => [`make the directory ${home(name)}`, `make the file ${home(name)}/${name}`]),
    "make the file /tmp/empty",
    "make the file /tmp/bare",
    "make the file /tmp/binary",
    "make the file /srv/large",
    "change the file /srv/altered",
    "make the file /tmp/template",
    "change the file /srv/app.conf",
    "change the owner of /srv/same from ops:opspw to 0:root",
    "change the mode of /srv/same from 4640 to 0600",
    "change the file /srv/diff",
    "change the mode of /srv/set-gid from 2755 to 0755",
    "make the file /etc/sudoers.d/operators",
  ];
  const tasks = [...odd, ...content, ...kept];
  let check: Ran;
  let run: Ran;

  beforeAll(async () => {
    await machine.copyIn(join(bowline.dir, "files", "large"), "/srv/altered");
    await must(`
      printf x | dd of=/srv/altered bs=1 seek=1000 conv=notrunc status=none
      mkdir /srv/real; echo old >/srv/real/app.conf; chown ops:opspw /srv/real/app.conf; chmod 4640 /srv/real/app.conf; ln -s real/app.conf /srv/app.conf
      echo same >/srv/same; chown ops:opspw /srv/same; chmod 4640 /srv/same
      printf 'a\\nb' >/srv/diff; chown ops /srv/diff; chmod 0604 /srv/diff
      mkdir -m 2755 /srv/set-gid
    `);
    check = await bowline.run(tasks, "check");
    expect(await must("ls /srv; cat /srv/diff; ls /tmp")).toBe("altered\napp.conf\ndiff\nreal\nsame\nset-gid\na\nb");
    run = await bowline.run(tasks);
  });

  test("what check mode says is what the run does, save for what needs it first; the second run does nothing", async () => {
    expect(run.results.flatMap((result) => result.problem ?? [])).toEqual([]);
    const later = names.map((name) => `make the file ${home(name)}/${name}`);
    expect(check.changes).toEqual(expected.filter((title) => !later.includes(title)));
    expect(check.results.slice(0, odd.length).map((result) => result.status)).toEqual(names.flatMap(() => ["changed", "unknown"]));
    expect(run.changes).toEqual(expected);
    const again = await bowline.run(tasks);
    expect([again.exitCode, again.changes]).toEqual([0, []]);
    expect(await must("find / -xdev -name '.bowline*'")).toBe("");
  });

  test.each(names)("%j is a directory and a file in it, made through sudo", async (name) => {
    expect(await stat(home(name))).toBe("2750 ops:ops directory");
    expect(await stat(`${home(name)}/${name}`)).toBe("600 ops:ops regular file");
    expect(await must(`cat -- ${quote(`${home(name)}/${name}`)}`)).toBe(`${name}\n`);
  });

  test("bytes arrive as they are: none, a few, some that are no text, megabytes", async () => {
    expect(await stat("/tmp/empty")).toBe("644 ops:ops regular empty file");
    expect(await must("cat /tmp/bare")).toBe("no newline");
    expect(await must("od -An -v -tx1 </tmp/binary | tr -d ' \\n'")).toBe(binary.toString("hex"));
    const sent = await machine.exec("cmp - /srv/large && cmp /srv/large /srv/altered", { stdin: large });
    expect(sent).toMatchObject({ code: 0, stdout: "" });
  });

  test("a template is rendered for the host", async () => {
    expect(await must("cat /tmp/template")).toBe("name = it's <b>\nport = 80\nport = 443\n");
  });

  test("what is not named stays: mode, owner, and the link that leads to a file", async () => {
    expect(await stat("/srv/real/app.conf")).toBe("4640 ops:opspw regular file");
    expect(await must("readlink /srv/app.conf; cat /srv/real/app.conf")).toBe("real/app.conf\nnew\n");
    expect(await stat("/srv/same")).toBe("600 root:root regular file");
  });

  test("the diff has both texts, and undo the old one with its mode and owner", () => {
    const diffs = check.results.flatMap((result) => result.changes).flatMap((change) => change.diff ?? []);
    expect(diffs).toContainEqual({ path: "/srv/diff", before: "a\nb", after: "from a file\n" });
    const undo = run.steps.find((step) => step.change === "change the file /srv/diff")!.undo;
    expect(undo).toEqual([{ kind: "put", path: "/srv/diff", content: { text: "a\nb" }, mode: "0604", owner: "1000", group: "0" }]);
  });

  test("down takes empty directories away, in reverse order, and leaves the others alone", async () => {
    await must(`rm -- ${names.slice(1).map((name) => quote(`${home(name)}/${name}`)).join(" ")}; rmdir -- ${quote(home(names[1]!))}`);
    const down = await bowline.run(odd, "down");
    expect([down.exitCode, down.changes]).toEqual([0, names.slice(2).toReversed().map((name) => `remove the directory ${home(name)}`)]);
    expect(await must("cat '/srv/plain/in it/plain'")).toBe("plain\n");
  });
});

test("a backup is kept once for each content", async () => {
  const { exitCode, results } = await bowline.run({ copy: { dest: "/tmp/kept", content: "{{ item }}\n", backup: true }, loop: ["one", "two", "one", "two"] });
  expect([exitCode, results[0]!.items!.map((item) => item.status)]).toEqual([0, ["changed", "changed", "changed", "changed"]]);
  expect((await must("cat /tmp/kept.*~")).split("\n").sort()).toEqual(["", "one", "two"]);
  expect(await must("cat /tmp/kept")).toBe("two\n");
});

describe("what cannot be done", () => {
  const root = true;
  const copy = (dest: string, more: TaskText = {}) => ({ copy: { dest, content: "x", ...more } });
  const refusals: [TaskText, boolean, string][] = [
    [copy("/srv/no/such/file"), root, "the directory /srv/no/such does not exist"],
    [copy("/srv/dir"), root, "/srv/dir is a directory"],
    [copy("/srv/fifo"), root, "/srv/fifo is neither a file nor a directory"],
    [copy("/srv/broken"), root, "/srv/broken is a symbolic link that leads nowhere"],
    [copy("/srv/file/below"), root, "/srv/file is not a directory, so nothing can be in it"],
    [copy("/srv/ro/new"), root, "root may not write in /srv/ro"],
    [copy("/srv/ro/file", { content: "", mode: "0600" }), root, "/srv/ro/file cannot be changed, even by root"],
    [copy("/srv/new"), false, "ops may not write in /srv"],
    [copy("/etc/shadow"), false, "ops may not read /etc/shadow"],
    [copy("/srv/closed/in/x"), false, "ops may not look into /srv/closed"],
    [copy("/tmp/x", { owner: "root" }), false, "ops may not give /tmp/x to root"],
    [copy("/srv/x", { owner: "nobdy" }), root, 'there is no user "nobdy" on this host'],
    [{ directory: { path: "/srv/file" } }, root, "/srv/file is there and is no directory"],
    [{ directory: { path: "/srv/broken" } }, root, "/srv/broken is a symbolic link that leads nowhere"],
    [{ directory: { path: "/srv/ro/a/b" } }, root, "root may not write in /srv/ro"],
    [{ directory: { path: "/srv/dir", state: "absent" } }, root, "something is mounted at /srv/dir/sub"],
    [{ directory: { path: "/srv/dir", state: "absent", recurse: true } }, root, "something is mounted at /srv/dir/sub"],
    [{ directory: { path: "/srv/link", state: "absent", recurse: true } }, root, "/srv/link is a symbolic link"],
    [{ directory: { path: "/srv/closed", state: "absent" } }, root, "/srv/closed is not empty"],
    [{ directory: { path: "/srv/closed/in", state: "absent" } }, false, "ops may not look into /srv/closed"],
  ];
  const failures: TaskText[] = [
    { copy: { dest: "/srv/full/file", src: "large" } },
    { copy: { dest: "/etc/sudoers.d/operators", content: "%operators ALL=(ALL\n", validate: "visudo -cf %s" } },
  ];
  const ignored = (task: TaskText, become: boolean) => ({ ...task, become, ignore_errors: true });
  const refused = refusals.map(([task, become]) => ignored(task, become));
  let before: string;
  let check: Ran;
  let run: Ran;

  const fingerprint = () => must("cat /proc/mounts; find /srv /etc /tmp -printf '%p %y %m %u %g %s %T@\\n' | sort");

  beforeAll(async () => {
    await must(`
      mkdir -p /srv/closed/in /srv/full /srv/ro /srv/dir/sub; chmod 700 /srv/closed; touch /srv/file
      ln -s /srv/no/where /srv/broken; ln -s /srv/dir /srv/link; mkfifo /srv/fifo
      mount -t tmpfs -o size=64k none /srv/full; echo old >/srv/full/file
      mount -t tmpfs none /srv/ro; touch /srv/ro/file; mount -o remount,ro /srv/ro; mount -t tmpfs none /srv/dir/sub
      rm -f /etc/sudoers.d/operators
    `);
    before = await fingerprint();
    check = await bowline.run(refused, "check");
    run = await bowline.run([...refused, ...failures.map((task) => ignored(task, root))]);
  });

  test.each(refusals.map(([task, , message], index) => [task, message, index] as const))("%j is refused: %s", (_, message, index) => {
    for (const { results } of [check, run]) expect(results[index]!.problem).toMatchObject({ code: "E_REFUSED", message, at: { line: 1 } });
  });

  test("a full disk says so, and so does the command that did not accept a file", () => {
    const [full, invalid] = run.results.slice(refusals.length);
    expect(full!.problem!.message).toMatch(/^write \/srv\/full\/file: .*No space left on device/);
    expect(invalid!.failedStep!.title).toBe("validate visudo -cf %s");
    expect(`${invalid!.failedStep!.stdout}${invalid!.failedStep!.stderr}`).toMatch(/syntax error/);
  });

  test("nothing has changed", async () => {
    const after = await fingerprint();
    expect(after.split("\n").filter((line) => !before.includes(line) && !/ d /.test(line))).toEqual([]);
    expect(await must("cat /srv/full/file; find / -xdev -name '.bowline*'; ls -A /srv/full")).toBe("old\nfile\n");
  });

  test("status says it in words", async () => {
    const { results } = await bowline.run([{ directory: { path: "/srv/dir" } }, copy("/srv/no/such/file"), { directory: { path: "/srv/file" } }], "status");
    expect(results.map((result) => result.state)).toEqual([
      { state: "n/a", label: "/srv/dir", remarks: [] },
      { state: "down", label: "/srv/no/such/file", remarks: ["the directory /srv/no/such does not exist"] },
      { state: "warn", label: "/srv/file", remarks: ["/srv/file is there and is no directory"] },
    ]);
  });

  test("down leaves a directory in use alone; a run with recurse removes it when nothing is mounted there", async () => {
    const task = { become: true, directory: { path: "/srv/dir" } };
    const down = await bowline.run(task, "down");
    expect([down.exitCode, down.changes]).toEqual([0, []]);
    await must("umount /srv/dir/sub; touch /srv/dir/sub/x");
    expect((await bowline.run(task, "down")).changes).toEqual([]);
    const removed = await bowline.run({ ...task, directory: { ...task.directory, state: "absent", recurse: true } });
    expect(removed.changes).toEqual(["remove the directory /srv/dir and all that is in it"]);
    expect((await machine.exec("ls /srv/dir")).code).not.toBe(0);
  });
});
