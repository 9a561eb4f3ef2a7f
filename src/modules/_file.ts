import { sh, type Script } from "../core/sh.ts";
import { run, type Answer, type Content, type PutStep } from "../core/step.ts";
import { createHash } from "node:crypto";
import { absolutePath, fileMode, optional } from "./args.ts";
import type { Change } from "./contract.ts";
import { refuse } from "./refuse.ts";
import { account, observePath, parsePath, planAccess, refuseUnknownAccounts, refuseUnwritable, refuseWithoutParent, type PathSeen } from "./_path.ts";

/** What copy and template share: a file with a content. */
export const fileArgs = {
  dest: absolutePath("The file on the host."),
  mode: optional(fileMode("Its mode; a new file without one gets 0644.")),
  owner: optional(account("Its owner.")),
  group: optional(account("Its group.")),
};

export interface FileArgs {
  readonly dest: string;
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
}

export interface FileSeen extends PathSeen {
  readonly sha256?: string;
  /** The text, when it is no longer than {@link textLimit} and is text. */
  readonly text?: string;
}

/** Longer files are not shown as a diff, and not kept for undo. */
const textLimit = 64 * 1024;

export function observeFile(args: FileArgs): Script {
  return sh`
    ${observePath(args.dest, args)}
    [ "$kind" = file ] || exit 0
    d=$(sha256sum <"$p") || exit
    echo "sha256 \${d%% *}"
    echo
    [ "$size" -gt ${textLimit} ] || cat -- "$p"
  `;
}

export function parseFile(answer: Answer): FileSeen {
  const { seen, values, rest } = parsePath(answer.stdout);
  const sha256 = values.get("sha256");
  const complete = seen.kind === "file" && (seen.stat?.size ?? 0) <= textLimit && !rest.includes("\uFFFD") && !rest.includes("\0");
  return { ...seen, ...(sha256 === undefined ? {} : { sha256 }), ...(complete ? { text: rest } : {}) };
}

/** Content first, since the new file gets its mode and owner with it; else what differs of those. */
export function planFile(args: FileArgs, content: Content, seen: FileSeen): Change[] {
  if (seen.kind === "directory") refuse(`${args.dest} is a directory`, { hint: `name the file in it: ${args.dest}/NAME` });
  if (seen.kind === "other") refuse(`${args.dest} is neither a file nor a directory`, { hint: "move it away by hand" });
  refuseUnknownAccounts(args, seen);
  if (seen.kind === "file" && digestOf(content) === seen.sha256) return planAccess(args.dest, args, seen);
  refuseWithoutParent(args.dest, seen);
  refuseUnwritable(args.dest, seen);
  return [written(args, content, seen)];
}

function written(args: FileArgs, content: Content, seen: FileSeen): Change {
  const path = seen.target ?? args.dest;
  const owner = args.owner ?? (seen.stat ? String(seen.stat.uid) : undefined);
  const group = args.group ?? (seen.stat ? String(seen.stat.gid) : undefined);
  const ownership = { ...(owner === undefined ? {} : { owner }), ...(group === undefined ? {} : { group }) };
  const put: PutStep = { kind: "put", path, content, mode: args.mode ?? seen.stat?.mode ?? "0644", ...ownership };
  const after = "text" in content ? content.text : undefined;
  const before = seen.kind === "missing" ? "" : seen.text;
  return {
    title: `${seen.kind === "missing" ? "make" : "change"} the file ${args.dest}`,
    before: seen.sha256 ?? null,
    after: digestOf(content),
    ...(after === undefined || before === undefined ? {} : { diff: { path: args.dest, before, after } }),
    steps: [put],
    undo: undoOf(path, seen),
  };
}

function undoOf(path: string, seen: FileSeen): Change["undo"] {
  if (seen.kind === "missing") return [run(sh`rm -f -- ${path}`, { title: `remove ${path}` })];
  if (seen.text === undefined || !seen.stat) return { impossible: "the file before was too large or no text" };
  const { mode, uid, gid } = seen.stat;
  return [{ kind: "put", path, content: { text: seen.text }, mode, owner: String(uid), group: String(gid) }];
}

function digestOf(content: Content): string {
  return "text" in content ? createHash("sha256").update(content.text).digest("hex") : content.file.sha256;
}
