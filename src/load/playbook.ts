import { dirname, resolve } from "node:path";
import type { SourceNode } from "../core/node.ts";
import { loadYaml } from "./files.ts";
import type { Keyring } from "./secrets/keyring.ts";

/** A playbook as read; what its keys mean is the compiler's part. */
export interface LoadedPlaybook {
  readonly path: string;
  /** Absolute. */
  readonly dir: string;
  readonly root: SourceNode;
}

export async function loadPlaybook(path: string, keyring?: Keyring): Promise<LoadedPlaybook> {
  return { path, dir: dirname(resolve(path)), root: await loadYaml(path, keyring) };
}
