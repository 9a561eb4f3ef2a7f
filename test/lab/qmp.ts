import { connect, type Socket } from "node:net";

interface Reply {
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
  readonly event?: string;
  readonly id?: number;
  readonly data?: unknown;
}

/** QEMU's monitor, in its machine-readable form (QMP). */
export class Monitor {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  readonly #watchers = new Set<(event: Reply) => void>();
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    onLine(socket, (line) => this.#take(JSON.parse(line) as Reply));
    socket.on("error", () => undefined);
    socket.on("close", () => this.#hangUp());
  }

  /** Connect; undefined while QEMU does not listen yet. */
  static async open(path: string): Promise<Monitor | undefined> {
    const socket = await connectUnix(path);
    if (socket === undefined) return undefined;
    const monitor = new Monitor(socket);
    await monitor.execute("qmp_capabilities");
    return monitor;
  }

  async execute(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const id = ++this.#lastId;
    const reply = await new Promise<Reply>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
    if (reply.error !== undefined) throw new Error(`qemu: ${command}: ${reply.error.desc}`);
    return reply.return;
  }

  /** A command of the human monitor: a few things (port forwards) exist only there. Gives what it prints. */
  async human(line: string): Promise<string> {
    return String(await this.execute("human-monitor-command", { "command-line": line }));
  }

  /** Wait for an event; ask for it before doing what causes it. */
  event(name: string, matches: (data: unknown) => boolean = () => true): Promise<void> {
    return new Promise((resolve) => {
      const watcher = (reply: Reply) => {
        if (reply.event !== name || !matches(reply.data)) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(reply: Reply): void {
    if (reply.event !== undefined) for (const watcher of this.#watchers) watcher(reply);
    if (reply.id === undefined) return;
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }

  #hangUp(): void {
    for (const answer of this.#waiting.values()) answer({ error: { class: "Gone", desc: "the machine is gone" } });
    this.#waiting.clear();
  }
}

/** A connected unix socket, or undefined when nobody listens there (yet). */
export function connectUnix(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });
}

/** Give every whole line that arrives. (readline throws what the socket already reported.) */
export function onLine(socket: Socket, take: (line: string) => void): void {
  let rest = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(take);
  });
}
