import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../process.ts";

/** What `docker run` needs to know of an image; the names are Docker's own. */
export interface ImageConfig {
  readonly Cmd?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Env?: readonly string[];
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Volumes?: Readonly<Record<string, object>>;
}

/** Write an image of one layer as `docker save` would, so that `docker load` takes it without any registry. */
export async function writeArchive(path: string, tag: string, layerPath: string, config: ImageConfig): Promise<void> {
  const work = await mkdtemp(`${path}.`);
  const layer = `${sha256(await readFile(layerPath))}`;
  await mkdir(join(work, layer));
  await copyFile(layerPath, join(work, layer, "layer.tar"));
  const image = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config,
    rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
    history: [{ created: "1970-01-01T00:00:00Z", created_by: "bowline lab, from Debian packages" }],
  });
  const name = `${sha256(image)}.json`;
  await writeFile(join(work, name), image);
  await writeFile(join(work, "manifest.json"), JSON.stringify([{ Config: name, RepoTags: [tag], Layers: [`${layer}/layer.tar`] }]));
  await must("tar", ["-C", work, "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "-cf", `${path}.part`, "."]);
  await rename(`${path}.part`, path);
  await rm(work, { recursive: true });
}

function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}
