import type { Event } from "../events/event.ts";

/** What hosts have begun and not ended: after a crash, the first thing to look at on them. */
export class Unfinished {
  readonly #work = new Map<string, { readonly name: string; readonly changes: Set<string> }>();

  report(event: Event): void {
    if (event.type === "host:start") this.#work.set(event.host, { name: event.name, changes: new Set() });
    if (event.type === "step:start") this.#work.get(event.host)?.changes.add(event.change);
    if (event.type === "step:end") this.#work.get(event.host)?.changes.delete(event.change);
    if (event.type === "host:end") this.#work.delete(event.host);
  }

  lines(): string[] {
    return [...this.#work].flatMap(([host, { name, changes }]) => [`at work: [${host}] ${name}`, ...[...changes].map((change) => `    may be half done: ${change}`)]);
  }
}
