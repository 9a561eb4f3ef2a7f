import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Event, HostTaskEnd, Mode, Result, StepStart } from "../../src/events/event.ts";
import { prepare, runProgram, type RunRequest } from "../../src/pipeline.ts";
import type { Machine } from "./machine.ts";

/** A task, or part of one, as it would stand in a playbook. */
export type TaskText = Readonly<Record<string, unknown>>;

/** What one run came to on the machine. */
export interface Ran {
  readonly exitCode: number;
  /** In the order in which the tasks ended; one that was not reached is absent. */
  readonly results: readonly Result[];
  /** The titles of all changes, in order. */
  readonly changes: readonly string[];
  /** What was written down before each change, with what takes it back. */
  readonly steps: readonly StepStart[];
}

/** Bowline as a whole at work on a machine: playbook and inventory are files, the way is ssh, the journal is kept here. */
export interface Bowline {
  /** The directory of the playbook, for files and templates. */
  readonly dir: string;
  run(tasks: TaskText | readonly TaskText[], mode?: Mode): Promise<Ran>;
  remove(): Promise<void>;
}

export async function bowlineOn(machine: Machine, user: string): Promise<Bowline> {
  const dir = await mkdtemp(join(tmpdir(), "bowline-playbook-"));
  const { host, port, identityFile, knownHostsFile } = machine.ssh;
  const ssh = { host, port, user, identity_file: identityFile, known_hosts_file: knownHostsFile };
  await writeFile(join(dir, "hosts.yml"), JSON.stringify({ all: { hosts: { [machine.name]: { ssh } } } }));
  return {
    dir,
    remove: () => rm(dir, { recursive: true }),
    run: async (tasks, mode = "run") => {
      // JSON is YAML.
      await writeFile(join(dir, "playbook.yml"), JSON.stringify([{ hosts: "all", tasks: [tasks].flat() }]));
      return ran({ playbook: join(dir, "playbook.yml"), inventories: [join(dir, "hosts.yml")], extraVars: [], tags: [], skipTags: [], mode, diff: true, forks: 1, verbosity: 0, version: "0", rolesPath: [], ask: ({ otherwise = "" }) => Promise.resolve(otherwise) });
    },
  };
}

async function ran(request: RunRequest): Promise<Ran> {
  const events: Event[] = [];
  const prepared = await prepare(request);
  const settings = { journal: (event: Event) => void events.push(event), sinks: [], run: "test", bowline: "0", warnings: prepared.warnings, signal: new AbortController().signal };
  const { exitCode } = await runProgram(prepared, request, settings);
  const results = events.filter((event): event is Event & HostTaskEnd => event.type === "host:end").map((event) => event.result);
  return {
    exitCode,
    results,
    changes: results.flatMap((result) => result.changes.map((change) => change.title)),
    steps: events.filter((event): event is Event & StepStart => event.type === "step:start"),
  };
}
