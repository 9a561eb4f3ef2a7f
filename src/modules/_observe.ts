import { BowlineError, type Problem } from "../core/errors.ts";
import { joinScripts, sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";

/** What one {@link section} printed, byte for byte, and the exit code that its script ended with. */
export interface Report {
  readonly text: string;
  readonly code: number;
}

/**
 * An observe script of several sections. It ends at once when a tool is missing ({@link toolProblem} says which).
 * Parts run in order in one shell: a part that is no section may set variables for the sections after it, and must
 * print nothing.
 */
export function observeSections(tools: readonly Tool[], parts: readonly Script[]): Script {
  return joinScripts([sh`export LC_ALL=C`, ...tools.map((tool) => requireTool(tool)), ...parts]);
}

/**
 * A part of an observe script that reports under a name. It runs in a subshell of its own, may `exit`, and cannot
 * forge another section, since every line it prints gets a blank in front. Its stderr is left to the answer: write
 * `2>&1` to have it in the text. It must not need stdin. Costs two forks and one sed.
 */
export function section(name: string, script: Script): Script {
  return sh`
    printf '=%s\n' ${name}
    { (
    ${script}
    ) </dev/null; printf '\n%s\n' "$?"; } | sed 's/^/ /'
  `;
}

/** What is read of an answer. */
type Printed = Pick<Answer, "stdout"> & Partial<Answer>;

/** The texts of the sections by name; a section that the script did not come to is absent. Throws when the script itself failed. */
export function sectionsOf(answer: Printed): ReadonlyMap<string, string> {
  return new Map([...reportsOf(answer)].map(([name, { text }]) => [name, text]));
}

/** As {@link sectionsOf}, with the exit codes. */
export function reportsOf(answer: Printed): ReadonlyMap<string, Report> {
  if (answer.code !== undefined && answer.code !== 0 && answer.code !== missingToolCode) {
    throw new BowlineError({
      code: "E_FAILED",
      message: `looking at the host failed with exit code ${answer.code}`,
      seen: answer.stderr?.trim() || "no words",
    });
  }
  const reports = new Map<string, Report>();
  for (const block of `\n${answer.stdout}`.split("\n=").slice(1)) {
    const [name = "", ...lines] = block.replace(/\n$/, "").split("\n");
    const body = lines.map((line) => line.slice(1));
    const code = body.pop();
    if (code !== undefined && /^\d+$/.test(code)) reports.set(name, { text: body.join("\n"), code: Number(code) });
  }
  return reports;
}

/** The Debian packages that hold the tools, for the hint; other systems mostly call them the same. */
const packages = {
  arping: "iputils-arping",
  blkid: "util-linux",
  curl: "curl",
  docker: "docker.io",
  dockerd: "docker.io",
  e2fsck: "e2fsprogs",
  getent: "libc-bin",
  ip: "iproute2",
  lvs: "lvm2",
  mount: "mount",
  ping: "iputils-ping",
  setsid: "util-linux",
  sha256sum: "coreutils",
  stat: "coreutils",
  tar: "tar",
  timeout: "coreutils",
  umount: "mount",
  vgchange: "lvm2",
  vgs: "lvm2",
} as const;

/** A program that may be missing on a host. */
export type Tool = keyof typeof packages;

/** The exit code of a script that ended because a tool is missing: no tool that modules call uses it. */
export const missingToolCode = 119;

/** Ends the script when the host does not have this tool. */
export function requireTool(tool: Tool | (string & {}), inPackage: string = packageOf(tool)): Script {
  return sh`command -v ${tool} >/dev/null 2>&1 || { echo ${`missing tool: ${tool} (package ${inPackage})`} >&2; exit ${missingToolCode}; }`;
}

/** The problem behind an answer that {@link requireTool} ended. */
export function toolProblem(answer: Answer): Problem | undefined {
  const found = answer.code === missingToolCode ? /^missing tool: (\S+) \(package (\S+)\)$/m.exec(answer.stderr) : null;
  if (!found) return undefined;
  return { code: "E_TOOL", message: `${found[1]} is not on the host`, hint: `install the package ${found[2]}` };
}

function packageOf(tool: string): string {
  return (packages as Readonly<Record<string, string>>)[tool] ?? tool;
}
