import { resolve } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { nodeOf, type SourceNode } from "../core/node.ts";
import type { Groups } from "./groups.ts";
import { readHostVariables, readListing } from "./inventory-listing.ts";
import { answerOf } from "./script.ts";
import { eachTogether } from "./together.ts";

/**
 * An inventory script, by Ansible's protocol: `SCRIPT --list` prints the groups as JSON, and `_meta.hostvars` in it the
 * variables of hosts; without `_meta` the script is called again for each host, with `--host NAME`.
 */
export async function readScript(path: string, groups: Groups): Promise<void> {
  const hosts = readListing(await said(path, ["--list"], groups), groups);
  let broken = false;
  await eachTogether(hosts, callsAtOnce, async (host) => {
    // One that fails for a host mostly fails for every other one too.
    if (broken) return;
    try {
      readHostVariables(host, await said(path, ["--host", host], groups), groups);
    } catch (error) {
      broken = true;
      throw error;
    }
  });
}

const callsAtOnce = 8;

async function said(path: string, args: readonly string[], groups: Groups): Promise<SourceNode> {
  const command = [path, ...args].join(" ");
  const { stdout, stderr } = await answerOf(resolve(path), args);
  if (stderr.trim() !== "") groups.warn(`${command} says: ${stderr.trim()}`);
  const at = { file: command, line: 1, column: 1 };
  // With --host, nothing at all means that there are no variables.
  if (stdout.trim() === "" && args[0] === "--host") return nodeOf({}, at);
  try {
    return nodeOf(JSON.parse(stdout), at);
  } catch (error) {
    throw new BowlineError({ code: "E_INVENTORY", message: `${command} does not print JSON`, expected: '{"group": {"hosts": ["host"]}, "_meta": {"hostvars": {}}}', seen: excerpt(stdout, error) }, { cause: error });
  }
}

/** The reason, and what is printed around the place, unless the parser has quoted that itself. */
function excerpt(text: string, error: unknown): string {
  if (text.trim() === "") return "nothing was printed";
  const reason = error instanceof Error ? error.message : String(error);
  if (reason.endsWith("is not valid JSON")) return reason;
  const place = Number(/at position (\d+)/.exec(reason)?.[1] ?? text.trimEnd().length);
  const from = Math.max(0, place - 60);
  return `${reason}: ${from > 0 ? "…" : ""}${text.slice(from, place + 60).trim()}${place + 60 < text.length ? "…" : ""}`;
}
