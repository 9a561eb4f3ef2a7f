import { join } from "node:path";
import { main } from "./bowline.ts";
import { clocked } from "./clock.ts";
import { largeInventories } from "./large-inventory.ts";
import type { Row } from "./row.ts";
import type { Section } from "./section.ts";

const hosts = 20_000;
/** Of web, but for the one that the pattern takes out. */
const matched = hosts / 2 - 1;

export const inventories: Section = {
  name: "inventory",
  title: "Large inventories",
  words: "The same 20,000 hosts in every form: the whole process that lists one of them, and how much more one takes that lists the hosts of `web:&prod:!web1`.",
  measure: ({ sshd, rounds, say }) => inventoryTimes(join(sshd.dir, "inventories"), { rounds, say }),
};

/** Makes the inventories in a directory; each is read twice a round, in turn. */
export async function inventoryTimes(dir: string, { rounds, say }: { readonly rounds: number; readonly say: (line: string) => void }): Promise<Row[]> {
  const forms = await largeInventories(dir, hosts);
  const rows = Object.keys(forms).map((name) => ({
    load: { name: `${name}: one host`, seconds: [] as number[], within: 2 },
    pattern: { name: `${name}: what the pattern takes more`, seconds: [] as number[], within: 1 },
  }));
  const ofRun = { name: "INI, a line for each: run --list-hosts", seconds: [] as number[], within: 3 };
  for (let round = 1; round <= rounds; round += 1) {
    say(`inventory: round ${round} of ${rounds}`);
    for (const [index, path] of Object.values(forms).entries()) {
      const load = await listed(path, "web1", 1);
      const pattern = await listed(path, "web:&prod:!web1", matched);
      rows[index]!.load.seconds.push(load);
      rows[index]!.pattern.seconds.push(Math.max(0, pattern - load));
    }
    const { seconds, stdout } = await clocked("node", [main, "run", join(dir, "site.yml"), "-i", forms["INI, a line for each"]!, "--list-hosts"]);
    expectHosts(stdout, matched);
    ofRun.seconds.push(seconds);
  }
  return [...rows.flatMap(({ load, pattern }) => [load, pattern]), ofRun];
}

async function listed(inventory: string, pattern: string, count: number): Promise<number> {
  const { seconds, stdout } = await clocked("node", [main, "inventory", "-i", inventory, "--list-hosts", pattern]);
  expectHosts(stdout, count);
  return seconds;
}

/** What is fast because it finds nothing is not fast. */
function expectHosts(stdout: string, count: number): void {
  const found = stdout.match(/^ *web\d+$/gm)?.length ?? 0;
  if (found !== count) throw new Error(`${count} hosts were to be listed, and not ${found}`);
}
