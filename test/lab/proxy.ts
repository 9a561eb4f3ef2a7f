import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface ProxyOptions {
  readonly target: { readonly host: string; readonly port: number };
  /** How long every byte is held, each way: the round trip is twice this. */
  readonly delayMs?: number;
  /** What the wire carries to the server at most. */
  readonly bytesPerSecond?: number;
  /** Cut a connection after this many bytes, both ways together. */
  readonly cutAfterBytes?: number;
  readonly host?: string;
}

/** A wire between a client and a server on loopback, which can be slow, can be cut, and counts. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** How often the client spoke after the server had spoken, over all connections: each is one round trip that the client waited for. */
  readonly roundTrips: () => number;
  readonly connections: () => number;
  readonly bytes: () => { readonly sent: number; readonly received: number };
  /** Start counting from nothing. */
  reset(): void;
  /** Cut every connection now, without a word to either side's program. */
  cut(): void;
  close(): Promise<void>;
}

export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const counts = { roundTrips: 0, connections: 0, sent: 0, received: 0 };
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    counts.connections += 1;
    const upstream = connect({ ...options.target, allowHalfOpen: true });
    wire(client, upstream, options, counts);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.once("close", () => open.delete(socket));
    }
  });
  const cut = () => open.forEach((socket) => socket.resetAndDestroy());
  const host = options.host ?? "127.0.0.1";
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, host, resolve));
  return {
    host,
    port: (server.address() as AddressInfo).port,
    roundTrips: () => counts.roundTrips,
    connections: () => counts.connections,
    bytes: () => ({ sent: counts.sent, received: counts.received }),
    reset: () => void Object.assign(counts, { roundTrips: 0, connections: 0, sent: 0, received: 0 }),
    cut,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}

type Counts = Record<"roundTrips" | "connections" | "sent" | "received", number>;
type Direction = "sent" | "received";

/** It is not heard again until what it said has had its time. */
function slowDown(socket: Socket, bytesPerSecond: number): void {
  let free = performance.now();
  socket.on("data", (chunk: Buffer) => {
    free = Math.max(free, performance.now()) + (chunk.length / bytesPerSecond) * 1000;
    const wait = free - performance.now();
    if (wait < 1) return;
    socket.pause();
    setTimeout(() => socket.resume(), wait);
  });
}

function wire(client: Socket, upstream: Socket, options: ProxyOptions, counts: Counts): void {
  let spoke: Direction = "received";
  let left = options.cutAfterBytes ?? Infinity;
  const destroy = () => [client, upstream].forEach((socket) => socket.resetAndDestroy());
  const meter = (direction: Direction, chunk: Buffer) => {
    if (direction === "sent" && spoke === "received") counts.roundTrips += 1;
    spoke = direction;
    const passed = chunk.subarray(0, left);
    counts[direction] += passed.length;
    left -= passed.length;
    return passed;
  };
  carry(client, upstream, options.delayMs ?? 0, (chunk) => meter("sent", chunk));
  if (options.bytesPerSecond !== undefined) slowDown(client, options.bytesPerSecond);
  carry(upstream, client, options.delayMs ?? 0, (chunk) => meter("received", chunk));
  for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroySoon());
  }

  function carry(from: Socket, to: Socket, delayMs: number, metered: (chunk: Buffer) => Buffer): void {
    const later = (work: () => void) => void (delayMs === 0 ? work() : setTimeout(work, delayMs));
    from.on("data", (chunk: Buffer) => {
      const passed = metered(chunk);
      const last = left <= 0;
      later(() => {
        if (!to.destroyed) to.write(passed, last ? destroy : undefined);
      });
    });
    from.on("end", () => later(() => to.end()));
  }
}
