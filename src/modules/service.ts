import { sh, type Script } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { boolean, oneOf, optional, text, withDefault } from "./args.ts";
import { defineResource, type Bound, type Change } from "./contract.ts";
import { refuse } from "./refuse.ts";
import { lazily } from "./_lazy.ts";
import { observeService, parseService, systemctl, type ServiceSeen } from "./_service_seen.ts";

const serviceArgs = lazily(() => ({
  name: text("The service: `nginx`, or with systemd any unit: `backup.timer`.").regex(/^[^\s/-][^\s/]*$/, "must be the name of a service"),
  state: optional(oneOf(["started", "stopped", "restarted", "reloaded"], "What it is to be; `restarted` and `reloaded` are done each time, and start what does not run.")),
  enabled: optional(boolean("Whether it is started with the host.")),
  masked: optional(boolean("Whether nothing can start it (systemd).")),
  daemon_reload: withDefault(boolean("Taken from Ansible's playbooks: systemd's files are read anew whenever the unit's own has changed."), false),
  scope: withDefault(oneOf(["system", "user"], "Whose systemd: the host's, or that of the user as whom the task runs."), "system"),
}));

type ServiceArgs = Bound<typeof serviceArgs>;

export const service = defineResource<typeof serviceArgs, ServiceSeen>({
  name: "service",
  summary: "Start, stop, restart or reload a service, and say whether it is started with the host.",
  notes: `
* systemd, OpenRC and System V's init are known; the host is asked which it has.
* A unit of \`Type=oneshot\` is started when it has run well.
* A unit whose file has changed since systemd read it is read anew first.
* A service that does not exist is refused. A restart and a reload cannot be taken back.
* \`down\` stops what is \`started\`; whether it is started with the host stays as it is.
`,
  args: serviceArgs,
  otherNames: { service: "name", unit: "name", enable: "enabled" },
  examples: [
    { title: "Runs, and comes back with the host", yaml: "service:\n  name: nginx\n  state: started\n  enabled: true" },
    { title: "A handler", yaml: "name: restart nginx\nservice:\n  name: nginx\n  state: restarted" },
    { title: "Off for good", yaml: "service:\n  name: apt-daily.timer\n  state: stopped\n  masked: true" },
  ],
  rules: ({ state, enabled, masked, daemon_reload: reload }) => [
    ...(state === undefined && enabled === undefined && masked === undefined && !reload ? ['takes "state", "enabled" or "masked"'] : []),
    ...(masked === true && (enabled === true || (state !== undefined && state !== "stopped")) ? ["what is masked can neither be started nor enabled"] : []),
  ],
  observe: ({ name, scope }) => observeService(name, scope),
  parse: parseService,
  plan,
  once: ({ state }) => state === "restarted" || state === "reloaded",
  down: (args) => (args.state === "started" ? { ...args, state: "stopped" as const } : args),
  state(args, seen) {
    if (!seen.exists) return { state: "down", label: args.name, remarks: ["there is no such service"] };
    const lasting = args.state === "restarted" || args.state === "reloaded" ? "started" : args.state;
    const remarks = plan({ ...args, state: lasting }, seen).map((change) => `would ${change.title}`);
    return { state: remarks.length > 0 ? "warn" : seen.active ? "up" : "down", label: args.name, remarks: [...remarks, ...(seen.words.includes("failed") ? [seen.words] : [])] };
  },
  result: ({ name }, seen) => ({ name, state: seen.active ? "started" : "stopped", enabled: seen.enabled ?? null }),
});

function plan(args: ServiceArgs, seen: ServiceSeen): Change[] {
  if (seen.manager === "none") refuse("nothing on this host manages services", { expected: "systemd, OpenRC or System V's init" });
  if (!seen.exists) refuse(`there is no service "${args.name}" on this host`, { hint: "install what brings it first, or look for its name: systemctl list-unit-files" });
  const reread = seen.stale ? [change(`read the changed file of ${args.name}`, sh`${systemctl(args.scope)} daemon-reload`, "systemd knows only the new file")] : [];
  return [...reread, ...unmasked(args, seen), ...enabledChange(args, seen), ...stateChange(args, seen), ...masked(args, seen)];
}

function unmasked(args: ServiceArgs, seen: ServiceSeen): Change[] {
  if (args.masked !== false || !seen.masked) return [];
  return [change(`unmask ${args.name}`, sh`${systemctl(args.scope)} unmask -- ${args.name}`, sh`${systemctl(args.scope)} mask -- ${args.name}`)];
}

function masked(args: ServiceArgs, seen: ServiceSeen): Change[] {
  if (args.masked !== true || seen.masked) return [];
  if (seen.manager !== "systemd") refuse(`only systemd can mask a service, and this host has ${seen.manager}`);
  return [change(`mask ${args.name}`, sh`${systemctl(args.scope)} mask -- ${args.name}`, sh`${systemctl(args.scope)} unmask -- ${args.name}`)];
}

function enabledChange(args: ServiceArgs, seen: ServiceSeen): Change[] {
  if (args.enabled === undefined || seen.enabled === args.enabled) return [];
  if (seen.enabled === undefined && (!args.enabled || ["static", "indirect", "generated", "transient"].includes(seen.unitFile))) return [];
  if (args.enabled && seen.masked && args.masked !== false) refuse(`${args.name} is masked`, { hint: "masked: false unmasks it" });
  const { on, off } = enabling(args, seen.manager);
  return [args.enabled ? change(`enable ${args.name}`, on, off) : change(`disable ${args.name}`, off, on)];
}

function enabling({ name, scope }: ServiceArgs, manager: ServiceSeen["manager"]): { on: Script; off: Script } {
  if (manager === "systemd") return { on: sh`${systemctl(scope)} enable -- ${name}`, off: sh`${systemctl(scope)} disable -- ${name}` };
  if (manager === "openrc") return { on: sh`rc-update add ${name}`, off: sh`rc-update --all del ${name}` };
  return {
    on: sh`if command -v update-rc.d >/dev/null; then update-rc.d ${name} defaults && update-rc.d ${name} enable; else chkconfig ${name} on; fi`,
    off: sh`if command -v update-rc.d >/dev/null; then update-rc.d ${name} disable; else chkconfig ${name} off; fi`,
  };
}

function stateChange(args: ServiceArgs, seen: ServiceSeen): Change[] {
  const { name, state } = args;
  const verb = (word: string) => verbOf(args, seen.manager, word);
  if (state === undefined || (state === "started" && seen.active) || (state === "stopped" && !seen.active)) return [];
  if (state !== "stopped" && seen.masked && args.masked !== false) refuse(`${name} is masked, so nothing can start it`, { hint: "masked: false unmasks it" });
  if (state === "stopped") return [change(`stop ${name}`, verb("stop"), verb("start"))];
  if (!seen.active) return [change(`start ${name}`, verb("start"), verb("stop"))];
  return state === "restarted" ? [change(`restart ${name}`, verb("restart"), "a restart leaves nothing to take back")] : [change(`reload ${name}`, verb("reload"), "the service keeps only what it read last")];
}

function verbOf({ name, scope }: ServiceArgs, manager: ServiceSeen["manager"], verb: string): Script {
  if (manager === "systemd") return sh`${systemctl(scope)} ${verb} -- ${name}`;
  return manager === "openrc" ? sh`rc-service -- ${name} ${verb}` : sh`${`/etc/init.d/${name}`} ${verb}`;
}

function change(title: string, script: Script, undo: Script | string): Change {
  return { title, steps: [run(script, { title })], undo: typeof undo === "string" ? { impossible: undo } : [run(undo, { title: `take back: ${title}` })] };
}
