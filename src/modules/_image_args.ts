import * as z from "zod";
import { absolutePath, controllerFile, listOf, oneOf, optional, seconds, withDefault } from "./args.ts";
import type { Bound } from "./contract.ts";
import { socketArg } from "./_docker.ts";
import { lazily } from "./_lazy.ts";

/** A name as docker reads it: an optional registry, a path in lower case, an optional tag; the digest has its own argument. */
const reference = /^([A-Za-z0-9.-]+(:\d+)?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$/;

export const imageArgs = lazily(() => ({
  name: pattern(reference, "must be the name of an image, like registry:2 or registry.example.com:5000/busybox:1", "The image by name and tag; without a tag, `latest`."),
  state: withDefault(oneOf(["present", "absent"], "Whether the daemon has it under this name."), "present"),
  socket: socketArg(),
  archive: optional(controllerFile("An archive on the controller, made by `docker save`: it is sent and loaded.")),
  archive_path: optional(absolutePath("Such an archive that is on the host already.")),
  import: optional(controllerFile("A tar of a root filesystem on the controller: it is sent and imported.")),
  import_path: optional(absolutePath("Such a tar that is on the host already.")),
  changes: withDefault(listOf(z.string("must be text"), "For an import, lines of a Dockerfile: `CMD [\"/bin/sh\"]`, `ENV A=b`."), []),
  digest: optional(pattern(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hex digits", "The digest by which the registry knows it; exactly this is pulled.")),
  id: optional(pattern(/^(sha256:)?[0-9a-f]{12,64}$/, "must be 12 to 64 hex digits", "The id that the image must have, or its first digits.")),
  timeout: withDefault(seconds("How long bringing it may take."), 600),
}));

export type ImageArgs = Bound<typeof imageArgs>;

export function imageRules(args: ImageArgs): string[] {
  const sources = [args.archive, args.archive_path, args.import, args.import_path].filter((source) => source !== undefined);
  const imports = args.import !== undefined || args.import_path !== undefined;
  return [
    ...(sources.length > 1 ? ["give one of archive, archive_path, import, import_path"] : []),
    ...(args.changes.length > 0 && !imports ? ["changes belong to import or import_path"] : []),
    ...(args.digest !== undefined && sources.length > 0 ? ["only a pulled image has a digest: check this one with id"] : []),
  ];
}

function pattern(shape: RegExp, error: string, words: string) {
  return z.string("must be text").regex(shape, error).describe(words);
}
