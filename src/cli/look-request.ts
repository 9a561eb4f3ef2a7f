import type { RunRequest } from "../pipeline.ts";
import { defaultAnswer } from "./prompts.ts";
import { rolesPath } from "./roles-path.ts";

/** A request that is compiled and never run: nobody is asked, no host is chosen. */
export function lookRequest(wanted: Pick<RunRequest, "playbook" | "inventories" | "extraVars" | "version" | "keyring">): RunRequest {
  return { tags: [], skipTags: [], mode: "check", diff: false, forks: 1, verbosity: 0, rolesPath: rolesPath(), ask: defaultAnswer, ...wanted };
}
