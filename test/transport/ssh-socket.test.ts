import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { createServer, Socket, type AddressInfo, type Server } from "node:net";
import ssh2 from "ssh2";
import { Secret } from "../../src/core/secret.ts";
import { Doors } from "../../src/transport/doors.ts";
import { connectSsh, type SshOptions } from "../../src/transport/ssh.ts";
import type { Target } from "../../src/transport/transport.ts";
import { local, script } from "./_host.ts";

const servers: (Server | ssh2.Server)[] = [];
afterAll(() => servers.forEach((server) => server.close()));

async function listening(server: Server | ssh2.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => (server as Server).listen(0, "127.0.0.1", resolve));
  return ((server as Server).address() as AddressInfo).port;
}

const hostKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" }) as string;

/** An sshd of ssh2 that lets everybody in, runs a real sh, and passes connections on. */
function sshd(): ssh2.Server {
  return new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on("error", () => undefined);
    client.on("authentication", (context) => context.accept());
    client.on("ready", () => {
      client.on("session", (accept) =>
        accept().on("exec", (begin, _, { command }) => {
          const channel = begin();
          const child = spawn("/bin/sh", ["-c", command]);
          channel.pipe(child.stdin);
          child.stdout.pipe(channel);
          child.stderr.pipe(channel.stderr);
          child.once("close", (code) => {
            channel.exit(code ?? 1);
            channel.end();
          });
        }),
      );
      client.on("tcpip", (accept, _, { destIP, destPort }) => {
        const socket = new Socket().connect(destPort, destIP);
        const channel = accept();
        socket.on("error", () => channel.close());
        channel.pipe(socket).pipe(channel);
      });
    });
  });
}

const target = (port: number, more: Partial<Target> = {}): Target => ({ ...local, name: "web1", connection: "ssh", host: "127.0.0.1", port, user: "me", agent: null, password: new Secret("x"), strictHostKeyChecking: "off", ...more });

function options(): SshOptions & { readonly retries: string[]; readonly sleeps: number[] } {
  const retries: string[] = [];
  const sleeps: number[] = [];
  const clock = { now: () => 0, sleep: (milliseconds: number) => Promise.resolve(void sleeps.push(milliseconds)) };
  return { signal: new AbortController().signal, onWarning: () => undefined, onRetry: (message) => retries.push(message), doors: new Doors({ clock }), retries, sleeps };
}

async function said(port: number, more: Partial<Target> = {}, how = options()): Promise<string> {
  const connection = await connectSsh(target(port, more), how);
  try {
    const [reply] = await (await connection.session()).ask([script("echo here")]);
    return reply!.stdout.toString();
  } finally {
    await connection.close();
  }
}

describe("no packet waits for the answer to the one before it", () => {
  const plain = Socket.prototype.setNoDelay;
  const calls: { readonly socket: Socket; readonly on: boolean | undefined; readonly isEarly: boolean }[] = [];
  beforeEach(() => {
    calls.length = 0;
    Socket.prototype.setNoDelay = function spied(this: Socket, on?: boolean) {
      calls.push({ socket: this, on, isEarly: this.connecting });
      return plain.call(this, on);
    };
  });
  afterEach(() => void (Socket.prototype.setNoDelay = plain));
  /** What was said of our own sockets to this port. */
  const said = (port: number) => calls.filter(({ socket }) => socket.remotePort === port).map(({ on, isEarly }) => ({ on, isEarly }));

  test("not even one of the handshake", async () => {
    const port = await listening(sshd());
    const connection = await connectSsh(target(port), options());
    expect(said(port)).toEqual([{ on: true, isEarly: true }]);
    await connection.close();
  });

  test("nor on the way to a jump host, over whose connection the next one goes", async () => {
    const [port, jump] = [await listening(sshd()), await listening(sshd())];
    const connection = await connectSsh(target(port, { proxyJump: [target(jump)] }), options());
    expect(said(jump)).toEqual([{ on: true, isEarly: true }]);
    await connection.close();
  });
});

describe("a server that hangs up at once, as sshd does beyond MaxStartups", () => {
  /** Turns the first ones away in its own manner, and is an sshd from then on. */
  const turning = async (first: number, away: (socket: Socket) => void) => {
    const behind = await listening(sshd());
    let visits = 0;
    const door = createServer((socket) => {
      socket.on("error", () => undefined);
      if ((visits += 1) <= first) return away(socket);
      const through = new Socket().connect(behind, "127.0.0.1");
      through.on("error", () => undefined);
      socket.pipe(through).pipe(socket);
    });
    return { port: await listening(door), visits: () => visits };
  };

  test.each<[string, (socket: Socket) => void]>([
    ["without a word", (socket) => void socket.end()],
    ["with a reset", (socket) => void socket.resetAndDestroy()],
    ["with words", (socket) => void socket.end("Exceeded MaxStartups\r\n")],
  ])("is asked again: %s", async (_, away) => {
    const door = await turning(2, away);
    const how = options();
    expect(await said(door.port, {}, how)).toBe("here\n");
    expect([door.visits(), how.retries.length, how.sleeps.length]).toEqual([3, 2, 2]);
  });

  test("is asked again through a jump host, over a connection of its own", async () => {
    const door = await turning(1, (socket) => void socket.end());
    const jump = await listening(sshd());
    expect(await said(door.port, { proxyJump: [target(jump)] })).toBe("here\n");
    expect(door.visits()).toBe(2);
  });

  test("is told of in words in the end", async () => {
    const door = await turning(Infinity, (socket) => void socket.end());
    await expect(said(door.port)).rejects.toMatchObject({ code: "E_UNREACHABLE", message: expect.stringMatching(/web1 \(127\.0\.0\.1:\d+\) cannot be reached: it hung up before it said who it is, 5 times/) });
    expect(door.visits()).toBe(5);
  });

  test("is not asked again when nothing listens, nor when a login is refused", async () => {
    const how = options();
    const gone = createServer();
    const port = await listening(gone);
    await new Promise((resolve) => gone.close(resolve));
    await expect(said(port, {}, how)).rejects.toMatchObject({ code: "E_UNREACHABLE" });
    const strict = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
      client.on("error", () => undefined);
      client.on("authentication", (context) => context.reject());
    });
    await expect(said(await listening(strict), {}, how)).rejects.toMatchObject({ code: "E_AUTH" });
    expect(how.retries).toEqual([]);
  });
});
