import { spawn } from "node:child_process";
import { BowlineError } from "../core/errors.ts";
import { becomeCommand, passPassword } from "./become.ts";
import { bootstrap, type Wire } from "./session.ts";
import { Sessions } from "./sessions.ts";
import type { Become, Connection, Target } from "./transport.ts";

/** The controller itself as a host: the same protocol over a child `sh`. */
export function connectLocal(target: Target, shell = "sh"): Connection {
  return new Sessions(target.name, shell, (become) => openChild(target, shell, become), () => Promise.resolve());
}

async function openChild(target: Target, shell: string, become: Become | undefined): Promise<Wire> {
  const command = bootstrap.replace(/^sh/, shell);
  const child = spawn("/bin/sh", ["-c", `exec ${become ? becomeCommand(become, shell, command) : command}`], { stdio: "pipe", detached: true, cwd: "/" });
  const closed = new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", () => resolve(undefined));
  });
  const wire: Wire = { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, close: () => void child.kill("SIGKILL"), closed };
  if (child.pid === undefined) throw new BowlineError({ code: "E_UNREACHABLE", message: `no shell could be started: ${await closed}` });
  return become ? passPassword(wire, become, target.name) : wire;
}
