import { EOL } from "node:os";
import { Listr, ListrLogger, ProcessOutput, figures, type DefaultRenderer, type ListrTask, type ListrTaskWrapper, type SimpleRenderer } from "listr2";
import type { Event } from "../events/event.ts";
import { emptySummary, fold, named, type Begun, type NamedEnd, type Summary } from "../events/summary.ts";
import { Apart } from "./apart.ts";
import { isWanted, spokenLine, warningLines, type Notice } from "./lines.ts";
import { Live, type Moving } from "./live.ts";
import { painter } from "./paint.ts";
import { ending, headings } from "./plain.ts";
import { handle, type Handlers, type ReportOptions, type Reporter } from "./reporter.ts";

/**
 * The live view of a terminal: a row for each task, with the hosts at work, how long they have been and their last line
 * of output; below it, when it is over, what it changed and in full what failed; then the recap. Where hosts go each at
 * its own pace there is a row for each of them and each task.
 *
 * Every row is a listr2 of its own, started when the task starts. So what is over becomes ordinary text that scrolls,
 * a view is never taller than the terminal, and handlers need no row until they run. Verdicts come from our events.
 */
export function ttyReporter(options: ReportOptions): Reporter {
  const screen = new Screen(options);
  let summary = emptySummary();
  const handlers = handlersOf(screen, () => summary, options);
  return {
    report(event: Event) {
      summary = fold(summary, event);
      handle(handlers, event);
    },
    async settle() {
      screen.closeRow();
      await screen.settled;
    },
    notice: (text) => screen.notice(painter(options.color)(text, "yellow")),
    async end() {
      screen.closePlay();
      if (summary.run !== "") screen.print(ending(summary, { color: options.color, columns: options.size().columns }));
      await screen.settled;
    },
  };
}

function handlersOf(screen: Screen, now: () => Summary, { color, verbosity, ...options }: ReportOptions): Handlers<void> {
  const all: ReportOptions = { color, verbosity, ...options };
  const keep = (from: number, at: { task: string; host: string }, line: string) => (verbosity >= from ? screen.liveOf(at)?.keep(line) : undefined);
  return {
    "run:start": (event) => screen.print(headings[event.mode]),
    "play:start": (event) => {
      screen.closeRow();
      const name = now().plays[event.play] ?? event.play;
      if (now().mode !== "status") screen.print(["", painter(color)(`PLAY [${name}]`, "bold")]);
      if (now().apart.includes(event.play)) screen.part(name);
    },
    "play:end": () => screen.closePlay(),
    "tasks:added": () => undefined,
    "task:start": (event) => (screen.isApart ? undefined : screen.openRow(new Live(event.task, now(), all))),
    "host:start": (event) => screen.begun(event, () => new Live(event.task, now(), all)),
    output: (event) => {
      screen.liveOf(event)?.say(event.host, event.text);
      keep(1, event, spokenLine(event.host, "|", event.text, color));
    },
    "step:start": (event) => {
      screen.liveOf(event)?.say(event.host, event.change);
      keep(2, event, spokenLine(event.host, ">", event.change, color));
    },
    "step:end": () => undefined,
    "host:end": (event) => screen.ended(named(now(), event), () => new Live(event.task, now(), all)),
    retry: (event) => screen.liveOf(event)?.say(event.host, `try ${event.attempt} of ${event.attempts} did not hold; next in ${event.delay}s`),
    "handler:notified": (event) => keep(2, { ...event, task: event.by }, spokenLine(event.host, ">", `notified: ${now().tasks[event.handler]?.name ?? event.handler}`, color)),
    warning: (event) => (isWanted(event, verbosity) ? screen.warn(event) : undefined),
    "run:end": () => screen.closePlay(),
  };
}

/** The terminal: one row at work at its bottom, and above it text in the order in which it was given. */
class Screen {
  readonly #options: ReportOptions;
  /** Rows and texts are drawn one after the other, since listr2 starts and stops asynchronously. */
  settled: Promise<void> = Promise.resolve();
  #row: Moving | undefined;
  /** The play whose hosts go each at its own pace, and what each of them is at. */
  #apart: { readonly play: string; readonly hosts: Map<string, Live> } | undefined;
  /** What ended while another task's row was at work. */
  readonly #strays: Live[] = [];

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.settled = this.settled.then(() => this.#options.write(`${lines.join("\n")}\n`));
  }

  openRow(row: Moving): void {
    this.closeRow();
    this.#row = row;
    this.settled = this.settled.then(() => shown(row, this.#options));
  }

  /** What was noticed while the row was at work stays, below it. */
  closeRow(): void {
    if (!this.#row) return;
    this.#row.close();
    this.print([...this.#row.details(), ...this.#row.notices.lines(this.#options.color)]);
    this.#row = undefined;
    for (const stray of this.#strays.splice(0)) this.#add(stray);
  }

  /** From here on each host has rows of its own. */
  part(play: string): void {
    this.#apart = { play, hosts: new Map() };
    this.#openApart();
  }

  get isApart(): boolean {
    return this.#apart !== undefined;
  }

  closePlay(): void {
    this.closeRow();
    this.#apart = undefined;
  }

  /** What shows this task of this host, if anything does. */
  liveOf({ task, host }: { readonly task: string; readonly host: string }): Live | undefined {
    const live = this.#apart ? this.#apart.hosts.get(host) : this.#row;
    return live instanceof Live && live.task === task ? live : undefined;
  }

  begun(event: Begun & { readonly host: string }, make: () => Live): void {
    this.#apart?.hosts.set(event.host, make());
    this.liveOf(event)?.start(event);
  }

  /** What no row waits for is a row of its own, at once. */
  ended(end: NamedEnd, make: () => Live): void {
    const known = this.liveOf(end);
    const live = known ?? make();
    if (!known) live.start(end);
    live.end(end);
    if (this.#apart) {
      this.#apart.hosts.delete(end.host);
      this.#add(live);
      this.#openApart();
    } else if (!known && this.#row) this.#strays.push(live);
    else if (!known) this.#add(live);
  }

  warn(warning: Notice): void {
    if (this.#row) this.#row.notices.warn(warning);
    else this.print(warningLines(warning, this.#options.color));
  }

  notice(line: string): void {
    if (this.#row) this.#row.notices.tell(line);
    else this.print([line]);
  }

  /** A row that is over already. */
  #add(row: Live): void {
    this.openRow(row);
    this.closeRow();
  }

  #openApart(): void {
    if (this.#apart) this.openRow(new Apart(this.#apart.play, this.#apart.hosts, this.#options));
  }
}

type Row = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** Milliseconds between two looks at the events: a row that is redrawn for each line of output would eat the processor. */
const period = 100;

/** Shows a row until its task is over; one that was over before its turn came is written down at once. */
async function shown(live: Moving, options: ReportOptions): Promise<void> {
  if (live.over) return live.passing ? undefined : options.write(`${markOf[live.verdict](options.color)} ${live.title().replaceAll("\n", "\n  ")}\n`);
  const list = new Listr([rowOf(live)], {
    concurrent: false,
    exitOnError: false,
    // The signals are main's, and the process is not listr2's to end.
    registerSignalListeners: false,
    rendererOptions: {
      collapseErrors: false,
      showErrorMessage: false,
      collapseSkips: true,
      suffixSkips: false,
      clearOutput: live.passing,
      logger: new ListrLogger({ useIcons: true, toStderr: [], processOutput: new Canvas(options) }),
    },
  });
  await list.run();
}

/** The marks that listr2 gives to a row. */
const markOf: Readonly<Record<Moving["verdict"], (color: boolean) => string>> = {
  done: (color) => painter(color)(figures.tick, "green"),
  skipped: (color) => painter(color)(figures.arrowDown, "yellow"),
  failed: (color) => painter(color)(figures.cross, "red"),
};

function rowOf(live: Moving): ListrTask<unknown, typeof DefaultRenderer, typeof SimpleRenderer> {
  return {
    title: live.title(),
    task: async (_, row) => {
      const clock = setInterval(() => draw(live, row), period);
      draw(live, row);
      await live.closed;
      clearInterval(clock);
      draw(live, row);
      if (live.verdict === "skipped") row.skip();
      // Makes the mark of the row a cross; nothing else comes of it.
      if (live.verdict === "failed") throw new Error(live.title());
    },
  };
}

function draw(live: Moving, row: Row): void {
  const title = live.title();
  if (row.title !== title) row.title = title;
  const output = live.lines().join("\n");
  if (row.output !== output) row.output = output;
}

/**
 * Where listr2 draws: our terminal. Its own output takes the process's streams for itself while a row is at work, and
 * what anybody else wrote to them, an error's last words too, would be lost when the process ends then.
 */
class Canvas extends ProcessOutput {
  readonly #options: ReportOptions;

  constructor(options: ReportOptions) {
    super();
    this.#options = options;
  }

  /** Asked for once a row, and for its size at every frame. */
  override get stdout(): NodeJS.WriteStream {
    const { write, size } = this.#options;
    const stream = {
      write: (text: string) => write(text.includes(eraseLine) ? `${holdScreen}${text}${showScreen}` : text),
      get columns() {
        return size().columns;
      },
      get rows() {
        return size().rows;
      },
    };
    return stream as unknown as NodeJS.WriteStream;
  }

  override hijack(): void {
    this.#options.write(hideCursor);
  }

  override release(): void {
    this.#options.write(showCursor);
  }

  override toStdout(text: string, eol = true): boolean {
    this.#options.write(eol ? text + EOL : text);
    return true;
  }
}

const eraseLine = "\u001b[2K";
const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";
/** Terminals that know these show a frame as a whole, so that nothing flickers; the others pass over them. */
const holdScreen = "\u001b[?2026h";
const showScreen = "\u001b[?2026l";
