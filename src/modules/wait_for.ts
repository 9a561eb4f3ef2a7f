import { sh, type Script } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { absolutePath, oneOf, optional, port, seconds, text, withDefault } from "./args.ts";
import { defineAction } from "./contract.ts";
import { requireTool } from "./_observe.ts";

export const wait_for = defineAction({
  name: "wait_for",
  summary: "Wait on the host until a port is open or closed, or a path is there or gone.",
  notes: "A port is tried with curl's telnet, since a POSIX shell cannot open one. Nothing is sent to it.",
  args: {
    port: optional(port("The port.")),
    host: withDefault(text("Where the port is, seen from the host."), "127.0.0.1"),
    path: optional(absolutePath("The path.")),
    state: withDefault(oneOf(["present", "absent"], "What to wait for; an open port is present."), "present"),
    timeout: withDefault(seconds("Seconds until it is given up."), 60),
  },
  otherNames: { started: "present" },
  examples: [{ title: "The service is up", yaml: "wait_for:\n  port: 5000\n  host: 10.0.2.71\n  timeout: 30" }],
  rules: (args) => ((args.port === undefined) === (args.path === undefined) ? ['takes exactly one of "port" and "path"'] : []),
  readOnly: () => true,
  steps(args) {
    const holds = args.path === undefined ? portTest(args.host, args.port!) : sh`[ -e ${args.path} ]`;
    const test = args.state === "present" ? holds : sh`! { ${holds}; }`;
    const script = sh`
      ${args.path === undefined ? requireTool("curl") : sh`:`}
      end=$(($(date +%s) + ${Math.ceil(args.timeout)}))
      while :; do
        if ${test}; then exit 0; fi
        [ "$(date +%s)" -lt "$end" ] || exit 1
        sleep 0.3 2>/dev/null || sleep 1
      done
    `;
    return [run(script, { title: waited(args) })];
  },
  outcome: (args, answers) => (answers.at(-1)?.code === 0 ? { changed: false } : { changed: false, failed: `${waited(args)}: it was not so within ${args.timeout}s` }),
});

function waited(args: { path?: string | undefined; port?: number | undefined; host: string; state: string }): string {
  return `wait until ${args.path ?? `port ${args.port} of ${args.host}`} is ${args.state}`;
}

/** Exit code 7 of curl is "could not connect"; a connection that stays open runs into the time limit, 28. */
function portTest(host: string, number: number): Script {
  return sh`{ curl -s -m 1 ${`telnet://${host.includes(":") ? `[${host}]` : host}:${number}`} </dev/null >/dev/null 2>&1; c=$?; [ "$c" = 0 ] || [ "$c" = 28 ] || [ "$c" = 48 ] || [ "$c" = 49 ]; }`;
}
