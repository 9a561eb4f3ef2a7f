import { sh, type Script } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { absolutePath, oneOf, optional, port, seconds, text, withDefault } from "./args.ts";
import { defineAction, type Bound } from "./contract.ts";
import { lazily } from "./_lazy.ts";
import { requireTool } from "./_observe.ts";

const waitArgs = lazily(() => ({
  port: optional(port("The port.")),
  host: withDefault(text("Where the port is, seen from the host."), "127.0.0.1"),
  path: optional(absolutePath("The path.")),
  state: withDefault(
    oneOf(["present", "absent", "started", "stopped"], "What to wait for: a port that takes connections and a path that is there are `present` or `started`, else `absent` or `stopped`."),
    "present",
  ),
  timeout: withDefault(seconds("Seconds until it is given up, and has failed."), 60),
  delay: withDefault(seconds("Seconds to wait before the first look."), 0),
}));

type WaitArgs = Bound<typeof waitArgs>;

export const wait_for = defineAction({
  name: "wait_for",
  summary: "Wait on the host until a port is open or closed, a path is there or gone, or for some time.",
  notes: `
* It changes nothing. Check mode looks once: when it is not so yet, the result is unknown.
* A port is tried with bash or with curl, since a POSIX shell cannot open one. A connection is made and closed; nothing is sent.
* A port that does not answer within 3 seconds counts as closed.
* Without \`port\` and \`path\` it waits for \`timeout\` seconds.
`,
  args: waitArgs,
  otherNames: { address: "host", file: "path", dest: "path" },
  examples: [
    { title: "The service is up", yaml: "wait_for:\n  port: 5000\n  host: 10.0.2.71\n  timeout: 30" },
    { title: "The lock is gone", yaml: "wait_for:\n  path: /run/service.lock\n  state: absent" },
  ],
  rules: (args) => (args.port !== undefined && args.path !== undefined ? ['takes one of "port" and "path"'] : []),
  probe: (args) => (args.delay > 0 || isPause(args) ? undefined : sh`
    ${lookOf(args)}
    look || exit 1
    echo ${`${subject(args)} is ${goal(args)}`}
  `),
  steps(args) {
    if (isPause(args)) return [run(sh`sleep ${args.delay + args.timeout}`, { title: `wait ${args.timeout} s` })];
    const script = sh`
      ${lookOf(args)}
      sleep ${args.delay}
      end=$(($(date +%s) + ${Math.ceil(args.timeout)}))
      until look; do
        [ "$(date +%s)" -lt "$end" ] || exit 1
        sleep 0.3 2>/dev/null || sleep 1
      done
    `;
    return [run(script, { title: `wait until ${subject(args)} is ${goal(args)}` })];
  },
  outcome(args, answers) {
    if (isPause(args)) return { changed: false, message: `waited ${args.timeout} s` };
    if (answers.at(-1)?.code === 0) return { changed: false, message: `${subject(args)} is ${goal(args)}` };
    return { changed: false, failed: `${subject(args)} was not ${goal(args)} within ${args.timeout} s` };
  },
});

function isPause({ port, path }: WaitArgs): boolean {
  return port === undefined && path === undefined;
}

function isWanted({ state }: WaitArgs): boolean {
  return state === "present" || state === "started";
}

function subject({ path, port, host }: WaitArgs): string {
  return path ?? `port ${port} of ${host}`;
}

function goal(args: WaitArgs): string {
  if (args.path !== undefined) return isWanted(args) ? "there" : "gone";
  return isWanted(args) ? "open" : "closed";
}

/** Defines `look`, which succeeds when there is nothing to wait for. */
function lookOf(args: WaitArgs): Script {
  const not = isWanted(args) ? sh`` : sh`!`;
  if (args.path !== undefined) return sh`look() { ${not} [ -e ${args.path} ]; }`;
  return sh`
    ${connectTo(args.host, args.port ?? 0)}
    look() { ${not} connect; }
  `;
}

/** curl tells a connection that was made from one that was not by their count: both end at the time limit. */
function connectTo(host: string, number: number): Script {
  const url = `telnet://${host.includes(":") ? `[${host}]` : host}:${number}`;
  return sh`
    if command -v bash >/dev/null && command -v timeout >/dev/null; then
      connect() { timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' ${host} ${number} 2>/dev/null; }
    else
      ${requireTool("curl")}
      connect() { [ "$(curl -q -s -m 3 -w '%{num_connects}' ${url} </dev/null 2>/dev/null | tail -c 1)" = 1 ]; }
    fi
  `;
}
