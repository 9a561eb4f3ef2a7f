import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startSshd } from "../lab/sshd.ts";
import { cleanUp, cleanUpOnSignals } from "./clean-up.ts";
import type { Contestant } from "./contestant.ts";
import { contestants, fieldOf } from "./field.ts";
import { machine } from "./machine.ts";
import { reportText, sectionText, type Found, type Report } from "./report.ts";
import type { Section, Stage } from "./section.ts";
import { sections } from "./sections.ts";

const page = join(import.meta.dirname, "../../docs/performance.md");

/**
 * The fifty addresses are one machine, which has one lock; fifty machines would have one each. Here nobody locks, as on a
 * host without flock. Of several SetEnv lines sshd takes the first, so ours says also what startSshd's would.
 */
const withoutLock = "SetEnv SHLVL=2 BOWLINE_LOCK=/nonexistent/lock";

const usage = `npm run bench -- [--only PART]… [--rounds N] [--without CONTESTANT]… [--write]

  --only PART           measure this part and no other
  --rounds N            how often each contestant runs, one after the other in turn (default 5)
  --without CONTESTANT  leave one out; ansible-playbook takes most of the time
  --write               put the report into docs/performance.md: of all parts and all contestants

parts:
${sections.map(({ name, title }) => `  ${name.padEnd(22)}${title}`).join("\n")}
contestants:
${contestants.map(({ name, words }) => `  ${name.padEnd(26)}${words}`).join("\n")}
`;

interface Options {
  readonly parts: readonly Section[];
  readonly wanted: readonly Contestant[];
  readonly rounds: number;
  readonly write: boolean;
}

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [] },
    rounds: { type: "string", default: "5" },
    without: { type: "string", multiple: true, default: [] },
    write: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
const complaint = complaintAbout(values);

if (values.help) process.stdout.write(usage);
else if (complaint !== undefined) refuse(complaint);
else await told(optionsOf(values));

function complaintAbout({ only, rounds, without, write }: typeof values): string | undefined {
  const unknown = [...only.filter((name) => !sections.some((section) => section.name === name)), ...without.filter((name) => !contestants.some((contestant) => contestant.name === name))];
  if (unknown.length > 0) return `nothing here is named ${unknown.join(" or ")}`;
  if (!/^[1-9]\d*$/.test(rounds)) return `--rounds wants a whole number from 1 on, not ${rounds}`;
  return write && only.length + without.length > 0 ? "--write wants all parts and all contestants" : undefined;
}

function optionsOf({ only, rounds, without, write }: typeof values): Options {
  return { parts: sections.filter(({ name }) => only.length === 0 || only.includes(name)), wanted: contestants.filter(({ name }) => !without.includes(name)), rounds: Number(rounds), write };
}

function refuse(why: string): void {
  process.stderr.write(`bench: ${why}\n\n${usage}`);
  process.exitCode = 5;
}

async function told(options: Options): Promise<void> {
  const stopping = cleanUpOnSignals();
  try {
    await bench(options);
  } catch (error) {
    if (!stopping()) process.stderr.write(`bench: ${messageOf(error)}\n`);
    process.exitCode = 1;
  } finally {
    await cleanUp();
  }
}

async function bench({ parts, wanted, rounds, write }: Options): Promise<void> {
  const where = machine();
  const started = performance.now();
  const say = (line: string) => void process.stderr.write(`${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s  ${line} …\n`);
  const sshd = await startSshd({ hosts: 50, config: ["LogLevel VERBOSE", withoutLock] });
  const stage: Stage = { sshd, rounds, say, field: await fieldOf(sshd, wanted, say) };
  const found: Found[] = [];
  const failed: string[] = [];
  for (const section of parts) {
    try {
      found.push({ section, result: await section.measure(stage) });
      process.stderr.write(`\n${sectionText(found.at(-1)!)}\n`);
    } catch (error) {
      // What the other parts found is not lost for it.
      failed.push(`${section.name}: ${messageOf(error)}`);
    }
  }
  const text = reportText({ found, rounds, contestants: await taken(stage), machine: where });
  process.stdout.write(text);
  if (failed.length > 0) throw new Error(failed.join("\n"));
  if (write) await writeFile(page, text);
}

async function taken({ field }: Stage): Promise<Report["contestants"]> {
  const present = field.present.map(async ({ name, words, version }) => ({ name, words, version: await version?.() }));
  return [...(await Promise.all(present)), ...field.absent.map(({ name, detail }) => ({ name, words: contestants.find((each) => each.name === name)!.words, version: detail }))];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
