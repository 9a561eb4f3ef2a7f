import { connectLocal } from "../../src/transport/local.ts";
import { connectSsh } from "../../src/transport/ssh.ts";
import type { Request, Target } from "../../src/transport/transport.ts";
import { verbatim } from "../../src/core/sh.ts";

/** A controller to be killed: runs the requests of its argument and says on its output when one has begun to speak. */
const { target, requests } = JSON.parse(process.argv[2]!) as { target: Target; requests: readonly ({ script: string } & Record<string, unknown> | Request)[] };
const connection = target.connection === "local" ? connectLocal(target) : await connectSsh(target, { signal: new AbortController().signal, onWarning: () => undefined });
const session = await connection.session();
const asked = requests.map((request) => ("script" in request && typeof request.script === "string" ? { ...request, kind: "script", script: verbatim(request.script) } : request) as Request);
await session.ask(asked, { onLine: ({ text }) => process.stdout.write(`${text}\n`) });
