import { readFileSync } from "node:fs";
import { descendants, eventually } from "../lab/process.ts";

/** The kernel counts the time of processes in hundredths of a second, whatever its own clock does (USER_HZ). */
const ticksPerSecond = 100;

/** Wait until no connection is open: what the last contestant left at work would cost the next one time. */
export async function idleHosts(): Promise<void> {
  await eventually("the end of the hosts' connections", 60_000, () => Promise.resolve(servers().every((pid) => descendants(pid).length === 0) ? true : undefined));
}

/** User and system time, in seconds, of all connections that have ended: sshd, the shells under it and what these ran. */
export function hostCpuSeconds(): number {
  return servers().reduce((sum, pid) => sum + childrensTicks(pid), 0) / ticksPerSecond;
}

/** Each sshd that this process started. */
function servers(): number[] {
  const own = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  return own.filter((pid) => fieldsOf(pid).name === "sshd");
}

/** cutime and cstime of proc(5). */
function childrensTicks(pid: number): number {
  const { rest } = fieldsOf(pid);
  return Number(rest[13]) + Number(rest[14]);
}

/** The name stands in parentheses and may hold anything; `rest` begins behind it with the state, field 3. */
function fieldsOf(pid: number): { name: string; rest: readonly string[] } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const end = stat.lastIndexOf(")");
  return { name: stat.slice(stat.indexOf("(") + 1, end), rest: stat.slice(end + 2).split(" ") };
}
