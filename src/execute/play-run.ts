import PQueue from "p-queue";
import type { Definition } from "../core/scope.ts";
import type { Play, Task } from "../compile/program.ts";
import type { Expansion, Reached } from "../compile/expand.ts";
import type { Result } from "../events/event.ts";
import { Handlers } from "./handlers.ts";
import type { HostState } from "./host.ts";
import type { Stage } from "./stage.ts";

/** What a task of `run_once` came to, and where. */
export interface Once {
  readonly result: Result;
  readonly by: HostState;
  /** What it read for all. */
  readonly variables: readonly Definition[];
}

/** One play while it runs: its batch, its handlers, and whether it goes on. */
export class PlayRun {
  readonly play: Play;
  readonly stage: Stage;
  readonly handlers: Handlers;
  /** The hosts at work now. */
  batch: readonly HostState[] = [];
  /** Why the whole run ends with this play; undefined: it goes on. */
  ending: string | undefined;
  #isOver = false;
  readonly #once = new Map<string, Promise<Once | undefined>>();
  readonly #wanted = new Map<string, Promise<boolean>>();
  readonly #tasks = new WeakMap<readonly Task[], ReadonlyMap<string, Task>>();
  readonly #expansions = new Map<string, Promise<Expansion>>();
  readonly #throttles = new Map<string, PQueue>();
  readonly #counts = new Map<string, number>();
  #batches = 0;

  constructor(play: Play, stage: Stage) {
    this.play = play;
    this.stage = stage;
    this.handlers = new Handlers(play);
  }

  get isOver(): boolean {
    return this.#isOver || this.stage.engine.options.signal.aborted;
  }

  begin(batch: readonly HostState[]): void {
    this.batch = batch;
    this.#batches += 1;
  }

  /** The play ends here for every host. */
  end(): void {
    this.#isOver = true;
  }

  /** What must be done to leave things in order is done although the play is over. */
  async evenIfOver(work: () => Promise<void>, reallyOver = true): Promise<void> {
    const was = this.#isOver;
    if (reallyOver) this.#isOver = false;
    await work();
    this.#isOver ||= was;
  }

  taskOf(play: Play, id: string): Task {
    let tasks = this.#tasks.get(play.tasks);
    if (!tasks) this.#tasks.set(play.tasks, (tasks = new Map(play.tasks.map((task) => [task.id, task]))));
    return tasks.get(id)!;
  }

  /** Does it once, in the play or in each batch; who comes later gets what it came to. */
  once(task: Task, inBatch: boolean, work: () => Promise<Once | undefined>): Promise<Once | undefined> {
    const key = inBatch ? `${task.id} ${this.#batches}` : task.id;
    let done = this.#once.get(key);
    if (!done) this.#once.set(key, (done = work()));
    return done;
  }

  /** Where hosts wait for their turn at a task that so many of them may do at once, whichever way they come to it. */
  throttled({ id }: Task, limit: number): PQueue {
    let queue = this.#throttles.get(id);
    if (!queue) this.#throttles.set(id, (queue = new PQueue({ concurrency: limit })));
    return queue;
  }

  /** A handler that is notified anew is done anew. */
  again({ id }: Task): void {
    for (const key of [...this.#once.keys()]) if (key.split(" ")[0] === id) this.#once.delete(key);
  }

  /** Whether a person wants the task done, who is asked once in each batch. */
  wants(task: Task): Promise<boolean> {
    const { confirm } = this.stage.engine.options;
    if (!confirm) return Promise.resolve(true);
    const key = `${task.id} ${this.#batches}`;
    let answer = this.#wanted.get(key);
    if (!answer) this.#wanted.set(key, (answer = confirm(task.name)));
    return answer;
  }

  /** What an include brings; hosts that want the same share it, and it is told of once. */
  expansion(task: Task, key: string, wanted: Pick<Reached, "play" | "name" | "from">, onFound: (expansion: Expansion) => void): Promise<Expansion> {
    const name = `${task.id} ${key}`;
    const known = this.#expansions.get(name);
    if (known) return known;
    const count = (this.#counts.get(task.id) ?? 0) + 1;
    this.#counts.set(task.id, count);
    const found = this.stage.engine.ports.project.expand({ ...wanted, task, id: `${task.id}.${count}` }).then((expansion) => {
      onFound(expansion);
      return expansion;
    });
    this.#expansions.set(name, found);
    return found;
  }

  /** `any_errors_fatal`: what failed on one host has failed for all; without a rescue the run ends with it. */
  failAll(failed: HostState, { isRescued, hosts }: { isRescued: boolean; hosts: readonly HostState[] }): void {
    const others = hosts.filter((host) => host.standing === "active");
    for (const host of others) {
      host.standing = "failed";
      host.failure = failed.failure;
    }
    if (!isRescued) this.#stop(`"${failed.failure?.task.name ?? "a task"}" failed on ${failed.name}, and any_errors_fatal ends the play for all`);
  }

  /** `max_fail_percentage`, of the batch and of the play. */
  checkBudget(): void {
    const { maxFail, hosts } = this.play;
    if (!maxFail || this.ending !== undefined) return;
    this.#check("batch", this.batch, maxFail.batch);
    this.#check("play", hosts.map((name) => this.stage.hosts.named(name)), maxFail.play);
  }

  #check(what: string, hosts: readonly HostState[], limit: number | undefined): void {
    const failed = hosts.filter((host) => host.standing === "failed" || host.standing === "unreachable").length;
    if (limit === undefined || failed * 100 <= limit * hosts.length) return;
    this.#stop(`${failed} of ${hosts.length} hosts of the ${what} failed, more than max_fail_percentage allows (${limit}%)`);
  }

  /** As in Ansible the hosts of the batch that are left have failed with the others; no other play begins. */
  #stop(reason: string): void {
    if (this.ending !== undefined) return;
    this.ending = reason;
    this.#isOver = true;
    for (const host of this.batch) if (host.standing === "active") host.standing = "failed";
  }
}
