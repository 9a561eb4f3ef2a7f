import xterm from "@xterm/headless";

/** Half a minute: enough for a busy machine. */
const mostTries = 1500;

/** A terminal without a window: what a person would see, line by line. */
export class FakeTerminal {
  readonly #terminal: InstanceType<typeof xterm.Terminal>;
  /** Everything that was written, escape sequences and all. */
  raw = "";

  constructor(columns = 80, rows = 24) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 100_000, convertEol: true, allowProposedApi: true });
  }

  readonly write = (text: string): void => {
    this.raw += text;
    this.#terminal.write(text);
  };

  readonly size = () => ({ columns: this.#terminal.cols, rows: this.#terminal.rows });

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  /** The text of the screen and of what has scrolled off it, when all that was written is drawn. */
  async lines(): Promise<string[]> {
    await this.#drawn();
    const buffer = this.#terminal.buffer.active;
    const lines = Array.from({ length: buffer.length }, (_, index) => buffer.getLine(index)!.translateToString(true));
    const last = lines.findLastIndex((line) => line !== "");
    return lines.slice(0, last + 1);
  }

  /** Resolves with the lines when one of them has this text; gives up with the screen as it was. */
  async showing(text: string): Promise<string[]> {
    for (let tries = 0; ; tries += 1) {
      const lines = await this.lines();
      if (lines.some((line) => line.includes(text))) return lines;
      if (tries === mostTries) throw new Error(`never shown: ${text}\n${lines.join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The column at which the cursor stands, from 0. */
  async column(): Promise<number> {
    await this.#drawn();
    return this.#terminal.buffer.active.cursorX;
  }

  /** Whether the cursor is to be seen, by the last that was said of it. */
  get cursorVisible(): boolean {
    return this.raw.lastIndexOf("\u001b[?25h") >= this.raw.lastIndexOf("\u001b[?25l");
  }

  #drawn(): Promise<void> {
    return new Promise((resolve) => this.#terminal.write("", resolve));
  }
}
