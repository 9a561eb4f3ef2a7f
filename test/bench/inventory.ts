import { join } from "node:path";
import { largeInventories } from "./large-inventory.ts";
import { timed, type TimedRow } from "./timed.ts";

const hosts = 20_000;
/** Of web, but for the one that the pattern takes out. */
const matched = hosts / 2 - 1;

/**
 * Inventories of 20,000 hosts in every form, in a directory for their files: the whole process that lists one host of
 * it, and how much more one takes that lists the hosts of a pattern; each once a round, in turn.
 */
export async function inventoryTimes(dir: string, { main, rounds }: { readonly main: string; readonly rounds: number }): Promise<TimedRow[]> {
  const forms = await largeInventories(dir, hosts);
  const rows = Object.keys(forms).map((name) => ({
    load: { name: `${hosts} hosts, ${name}`, seconds: [] as number[], limit: "under 2 s, the whole process" },
    pattern: { name: `${hosts} hosts, ${name}: what --list-hosts PATTERN takes more`, seconds: [] as number[], limit: "under 1 s" },
  }));
  const ofRun: TimedRow = { name: `${hosts} hosts, INI: run --list-hosts`, seconds: [], limit: "under 3 s, the whole process" };
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, path] of Object.values(forms).entries()) {
      const load = await listed(main, path, "web1", 1);
      const pattern = await listed(main, path, "web:&prod:!web1", matched);
      rows[index]!.load.seconds.push(load);
      rows[index]!.pattern.seconds.push(Math.max(0, pattern - load));
    }
    const { seconds, stdout } = await timed("node", [main, "run", join(dir, "site.yml"), "-i", forms["INI, a line for each"]!, "--list-hosts"]);
    expectHosts(stdout, matched);
    ofRun.seconds.push(seconds);
  }
  return [...rows.flatMap(({ load, pattern }) => [load, pattern]), ofRun];
}

async function listed(main: string, inventory: string, pattern: string, count: number): Promise<number> {
  const { seconds, stdout } = await timed("node", [main, "inventory", "-i", inventory, "--list-hosts", pattern]);
  expectHosts(stdout, count);
  return seconds;
}

/** What is fast because it finds nothing is not fast. */
function expectHosts(stdout: string, count: number): void {
  const found = stdout.match(/^ *web\d+$/gm)?.length ?? 0;
  if (found !== count) throw new Error(`${count} hosts were to be listed, and not ${found}`);
}
