import { workLines, type AtWork, type Live, type Moving } from "./live.ts";
import { Notices } from "./notices.ts";
import type { ReportOptions } from "./reporter.ts";

/**
 * The hosts of a play that go each at its own pace: a line for each, with the task that it is at. What one of them has
 * done is a row of its own, above; this one goes for a moment to make room for it, and comes back.
 */
export class Apart implements Moving {
  readonly closed: Promise<void>;
  readonly passing = true;
  readonly verdict = "done";
  readonly notices = new Notices();
  readonly #play: string;
  readonly #hosts: ReadonlyMap<string, Live>;
  readonly #options: ReportOptions;
  #isOver = false;
  #resolve: () => void = () => undefined;

  constructor(play: string, hosts: ReadonlyMap<string, Live>, options: ReportOptions) {
    this.closed = new Promise((resolve) => (this.#resolve = resolve));
    this.#play = play;
    this.#hosts = hosts;
    this.#options = options;
  }

  get over(): boolean {
    return this.#isOver;
  }

  title(): string {
    const { length } = this.#atWork();
    return length > 0 ? `${this.#play}  at work: ${length}` : this.#play;
  }

  lines(): string[] {
    return this.#isOver ? [] : workLines(this.#atWork(), this.notices, this.#options);
  }

  details(): string[] {
    return [];
  }

  close(): void {
    this.#isOver = true;
    this.#resolve();
  }

  #atWork(): AtWork[] {
    return [...this.#hosts.values()].flatMap((live) => live.atWork().map((work) => ({ ...work, line: [live.name, work.line].filter(Boolean).join(": ") })));
  }
}
