import * as z from "zod";
import { BowlineError } from "../core/errors.ts";
import { sh, type Script } from "../core/sh.ts";
import { run, type Answer } from "../core/step.ts";
import type { Change } from "./contract.ts";
import { refuse } from "./refuse.ts";

/** What changes accounts on a host: the shadow tools, or busybox's own. */
export type AccountTools = "shadow" | "busybox" | "none";

/** What every look at an account tells. */
export interface AccountSeen {
  readonly tools: AccountTools;
  readonly isRoot: boolean;
}

/** What useradd(8) and busybox take; only digits would be a number elsewhere. */
export function accountName(words: string) {
  const error = "must be a name of letters, digits, _, - and .";
  return z.preprocess((value) => (typeof value === "number" ? String(value) : value), z.string(error).regex(/^(?!\d+$)[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/, error)).describe(words);
}

/** A list of names, or one text with commas in it, as in Ansible; an empty text is no name. */
export function names(words: string) {
  const split = (value: unknown) => (typeof value === "string" ? value.split(",").map((each) => each.trim()).filter(Boolean) : value);
  return z.preprocess(split, z.array(accountName("A name."), "must be a list of names")).describe(words);
}

/** Begins a look: who looks, with what tools, and `entry DATABASE NAME`, which prints the line of a name or a number. */
export const observeAccounts: Script = sh`
  export LC_ALL=C
  if command -v useradd >/dev/null; then echo "tools shadow"; elif command -v adduser >/dev/null; then echo "tools busybox"; else echo "tools none"; fi
  while read -r key uid rest; do [ "$key" != Uid: ] || break; done </proc/self/status
  [ "\${rest%%[!0-9]*}" != 0 ] || echo "root yes"
  entry() {
    getent "$1" "$2" 2>/dev/null && return
    while IFS= read -r l; do
      case $l in "$2":*) printf '%s\n' "$l"; return ;; esac
    done <"/etc/$1"
    return 1
  }
`;

/** The lines of a look by their first words. Throws when it could not look. */
export function parseAccounts({ code, stdout, stderr }: Answer): { seen: AccountSeen; values: ReadonlyMap<string, string> } {
  if (code !== 0) throw new BowlineError({ code: "E_FAILED", message: `looking at the accounts failed: ${stderr.trim().split("\n").at(-1) || `exit code ${code}`}` });
  const lines = stdout.split("\n").filter(Boolean);
  const values = new Map(lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]));
  return { seen: { tools: (values.get("tools") as AccountTools | undefined) ?? "none", isRoot: values.has("root") }, values };
}

/** Refuses what cannot be done with what the host has, or by who asks. */
export function refuseTools({ tools, isRoot }: AccountSeen, needs: "any" | "shadow"): void {
  if (tools === "none") refuse("nothing on this host makes users and groups", { expected: "useradd and groupadd, or busybox's adduser and addgroup", hint: "install the package passwd, shadow or shadow-utils" });
  if (needs === "shadow" && tools !== "shadow") refuse("busybox can make and remove users and groups, but not change them", { hint: "install the package shadow" });
  if (!isRoot) refuse("only root may change users and groups", { hint: "run the task with become: true" });
}

/** A change of one script. */
export function accountChange(title: string, script: Script, undo: Script | string, more: Pick<Change, "before" | "after"> = {}): Change {
  return { title, ...more, steps: [run(script, { title })], undo: typeof undo === "string" ? { impossible: undo } : [run(undo, { title: `take back: ${title}` })] };
}
