import { BowlineError } from "../../src/core/errors.ts";
import type { Step } from "../../src/core/step.ts";
import { bindArgs } from "../../src/modules/bind.ts";
import type { Change } from "../../src/modules/contract.ts";
import { image, type ImageSeen } from "../../src/modules/image.ts";
import { syntaxErrors } from "./_planner.ts";

const at = { file: "playbook.yml", line: 3, column: 5 };
const bind = (raw: Record<string, unknown> = {}) => bindArgs(image, { name: "registry:2", ...raw }, () => at, at);

const archive = { path: "/home/me/files/registry.tar", size: 1000, sha256: "ab".repeat(32) };
const id = `sha256:${"1".repeat(64)}`;
const digest = `sha256:${"2".repeat(64)}`;
const absent: ImageSeen = { daemon: { answers: true, silence: "" }, uploads: "/srv/docker/tmp", source: "present" };
const present: ImageSeen = { ...absent, image: { id, tags: ["registry:2"], digests: [`registry@${digest}`] } };
const silent: ImageSeen = { ...absent, daemon: { answers: false, silence: "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" } };

const titles = (raw: Record<string, unknown>, seen: ImageSeen) => image.plan(bind(raw), seen).map((change) => change.title);

describe("what is planned", () => {
  test.each<[string, Record<string, unknown>, ImageSeen, string[]]>([
    ["absent: pull", {}, absent, ["pull registry:2"]],
    ["absent: pull by digest", { digest }, absent, [`pull registry:2 at ${digest}`]],
    ["absent: archive of the controller", { archive }, absent, ["load registry:2 from registry.tar of the controller"]],
    ["absent: archive on the host", { archive_path: "/var/tmp/r.tar" }, absent, ["load registry:2 from /var/tmp/r.tar"]],
    ["absent: tar of the controller", { import: archive, changes: "CMD [\"/bin/sh\"]" }, absent, ["import registry:2 from registry.tar of the controller"]],
    ["absent: tar on the host", { import_path: "/var/tmp/r.tar" }, absent, ["import registry:2 from /var/tmp/r.tar"]],
    ["present", {}, present, []],
    ["present, whatever the archive holds", { archive }, present, []],
    ["present with this id", { id: "111111111111" }, present, []],
    ["present with this digest", { digest }, present, []],
    ["present with another id", { archive, id: "333333333333" }, present, ["load registry:2 from registry.tar of the controller, since its id is 111111111111 instead of 333333333333"]],
    ["present with another digest", { digest: `sha256:${"4".repeat(64)}` }, present, [`pull registry:2 at sha256:${"4".repeat(64)}, since its digest is 222222222222 instead of 444444444444`]],
    ["present without a digest", { digest }, { ...present, image: { id, tags: ["registry:2"], digests: [] } }, [`pull registry:2 at ${digest}, since its digest is unknown instead of 222222222222`]],
    ["the archive on the host is not needed", { archive_path: "/gone" }, { ...present, source: "missing" }, []],
    ["to be absent, and is", { state: "absent" }, absent, []],
    ["to be absent", { state: "absent" }, present, ["remove the image registry:2"]],
  ])("%s", (_, raw, seen, expected) => {
    expect(titles(raw, seen)).toEqual(expected);
  });

  test.each<[string, Record<string, unknown>, ImageSeen, Record<string, unknown>]>([
    ["no daemon", {}, silent, { message: "docker daemon is not running", seen: silent.daemon.silence }],
    ["no daemon, to be absent", { state: "absent" }, silent, { message: "docker daemon is not running" }],
    ["no daemon, as version 29 says it", {}, { ...silent, daemon: { answers: false, silence: "failed to connect to the docker API at unix:///x.sock: dial unix /x.sock: connect: no such file or directory" } }, { message: "docker daemon is not running" }],
    ["a daemon that hangs", {}, { ...silent, daemon: { answers: false, silence: "" } }, { message: "the docker daemon on /var/run/docker.sock does not answer within 30 s" }],
    ["a daemon with an error of its own", {}, { ...silent, daemon: { answers: false, silence: "Error response from daemon: layer does not exist" } }, { message: "the docker daemon on /var/run/docker.sock answers with an error", seen: "Error response from daemon: layer does not exist" }],
    ["no right to ask", {}, { ...silent, daemon: { answers: false, silence: "permission denied while trying to connect" } }, { message: "not allowed to speak to the docker daemon on /var/run/docker.sock" }],
    ["no file on the host", { archive_path: "/gone" }, { ...absent, source: "missing" }, { message: "/gone is not on the host" }],
  ])("refused: %s", (_, raw, seen, problem) => {
    const error = caught(() => image.plan(bind(raw), seen));
    expect(error.problems[0]).toMatchObject({ code: "E_REFUSED", ...problem });
  });

  test.each<[string, Record<string, unknown>, ImageSeen, string]>([
    ["brought", {}, absent, "docker rmi registry:2"],
    ["replaced", { id: "333333333333" }, present, `docker tag ${id} registry:2`],
    ["removed, with another name left", { state: "absent" }, { ...present, image: { id, tags: ["registry:2", "registry:latest"], digests: [] } }, `docker tag ${id} registry:2`],
  ])("undo of what was %s", (_, raw, seen, title) => {
    expect(image.plan(bind(raw), seen)[0]!.undo).toEqual([expect.objectContaining({ title })]);
  });

  test("what had one name only cannot be brought back", () => {
    expect(image.plan(bind({ state: "absent" }), present)[0]!.undo).toEqual({ impossible: expect.stringContaining("no other name") });
  });
});

describe("a file from the controller", () => {
  const path = `/srv/docker/tmp/bowline-${"ab".repeat(8)}.tar`;

  test("is put where there is room, loaded and removed", () => {
    const steps = converse(image.plan(bind({ archive }), absent)[0]!);
    expect(steps).toEqual([{ kind: "put", path, content: { file: archive }, mode: "0600" }, expect.objectContaining({ title: `docker load -i ${path}` }), expect.objectContaining({ title: `remove ${path}` })]);
  });

  test.each([0, 1])("is removed when step %i fails", (failing) => {
    expect(converse(image.plan(bind({ archive }), absent)[0]!, failing).at(-1)).toMatchObject({ title: `remove ${path}` });
  });
});

test.each<[string, Record<string, unknown>, ImageSeen]>([
  ["pull", { digest, id }, absent],
  ["load", { archive: { ...archive, path: "/home/me/it's.tar" }, id }, absent],
  ["import", { import_path: "/var/tmp/a b.tar", changes: ['CMD ["it\'s"]'] }, absent],
  ["remove", { state: "absent" }, present],
])("every shell can read what is sent to %s", (_, raw, seen) => {
  const args = bind(raw);
  const steps = image.plan(args, seen).flatMap((change) => [...(typeof change.steps === "function" ? converse(change) : change.steps), ...("impossible" in change.undo ? [] : change.undo)]);
  expect(syntaxErrors([image.observe(args), ...steps.flatMap((step) => (step.kind === "run" ? [step.script] : []))])).toEqual([]);
});

describe("what docker says", () => {
  const answer = (text: string) => ({ code: 0, stdout: `=image\n ${text}\n 0\n`, stderr: "" });
  test.each<[string, string, Partial<ImageSeen>]>([
    ["the image", `{"Id":"${id}","RepoTags":["registry:2"],"RepoDigests":null}`, { daemon: { answers: true, silence: "" }, image: { id, tags: ["registry:2"], digests: [] } }],
    ["no such image", "Error: No such image: registry:2", { daemon: { answers: true, silence: "" } }],
    ["no daemon", "Cannot connect to the Docker daemon", { daemon: { answers: false, silence: "Cannot connect to the Docker daemon" } }],
    ["no daemon, as version 29 says it", "failed to connect to the docker API at unix:///x.sock; check if the path is correct: dial unix /x.sock: connect: no such file or directory", { daemon: { answers: false, silence: "failed to connect to the docker API at unix:///x.sock; check if the path is correct: dial unix /x.sock: connect: no such file or directory" } }],
    ["nothing, for it hung", "", { daemon: { answers: false, silence: "" } }],
  ])("%s", (_, text, expected) => {
    expect(image.parse(answer(text), bind())).toEqual({ uploads: "/var/tmp", source: "present", ...expected });
  });
});

describe("status", () => {
  test.each<[string, Record<string, unknown>, ImageSeen, string, string, string[]]>([
    ["present", {}, present, "up", "111111111111@registry:2", []],
    ["absent", {}, absent, "down", "registry:2", []],
    ["another id", { id: "333333333333" }, present, "warn", "111111111111@registry:2", ["its id is 111111111111 instead of 333333333333"]],
    ["no daemon", {}, silent, "down", "registry:2", ["docker daemon is not running"]],
  ])("%s", (_, raw, seen, state, label, remarks) => {
    expect(image.state!(bind(raw), seen)).toEqual({ state, label, remarks });
  });
});

describe("arguments", () => {
  test.each<[Record<string, unknown>, string]>([
    [{ name: "Registry" }, "must be the name of an image"],
    [{ name: `registry@${digest}` }, "must be the name of an image"],
    [{ archive, archive_path: "/x" }, "give one of archive, archive_path, import, import_path"],
    [{ archive, changes: "CMD x" }, "changes belong to import"],
    [{ archive, digest }, "only a pulled image has a digest"],
    [{ digest: "latest" }, "must be sha256: and 64 hex digits"],
    [{ id: "xyz" }, "must be 12 to 64 hex digits"],
    [{ load_path: "/x" }, 'did you mean "archive_path"?'],
  ])("%j is refused", (raw, message) => {
    const { problems } = caught(() => bind(raw));
    expect(problems.map((problem) => `${problem.message} ${problem.hint ?? ""}`).join()).toContain(message);
  });

  test.each(["registry", "registry:2", "localhost:5000/a/b:c", "registry.example.com/library/busybox", "a__b/c-d:V1.0"])("%s is a name", (name) => {
    expect(bind({ name }).name).toBe(name);
  });
});

/** Plays the engine: the steps of a change in order; after the failing one only what a `finally` gives. */
function converse(change: Change, failing = -1): Step[] {
  if (typeof change.steps !== "function") throw new Error("a list of steps");
  const conversation = change.steps();
  const steps: Step[] = [];
  let next = conversation.next();
  while (!next.done) {
    steps.push(next.value);
    next = steps.length - 1 === failing ? conversation.return() : conversation.next({ code: 0, stdout: "", stderr: "" });
  }
  return steps;
}

function caught(work: () => unknown): BowlineError {
  try {
    work();
  } catch (error) {
    if (error instanceof BowlineError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
