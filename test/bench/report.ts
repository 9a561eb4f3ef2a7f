import { reasons } from "./reasons.ts";
import type { Row } from "./row.ts";
import type { Section } from "./section.ts";
import { code, metText, rowsText, table, verdictsOf, type Verdict } from "./table.ts";

/** A section and what it found, or what stopped it. */
export interface Found {
  readonly section: Section;
  readonly result: readonly Row[] | string;
}

export interface Report {
  readonly found: readonly Found[];
  readonly rounds: number;
  /** Name, words and version of each who took part. */
  readonly contestants: readonly { readonly name: string; readonly words: string; readonly version: string | undefined }[];
  readonly machine: { readonly cpus: number; readonly model: string; readonly memory: number; readonly system: string; readonly load: number };
}

/** The page that docs/performance.md is. */
export function reportText({ found, rounds, contestants, machine }: Report): string {
  const verdicts = found.flatMap(({ section, result }) => (typeof result === "string" ? [] : result.flatMap(verdictsOf).map((verdict) => ({ section, verdict }))));
  return `# Performance

\`npm run bench -- --write\` makes this page anew. It installs what it needs and is allowed to (Debian's ansible-core and ansible-mitogen),
builds Bowline, and takes about a quarter of an hour; do nothing else on the machine meanwhile. \`-- --only one --rounds 2\` is a quick look at one
part, \`-- --help\` names the parts.

The hosts are addresses of one sshd on this machine's loopback, so hosts and contestants share its processors. All contestants do the same work, in turn,
in the same run, each from nothing to the end, with as many hosts at work at a time as there are. Before its time counts, each shows that it sees
and mends a wrong mode. Seconds are medians of up to ${rounds} rounds and depend on the machine; what counts is the ratio, which is the median of the
rounds' own ratios. Whoever takes more than 10 s for a round has one round.

*Processor* is user and system time of the command and of what it started; *hosts' processor* that of sshd and of all that ran under it. The hosts are
one machine and would wait for its one lock; here they do without, as fifty machines do not wait for each other.

${table(["contestant", "what it is", "version"], contestants.map(({ name, words, version }) => [code(name), words, version ?? ""]))}

## Limits

What Bowline means to keep to. A ratio below 1 is faster than what it stands beside.

${limits(verdicts)}
${unmet(verdicts)}
${found.map(sectionText).join("\n")}
## Measured on

${machine.cpus} × ${machine.model}, ${Math.round(machine.memory / 2 ** 30)} GiB; ${machine.system}.
Load when it began: ${machine.load.toFixed(1)}${machine.load >= machine.cpus ? ": other work kept the processors busy, so seconds mean little and ratios something" : ""}.
`;
}

interface Judged {
  readonly section: Section;
  readonly verdict: Verdict;
}

function limits(verdicts: readonly Judged[]): string {
  if (verdicts.length === 0) return "None was measured.";
  return table(["part", "", "measure", "is", "may be", ""], verdicts.map(({ section, verdict }) => [section.title, code(verdict.row.name), verdict.what, verdict.seen, verdict.limit, metText(verdict)]));
}

function unmet(verdicts: readonly Judged[]): string {
  const missed = verdicts.filter(({ verdict }) => !verdict.met);
  if (missed.length === 0) return verdicts.length === 0 ? "" : "\nAll are met.\n";
  const lines = missed.map(({ section, verdict: { row, what, seen, limit } }) => {
    const reason = reasons[section.name]?.[row.against?.name ?? row.name];
    return `* ${section.title}: ${code(row.name)}, ${what}: ${seen} where ${limit} may be.${reason === undefined ? "" : ` ${reason}`}`;
  });
  return ["", "### What is not reached, and why", "", ...lines, ""].join("\n");
}

/** One section of the page. */
export function sectionText({ section, result }: Found): string {
  return [`## ${section.title}`, "", section.words, "", typeof result === "string" ? result : rowsText(result), ""].join("\n");
}
