import { Listr, type DefaultRenderer, type ListrTask, type ListrTaskWrapper, type SimpleRenderer } from "listr2";
import type { Event } from "../events/event.ts";
import { emptySummary, fold, type Summary } from "../events/summary.ts";
import { Live } from "./live.ts";
import { painter } from "./paint.ts";
import { ending, headings, warningLines } from "./plain.ts";
import { handle, type Handlers, type ReportOptions, type Reporter } from "./reporter.ts";

/**
 * The live view of a terminal: a row for each task, with the hosts at work, how long they have been and their last line
 * of output; below it, when it is over, what it changed and in full what failed; then the recap.
 *
 * Every task is a listr2 of its own, started when the task starts. So what is over becomes ordinary text that scrolls,
 * a view is never taller than the terminal, and handlers need no row until they run. Verdicts come from our events.
 */
export function ttyReporter(options: ReportOptions): Reporter {
  const screen = new Screen(options);
  let summary = emptySummary();
  return {
    report(event: Event) {
      summary = fold(summary, event);
      handle(handlersOf(screen, summary, options), event);
    },
    notice: (text) => screen.notice(painter(options.color)(text, "yellow")),
    async end() {
      screen.closeRow();
      if (summary.run !== "") screen.print(ending(summary, options));
      await screen.settled;
    },
  };
}

function handlersOf(screen: Screen, summary: Summary, options: ReportOptions): Handlers<void> {
  const tell = (host: string, task: string, text: string) => screen.row?.task === task && screen.row.say(host, text);
  return {
    "run:start": (event) => screen.print(headings[event.mode]),
    "play:start": (event) => {
      screen.closeRow();
      if (summary.mode !== "status") screen.print(["", painter(options.color)(`PLAY [${summary.plays[event.play] ?? event.play}]`, "bold")]);
    },
    "play:end": () => screen.closeRow(),
    "task:start": (event) => screen.openRow(new Live(event.task, summary, options)),
    "host:start": (event) => screen.row?.start(event.host),
    output: (event) => void tell(event.host, event.task, event.text),
    "step:start": (event) => void tell(event.host, event.task, event.change),
    "step:end": () => undefined,
    "host:end": (event) => screen.row?.end(event),
    retry: (event) => void tell(event.host, event.task, `try ${event.attempt} of ${event.attempts} did not hold; next in ${event.delay}s`),
    "handler:notified": () => undefined,
    warning: (event) => warningLines(event, options.color).forEach((line) => screen.notice(line)),
    "run:end": () => screen.closeRow(),
  };
}

/** The terminal: one row at work at its bottom, and above it text in the order in which it was given. */
class Screen {
  readonly #options: ReportOptions;
  /** Rows and texts are drawn one after the other, since listr2 starts and stops asynchronously. */
  settled: Promise<void> = Promise.resolve();
  row: Live | undefined;
  #notices: string[] = [];

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.settled = this.settled.then(() => this.#options.write(`${lines.join("\n")}\n`));
  }

  openRow(row: Live): void {
    this.closeRow();
    this.row = row;
    this.settled = this.settled.then(() => shown(row, () => this.#notices));
  }

  /** What was noticed while the row was at work stays, below it. */
  closeRow(): void {
    if (!this.row) return;
    this.row.close();
    this.print([...this.row.details(), ...this.#notices]);
    this.#notices = [];
    this.row = undefined;
  }

  notice(line: string): void {
    if (this.row) this.#notices = [...this.#notices, line];
    else this.print([line]);
  }
}

type Row = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** Milliseconds between two looks at the events: a row that is redrawn for each line of output would eat the processor. */
const period = 100;

async function shown(live: Live, notices: () => readonly string[]): Promise<void> {
  const list = new Listr([rowOf(live, notices)], {
    concurrent: false,
    exitOnError: false,
    // The signals are main's, and the process is not listr2's to end.
    registerSignalListeners: false,
    rendererOptions: { collapseErrors: false, showErrorMessage: false, collapseSkips: true, suffixSkips: false, clearOutput: live.passing },
  });
  await list.run();
}

function rowOf(live: Live, notices: () => readonly string[]): ListrTask<unknown, typeof DefaultRenderer, typeof SimpleRenderer> {
  return {
    title: live.title(),
    task: async (_, row) => {
      const clock = setInterval(() => draw(live, row, notices()), period);
      draw(live, row, notices());
      await live.closed;
      clearInterval(clock);
      draw(live, row, []);
      if (live.verdict === "skipped") row.skip();
      // Makes the mark of the row a cross; nothing else comes of it.
      if (live.verdict === "failed") throw new Error(live.title());
    },
  };
}

function draw(live: Live, row: Row, notices: readonly string[]): void {
  const title = live.title();
  if (row.title !== title) row.title = title;
  const output = [...live.lines(), ...notices].join("\n");
  if (row.output !== output) row.output = output;
}
