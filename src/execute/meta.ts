import type { Task } from "../compile/program.ts";
import type { Performed } from "./call.ts";
import type { HostState } from "./host.ts";
import { reported } from "./report.ts";
import { skippedBy } from "./task.ts";
import { caught } from "./verdict.ts";
import { onEach, taskRunOf, type Way } from "./way.ts";

/** Runs the handlers that these hosts have notified. */
type Flush = (hosts: readonly HostState[]) => Promise<void>;

/** What `meta` can do, once it is known on which hosts its condition holds. */
interface Steering {
  readonly words: string;
  readonly act: (hosts: readonly HostState[], way: Way, flush: Flush) => void | Promise<void>;
  /** Nothing is reported: it is no work on a host. */
  readonly silent?: true;
}

const steerings: Readonly<Record<string, Steering>> = {
  noop: { words: "nothing", silent: true, act: () => undefined },
  flush_handlers: { words: "handlers run", silent: true, act: (hosts, _, flush) => flush(hosts) },
  end_host: { words: "the play ends for this host", act: (hosts) => endFor(hosts) },
  end_batch: { words: "the play ends for the batch", act: (_, { run }) => endFor(run.batch) },
  end_play: {
    words: "the play ends",
    act: (_, { run }) => {
      endFor(run.batch);
      run.end();
    },
  },
  clear_host_errors: {
    words: "hosts that failed take part again",
    act: (_, { run }) => {
      for (const host of run.batch) if (host.standing === "failed" || host.standing === "unreachable") host.standing = "active";
    },
  },
  reset_connection: { words: "the connection is closed", act: async (hosts) => void (await Promise.all(hosts.map((host) => host.close()))) },
};

/** Steers the play as soon as the condition holds on one host; each host says for itself whether it does. */
export async function steer(task: Task, way: Way, flush: Flush): Promise<void> {
  const steering = steerings[actionOf(task)]!;
  const holding: HostState[] = [];
  const decide = (host: HostState): Performed => {
    try {
      const skipped = skippedBy(task, host.context(way.play, task));
      if (skipped) return skipped;
      holding.push(host);
      return { status: "ok", changes: [], message: steering.words };
    } catch (error) {
      return caught(taskRunOf(task, host, way), error);
    }
  };
  const shown = steering.silent ? way.hosts.filter((host) => decide(host).status === "failed") : way.hosts;
  await onEach(task, { ...way, hosts: shown }, (host) => reported(taskRunOf(task, host, way), () => Promise.resolve(decide(host))));
  if (holding.length > 0) await steering.act(holding, way, flush);
}

/** The compiler has seen to it that it is a word that there is, and no template. */
function actionOf({ args }: Task): string {
  const action = args.entries.find(({ key }) => key === "action")?.value;
  return action?.kind === "scalar" ? String(action.value) : "noop";
}

function endFor(hosts: readonly HostState[]): void {
  for (const host of hosts) if (host.standing === "active") host.standing = "ended";
}
