import * as z from "zod";
import { absolutePath, boolean, oneOf, optional, seconds, withDefault } from "./args.ts";
import type { Bound } from "./contract.ts";
import { commandWords } from "./_docker.ts";
import { flagsOf } from "./_dockerd_words.ts";
import { lazily } from "./_lazy.ts";
import { isWithin } from "./_mountpoint.ts";

export const dockerdArgs = lazily(() => ({
  data_root: absolutePath("Where the daemon keeps images, layers and containers."),
  name: optional(word("Names what the daemon keeps outside of its data root; the default is made from `data_root`.")),
  state: withDefault(oneOf(["up", "down"], "Whether the daemon runs."), "up"),
  args: withDefault(commandWords("More words for its command line: a list, or text that is cut as a shell cuts it (`--ip 10.0.2.71`)."), []),
  socket: optional(absolutePath("The unix socket on which it answers; default `/run/dockerd-NAME.sock`.")),
  exec_root: optional(absolutePath("Where it keeps the state of what runs; default `/run/dockerd-NAME`.")),
  pid_file: optional(absolutePath("Default `/run/dockerd-NAME.pid`.")),
  log_file: optional(absolutePath("What it says is added to this file; default `/var/log/dockerd-NAME.log`.")),
  filesystem: optional(absolutePath("The mountpoint that must carry the data root: the longest mountpoint on its path, exactly.")),
  require_mount: withDefault(boolean("Refuse to start when nothing but / carries the data root."), true),
  on_drift: withDefault(oneOf(["report", "restart"], "What to do when it runs with other arguments: say so, or start it again with these."), "report"),
  start_timeout: withDefault(seconds("How long it may take until it answers."), 90),
  stop_timeout: withDefault(seconds("How long it may take to stop its containers and end."), 60),
  force: withDefault(boolean("Bring it down although containers run: they are stopped first."), false),
  kill: withDefault(boolean("SIGKILL what has not ended after `stop_timeout`."), false),
}));

export type DockerdArgs = Bound<typeof dockerdArgs>;

/** Everything a dockerd needs to know before it starts, defaults filled in. */
export interface Places {
  readonly dataRoot: string;
  readonly socket: string;
  readonly execRoot: string;
  readonly pidFile: string;
  readonly logFile: string;
  /** The whole command line. */
  readonly words: readonly string[];
}

/** Where a daemon keeps its things: apart from every other daemon's, under a name that its data root gives it. */
export function placesOf(args: DockerdArgs): Places {
  const name = args.name ?? args.data_root.slice(1).replaceAll("/", "-");
  const socket = args.socket ?? `/run/dockerd-${name}.sock`;
  const execRoot = args.exec_root ?? `/run/dockerd-${name}`;
  const pidFile = args.pid_file ?? `/run/dockerd-${name}.pid`;
  const own = ["--data-root", args.data_root, "--exec-root", execRoot, "--pidfile", pidFile, "--host", `unix://${socket}`];
  return { dataRoot: args.data_root, socket, execRoot, pidFile, logFile: args.log_file ?? `/var/log/dockerd-${name}.log`, words: ["dockerd", ...own, ...args.args] };
}

/** Flags that have an argument of their own, and the one that breaks what `down` promises. */
const ownFlags: Readonly<Record<string, string>> = {
  "--data-root": "data_root sets it",
  "--exec-root": "exec_root sets it",
  "--pidfile": "pid_file sets it",
  "--live-restore": "containers of a private daemon end with it, or its filesystem could not be unmounted",
};

/** The kernel's limit for the path of a unix socket, less the final NUL, and what dockerd puts under its exec root. */
const longestSocket = 107;
const underExecRoot = "/containerd/containerd.sock.ttrpc".length;

export function dockerdRules(args: DockerdArgs): string[] {
  const places = placesOf(args);
  const flags = flagsOf(["dockerd", ...args.args]).map(([flag]) => flag);
  const broken = Object.entries(ownFlags).flatMap(([flag, reason]) => (flags.includes(flag) ? [`args must not have ${flag}: ${reason}`] : []));
  const stray = args.args.find((word, at) => !word.startsWith("-") && (at === 0 || !args.args[at - 1]!.startsWith("-")));
  if (stray !== undefined) broken.push(`args has the word "${stray}", which belongs to no flag: dockerd takes nothing but flags`);
  if (args.filesystem !== undefined && !isWithin(args.data_root, args.filesystem)) broken.push(`data_root ${args.data_root} is not inside filesystem ${args.filesystem}`);
  if (args.filesystem !== undefined && !args.require_mount) broken.push("filesystem says what must be mounted, and require_mount: false that nothing must be: give one of them");
  if (Buffer.byteLength(places.socket) > longestSocket) broken.push(`the path of the socket is longer than ${longestSocket} bytes: ${places.socket} (give a short name)`);
  if (Buffer.byteLength(places.execRoot) > longestSocket - underExecRoot) {
    broken.push(`exec_root is longer than ${longestSocket - underExecRoot} bytes, so that the sockets in it cannot be made: ${places.execRoot} (give a short name)`);
  }
  return broken;
}

function word(words: string) {
  return z.string("must be text").regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "must be letters, digits and . _ -").describe(words);
}
