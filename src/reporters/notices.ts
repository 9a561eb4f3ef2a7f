import { fewNames, warningLines, type Notice } from "./lines.ts";

/** What was noticed while a task was at work; what several hosts say is said once. */
export class Notices {
  readonly #warnings = new Map<string, { readonly notice: Notice; readonly hosts: Set<string> }>();
  readonly #words: string[] = [];

  warn(notice: Notice): void {
    const key = JSON.stringify([notice.message, notice.hint]);
    const same = this.#warnings.get(key) ?? { notice, hosts: new Set() };
    if (notice.host !== undefined) same.hosts.add(notice.host);
    this.#warnings.set(key, same);
  }

  /** What the person's own doing brought about stands last, as it is. */
  tell(line: string): void {
    this.#words.push(line);
  }

  lines(color: boolean): string[] {
    const warnings = [...this.#warnings.values()].flatMap(({ notice, hosts }) => {
      return warningLines(hosts.size > 0 ? { ...notice, host: fewNames([...hosts]) } : notice, color);
    });
    return [...warnings, ...this.#words];
  }
}
