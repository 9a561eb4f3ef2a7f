import { sh, type Script } from "../core/sh.ts";
import { defineResource, type Change, type ResourceState } from "./contract.ts";
import { client, daemonOf, jsonLines, refuseSilence, shortId, silentState, type Daemon } from "./_docker.ts";
import { imageArgs, imageRules, type ImageArgs } from "./_image_args.ts";
import { imageExamples, imageNotes } from "./_image_doc.ts";
import { bringSteps, removeStep, sourceOf, tagStep } from "./_image_steps.ts";
import { observeSections, section, sectionsOf } from "./_observe.ts";
import { refuse } from "./refuse.ts";

/** What a daemon knows of an image. */
export interface ImageSeen {
  readonly daemon: Daemon;
  readonly image?: { readonly id: string; readonly tags: readonly string[]; readonly digests: readonly string[] };
  /** A directory on the host with room for an archive. */
  readonly uploads: string;
  /** Of `archive_path` or `import_path`. */
  readonly source: "present" | "missing";
}

export const image = defineResource({
  name: "image",
  summary: "Make a docker daemon have an image: pulled, loaded from an archive or imported from a tar; or take it away.",
  notes: imageNotes,
  args: imageArgs,
  examples: imageExamples,
  otherNames: { docker_host: "socket", load_path: "archive_path", path: "archive_path", repository: "name", image: "name", source: "archive" },
  rules: imageRules,
  observe: observeImage,
  parse: (answer) => {
    const sections = sectionsOf(answer);
    const said = sections.get("image") ?? "";
    const [found] = jsonLines(said) as { Id: string; RepoTags?: string[] | null; RepoDigests?: string[] | null }[];
    return {
      daemon: daemonOf(said),
      ...(found ? { image: { id: found.Id, tags: found.RepoTags ?? [], digests: found.RepoDigests ?? [] } } : {}),
      uploads: sections.get("uploads") ?? "/var/tmp",
      source: sections.get("source") === "missing" ? "missing" : "present",
    } satisfies ImageSeen;
  },
  plan: planImage,
  state: stateOf,
  result: (_args, seen) => ({ id: seen.image?.id ?? null, tags: seen.image?.tags ?? [], digests: seen.image?.digests ?? [] }),
});

/** One call of the client when the image is there; a second one finds the place for what would be sent. */
function observeImage({ name, socket, archive, archive_path: archivePath, import: sent, import_path: importPath }: ImageArgs): Script {
  const path = archivePath ?? importPath;
  const uploads = sh`d=$(${client(socket)} info --format '{{.DockerRootDir}}' 2>/dev/null)/tmp; if [ -d "$d" ] && [ -w "$d" ]; then printf %s "$d"; else printf /var/tmp; fi`;
  return observeSections(
    ["docker", "timeout"],
    [
      section("image", sh`${client(socket)} image inspect --format '{{json .}}' ${name} 2>&1`),
      ...(archive || sent ? [section("uploads", uploads)] : []),
      ...(path === undefined ? [] : [section("source", sh`if [ -f ${path} ]; then printf present; else printf missing; fi`)]),
    ],
  );
}

function planImage(args: ImageArgs, seen: ImageSeen): Change[] {
  refuseSilence(args.socket, seen.daemon);
  if (args.state === "absent") return seen.image ? [remove(args, seen.image)] : [];
  const wrong = seen.image && mismatch(args, seen.image);
  if (seen.image && wrong === undefined) return [];
  const source = sourceOf(args);
  if (seen.source === "missing") {
    const path = args.archive_path ?? args.import_path ?? "";
    refuse(`${path} is not on the host`, { expected: `a file that holds ${args.name}`, hint: "put it there before, or send one from the controller with archive or import" });
  }
  return [
    {
      title: `${source.verb} ${args.name}${source.from}${wrong === undefined ? "" : `, since ${wrong}`}`,
      before: seen.image?.id ?? "absent",
      after: args.digest ?? args.id ?? "present",
      steps: bringSteps(args, seen.uploads),
      undo: [seen.image ? tagStep(args, seen.image.id) : removeStep(args)],
    },
  ];
}

/** In which way an image is not the one that is meant. */
function mismatch(args: ImageArgs, seen: NonNullable<ImageSeen["image"]>): string | undefined {
  if (args.id !== undefined && !seen.id.replace(/^sha256:/, "").startsWith(args.id.replace(/^sha256:/, ""))) return `its id is ${shortId(seen.id)} instead of ${shortId(args.id)}`;
  const digests = seen.digests.map((digest) => digest.slice(digest.indexOf("@") + 1));
  if (args.digest !== undefined && !digests.includes(args.digest)) return `its digest is ${digests.map(shortId).join(", ") || "unknown"} instead of ${shortId(args.digest)}`;
  return undefined;
}

function remove(args: ImageArgs, seen: NonNullable<ImageSeen["image"]>): Change {
  const others = seen.tags.length > 1;
  return {
    title: `remove the image ${args.name}`,
    before: seen.id,
    after: "absent",
    steps: [removeStep(args)],
    undo: others ? [tagStep(args, seen.id)] : { impossible: `${shortId(seen.id)} had no other name, so the daemon has deleted it` },
  };
}

function stateOf(args: ImageArgs, seen: ImageSeen): ResourceState {
  const label = seen.image ? `${shortId(seen.image.id)}@${args.name}` : args.name;
  if (!seen.daemon.answers) return { label, ...silentState(args.socket, seen.daemon) };
  if (!seen.image) return { state: "down", label, remarks: [] };
  const wrong = mismatch(args, seen.image);
  return wrong === undefined ? { state: "up", label, remarks: [] } : { state: "warn", label, remarks: [wrong] };
}
