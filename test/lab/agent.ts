import type { Socket } from "node:net";
import { connectUnix, onLine } from "./qmp.ts";

/** The machine's back door: runs scripts as root over its second serial port, without network, sshd or a login. */
export class Agent {
  readonly #socket: Socket;
  readonly #waiting: ((line: string) => void)[] = [];
  #greet: () => void = () => undefined;
  /** Resolved when the machine has booted while we were listening. */
  readonly booted = new Promise<void>((resolve) => (this.#greet = resolve));

  private constructor(socket: Socket) {
    this.#socket = socket;
    onLine(socket, (line) => this.#take(line));
    socket.on("error", () => undefined);
    socket.on("close", () => this.#hangUp());
  }

  /** Connect; undefined while QEMU does not listen yet. */
  static async open(path: string): Promise<Agent | undefined> {
    const socket = await connectUnix(path);
    return socket && new Agent(socket);
  }

  /** Run a script and give its output; throws with the output when it fails. */
  async must(script: string): Promise<string> {
    const line = await new Promise<string>((resolve) => {
      this.#waiting.push(resolve);
      this.#socket.write(`${Buffer.from(script).toString("base64")}\n`);
    });
    const [code, output = ""] = line.split(" ");
    const text = Buffer.from(output, "base64").toString();
    if (code !== "0") throw new Error(`on the machine: exit code ${code}\n${text}\n--- of ---\n${script}`);
    return text;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(line: string): void {
    if (line === "hello") this.#greet();
    else this.#waiting.shift()?.(line);
  }

  #hangUp(): void {
    for (const answer of this.#waiting.splice(0)) answer(`gone ${Buffer.from("the machine is gone").toString("base64")}`);
  }
}
