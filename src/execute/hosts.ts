import type { HostEntry, Program } from "../compile/program.ts";
import { asDefinitions, connectionVariables } from "./connection.ts";
import { HostState } from "./host.ts";
import type { Engine } from "./ports.ts";
import type { Ways } from "./reach.ts";

/** Variables that every host sees alike; the engine keeps them true while the plays go on. */
export type Shared = Record<string, unknown>;

/** Every host of a run: those of the plays, and those that somebody delegates to or asks about. */
export class Hosts {
  /** `hostvars`, and what is said of the play at work. */
  readonly shared: Shared = Object.create(null) as Shared;
  readonly #program: Program;
  readonly #engine: Engine;
  readonly #states = new Map<string, HostState>();
  /** Further connections to a host: under another user, or from here once for each host that delegates here. */
  readonly #lines = new Map<string, HostState>();

  constructor(program: Program, engine: Engine) {
    this.#program = program;
    this.#engine = engine;
    for (const entry of Object.values(program.hosts)) this.#add(entry);
    let hostvars: object | undefined;
    Object.defineProperty(this.shared, "hostvars", { enumerable: true, get: () => (hostvars ??= this.#hostvars()) });
  }

  /** A host by its name; one that no inventory knows is its own address. */
  named(name: string): HostState {
    return this.#states.get(name) ?? this.#add(this.#engine.ports.inventory.host(name) ?? { name, groups: [], variables: [] });
  }

  all(): HostState[] {
    return [...this.#states.values(), ...this.#lines.values()];
  }

  /** The machine that a task of a host talks to: the host's own, or the one that it delegates to, reached in the way that the task asks for. */
  machine(host: HostState, target: HostState, { weak, strong }: Ways): HostState {
    // Hosts that delegate to the controller would wait for each other's turn in one shell.
    const isShared = target !== host && (strong["ansible_connection"] ?? (target.isLocal ? "local" : undefined)) === "local";
    if (Object.keys(weak).length === 0 && Object.keys(strong).length === 0 && !isShared) return target;
    const key = JSON.stringify([target.name, isShared ? host.name : null, weak, strong]);
    const own = connectionVariables(target.context(undefined, undefined));
    const variables = [...asDefinitions(weak, "role defaults"), ...asDefinitions(own, "inventory host"), ...asDefinitions(strong, "set_fact and register")];
    let line = this.#lines.get(key);
    if (!line) this.#lines.set(key, (line = this.#state({ ...target.entry, variables }, key)));
    return line;
  }

  #add(entry: HostEntry): HostState {
    const state = this.#state(entry);
    this.#states.set(entry.name, state);
    return state;
  }

  #state(entry: HostEntry, line = entry.name): HostState {
    return new HostState(entry, this.#program.variables, { engine: this.#engine, shared: this.shared, line });
  }

  /** What each host of the inventory sees, rendered when it is asked for; no host is contacted for it. */
  #hostvars(): object {
    const object = {};
    const names = new Set([...this.#engine.ports.inventory.names, ...this.#states.keys()]);
    for (const name of names) Object.defineProperty(object, name, { enumerable: true, get: () => this.#variablesOf(name) });
    return object;
  }

  /** Without what all hosts share: that would hold itself. */
  #variablesOf(host: string): object {
    const context = this.named(host).context(undefined, undefined);
    const object = {};
    for (const name of context.names()) if (!(name in this.shared)) Object.defineProperty(object, name, { enumerable: true, get: () => context.get(name) });
    return object;
  }
}
