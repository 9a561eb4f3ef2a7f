import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Event, HostTaskEnd } from "../../src/events/event.ts";
import { startSshd, type Sshd } from "../lab/sshd.ts";
import { bowline, eventsOf, project as repository, type Ended } from "./cli.ts";

/** One of the projects under playbooks/, in a copy, with sshd of this machine in the place of its hosts. */
export interface Site {
  /** The copy. */
  readonly dir: string;
  readonly sshd: Sshd;
  /** Puts more files into the copy. */
  write(files: Readonly<Record<string, string>>): void;
  /** A file of a host, or of the copy; undefined where there is none. */
  read(host: string, path: string): string | undefined;
  /** Types a command line in the copy. */
  bowline(...words: string[]): Promise<Ended>;
  /** `bowline run`, with the inventory of the project and the way to its hosts. */
  run(playbook: string, ...more: string[]): Promise<Ran>;
  /** What every run so far wrote down. */
  records(): string;
  stop(): Promise<void>;
}

/** What a run came to, by its events. */
export interface Ran extends Ended {
  readonly events: readonly Event[];
  /** Every result of a task on a host, in their order. */
  readonly results: readonly Told[];
  /** "host: task" of what was changed, or would be. */
  readonly changes: readonly string[];
}

export interface Told {
  readonly host: string;
  readonly task: string;
  readonly handler: boolean;
  readonly result: HostTaskEnd["result"];
}

/** Starts sshd and copies the project; each host gets a directory of its own, and a second inventory says how to get there. */
export async function openSite(name: string, hosts: readonly string[], inventory = "inventory"): Promise<Site> {
  const dir = mkdtempSync(join(tmpdir(), `bowline-${name}-`));
  cpSync(join(repository, "playbooks", name), dir, { recursive: true });
  const sshd = await startSshd({ hosts: hosts.length });
  const rootOf = (host: string) => join(dir, ".hosts", host);
  const { port, user, identityFile: identity_file, knownHostsFile: known_hosts_file } = sshd;
  const ways = hosts.map((host, index) => [host, { site_root: rootOf(host), ssh: { host: sshd.hosts[index], port, user, identity_file, known_hosts_file } }]);
  const env = { BOWLINE_STATE_DIR: join(dir, ".state"), NO_COLOR: "1", HOME: dir, SSH_AUTH_SOCK: undefined };
  const site: Site = {
    dir,
    sshd,
    write(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), text);
      }
    },
    read(host, path) {
      const file = join(rootOf(host), path);
      return existsSync(file) ? readFileSync(file, "utf8") : undefined;
    },
    bowline: (...words) => bowline(words, { cwd: dir, env }),
    async run(playbook, ...more) {
      const ended = await site.bowline("run", playbook, "-i", inventory, "-i", ".lab.json", "--output", "json", ...more);
      return { ...ended, ...toldBy(eventsOf(ended.stdout)) };
    },
    records: () => readdirSync(join(dir, ".state/runs")).map((run) => readFileSync(join(dir, ".state/runs", run), "utf8")).join(""),
    async stop() {
      // What the hosts run ends with their directories.
      rmSync(dir, { recursive: true, force: true });
      await sshd.stop();
    },
  };
  for (const host of hosts) mkdirSync(rootOf(host), { recursive: true });
  site.write({ ".lab.json": JSON.stringify({ all: { hosts: Object.fromEntries(ways) } }) });
  return site;
}

function toldBy(events: readonly Event[]): Pick<Ran, "events" | "results" | "changes"> {
  const labels = new Map(events.flatMap((event) => (event.type === "run:start" ? event.plays.flatMap((play) => play.tasks) : event.type === "tasks:added" ? event.tasks : [])).map((label) => [label.task, label]));
  const names = new Map(events.flatMap((event) => (event.type === "host:start" ? [[`${event.host} ${event.task}`, event.name] as const] : [])));
  const results = events.flatMap((event) =>
    event.type === "host:end" ? [{ host: event.host, task: names.get(`${event.host} ${event.task}`) ?? event.task, handler: labels.get(event.task)?.handler ?? false, result: event.result }] : [],
  );
  const changes = results.filter(({ result }) => result.status === "changed" || result.status === "unknown").map(({ host, task }) => `${host}: ${task}`);
  return { events, results, changes };
}
