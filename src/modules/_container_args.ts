import * as z from "zod";
import { boolean, integer, listOf, oneOf, optional, seconds, text, textMap, withDefault } from "./args.ts";
import type { Bound } from "./contract.ts";
import { commandWords, socketArg } from "./_docker.ts";
import { lazily } from "./_lazy.ts";

const readyType = () => z
  .strictObject({
    port: integer("A port inside the container: it is ready when a process there listens on it.", { min: 1, max: 65535 }).optional(),
    http: z
      .union([
        z.url({ protocol: /^https?$/, error: "must be a URL" }).transform((url) => ({ url, status: 200 })),
        z.strictObject({ url: z.url({ protocol: /^https?$/, error: "must be a URL" }), status: integer("").default(200) }),
      ])
      .optional(),
    timeout: seconds("").optional(),
  })
  .refine((ready) => (ready.port === undefined) !== (ready.http === undefined), "must have one of port, http");

export const containerArgs = lazily(() => ({
  name: name("The name of the container on its daemon."),
  image: optional(text("The image it runs, by name or id; it must be on the daemon. Not needed for `state: absent`.")),
  state: withDefault(oneOf(["up", "down", "absent"], "`up`: it runs; `down`: it is stopped, and kept; `absent`: it is removed."), "up"),
  socket: socketArg(),
  command: optional(commandWords("What it runs, in place of the image's command: a list, or text that is cut as a shell cuts it.")),
  entrypoint: optional(commandWords("In place of the image's entrypoint; the image's command is then left out, as `docker run` does.")),
  run_args: withDefault(commandWords("Options as `docker run` takes them (`-v /a:/b -e A=b -p 80:80`): read into the arguments of this page."), []),
  env: withDefault(textMap("Environment variables; the values may be secret, and never stand in a command line."), {}),
  ports: withDefault(values("Published ports: `5000:5000`, `10.0.2.71:5000:5000/tcp`, `8000-8002:8000-8002`."), []),
  volumes: withDefault(values("`SOURCE:TARGET[:ro]`; the source is an absolute path that exists on the host, or the name of a volume."), []),
  network: optional(text("`bridge` (docker's default), `host`, `none`, or the name of a network.")),
  restart: optional(restartPolicy("`no` (the default), `on-failure[:N]`, `unless-stopped`, `always`.")),
  labels: withDefault(textMap("Labels that it must have; others may be there."), {}),
  user: optional(nameOrNumber("`USER[:GROUP]` by name or number.")),
  hostname: optional(text("Its own host name; the default is made from its id.")),
  workdir: optional(text("Its working directory.")),
  read_only: withDefault(boolean("Its root filesystem cannot be written."), false),
  privileged: withDefault(boolean("All rights on the host."), false),
  init: withDefault(boolean("Run an init that reaps processes."), false),
  tty: withDefault(boolean("Give it a terminal."), false),
  interactive: withDefault(boolean("Keep its stdin open."), false),
  auto_remove: withDefault(boolean("Docker removes it when it ends (`--rm`), with its log."), false),
  cap_add: withDefault(values("Capabilities to add."), []),
  cap_drop: withDefault(values("Capabilities to drop, or `ALL`."), []),
  devices: withDefault(values("`HOST[:INSIDE[:rwm]]`."), []),
  dns: withDefault(values("Name servers."), []),
  extra_hosts: withDefault(values("Lines for /etc/hosts: `NAME:ADDRESS`."), []),
  tmpfs: withDefault(values("`PATH[:OPTIONS]`."), []),
  security_opt: withDefault(values("As `docker run` takes them."), []),
  group_add: withDefault(values("More groups of its user."), []),
  ulimits: withDefault(values("`NAME=SOFT[:HARD]`."), []),
  sysctls: withDefault(textMap("Kernel settings of its namespaces."), {}),
  memory: optional(nameOrNumber("A limit: `512m`, `2g`.")),
  cpus: optional(nameOrNumber("A limit: `1.5`.")),
  shm_size: optional(nameOrNumber("Of /dev/shm: `128m`.")),
  pid: optional(text("`host`, or `container:NAME`.")),
  ipc: optional(text("`host`, `private`, `shareable`, …")),
  log_driver: optional(text("In place of the daemon's.")),
  log_opts: withDefault(textMap("Of the log driver: `max-size: 10m`."), {}),
  stop_signal: optional(text("The signal that asks it to end.")),
  on_drift: withDefault(oneOf(["report", "recreate"], "What to do when it is not as described: say so, or make it anew."), "report"),
  ready: optional(readyType().describe("When it can do its work: `port: N` (a process inside listens on it) or `http: URL` (or `http: {url, status}`; 200 by default); `timeout` in place of start_timeout.")),
  start_timeout: withDefault(seconds("How long it may take until it is up and ready."), 60),
  settle: withDefault(seconds("Without `ready`: it counts as up when it has not ended for so long."), 2),
  stop_timeout: withDefault(seconds("How long it may take to end before it is killed."), 30),
}));

export type ContainerArgs = Bound<typeof containerArgs>;

function name(words: string) {
  return z.string("must be text").regex(/^[A-Za-z0-9][A-Za-z0-9_.-]+$/, "must be two or more letters, digits and . _ -, beginning with a letter or digit").describe(words);
}

/** YAML 1.2 takes a bare no for text. */
function restartPolicy(words: string) {
  return z.string("must be text").regex(/^(no|always|unless-stopped|on-failure(:\d+)?)$/, "must be no, always, unless-stopped or on-failure[:N]").describe(words);
}

function values(words: string) {
  return listOf(z.union([z.string(), z.number()], "must be text").transform(String), words);
}

function nameOrNumber(words: string) {
  return z.union([z.string(), z.number()], "must be text or a number").transform(String).describe(words);
}
