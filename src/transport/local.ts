import { spawn } from "node:child_process";
import { BowlineError } from "../core/errors.ts";
import { becomeCommand, passPassword } from "./become.ts";
import type { Timing } from "./live.ts";
import { Sessions, usualTiming } from "./sessions.ts";
import type { Become, Connection, Target } from "./transport.ts";
import { bootstrap, type Wire } from "./wire.ts";

/** The controller itself as a host: the same protocol over a child `sh`. */
export function connectLocal(target: Target, shell = "sh", timing: Timing = usualTiming): Connection {
  return new Sessions({ name: target.name, shell, timing }, (become) => openChild(target, shell, become), () => Promise.resolve());
}

async function openChild(target: Target, shell: string, become: Become | undefined): Promise<Wire> {
  const command = bootstrap.replace(/^sh/, shell);
  const child = spawn("/bin/sh", ["-c", `exec ${become ? becomeCommand(become, shell, command) : command}`], { stdio: "pipe", detached: true, cwd: "/" });
  const streams = [child.stdin, child.stdout, child.stderr];
  let close: () => void = () => undefined;
  const closed = new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", () => resolve(undefined));
    // The shell is not killed: it sees the end of its input, and ends what it runs.
    close = () => {
      for (const stream of streams) stream.destroy();
      resolve("closed");
    };
  });
  child.stdin.on("error", () => undefined);
  if (child.pid === undefined) throw new BowlineError({ code: "E_UNREACHABLE", message: `no shell could be started: ${await closed}` });
  const wire: Wire = { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, close, closed };
  return become ? passPassword(wire, become, target) : wire;
}
