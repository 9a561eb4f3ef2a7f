import { existsSync } from "node:fs";
import { realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { entryKeys, otherModule } from "../compile/keys.ts";
import { BowlineError, problemsOf, throwProblems, type Problem } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import { configNames, defaultConfig, readConfig, unknownProfile, unknownRule, type Config } from "../lint/config.ts";
import { findFiles } from "../lint/find.ts";
import { fixed } from "../lint/fix.ts";
import { lint as findingsOf, type Source, type Tools } from "../lint/lint.ts";
import { count, formats, type Format } from "../lint/report.ts";
import type { Finding, Profile } from "../lint/rule.ts";
import { rules } from "../lint/rules.ts";
import { loadYaml, readText } from "../load/files.ts";
import type { Keyring } from "../load/secrets/keyring.ts";
import { revealed } from "../load/secrets/reveal.ts";
import { parseYaml } from "../load/yaml.ts";
import { registry } from "../modules/registry.ts";
import { prepare } from "../pipeline.ts";
import { diffLines } from "../reporters/diff.ts";
import type { Cli } from "./cli.ts";
import type { KeyOptions } from "./key-options.ts";
import { keyringOf } from "./keys.ts";
import { lookRequest } from "./look-request.ts";
import { describeProblem } from "./problems.ts";

/** The options of `lint` as commander reads them. */
export interface LintOptions extends KeyOptions {
  readonly inventory: readonly string[];
  readonly extraVars: readonly string[];
  readonly profile?: string;
  readonly skip: readonly string[];
  readonly format: Format | "text";
  readonly fix?: boolean;
  readonly strict?: boolean;
  readonly listRules?: boolean;
}

/** Exit code: 2 when there are errors, with --strict also when there are warnings. */
export async function lint(paths: readonly string[], options: LintOptions, cli: Cli): Promise<number> {
  if (options.listRules) return listRules(cli);
  const config = await configOf(options);
  const keyring = await keyringOf(options);
  const tools = { parse: parseYaml, registry, taskKeys: entryKeys, otherModule, compile: (path: string, root: SourceNode) => mistakesOf({ path, root }, options, { version: cli.version, keyring }) };
  const read = await Promise.all((await findFiles(paths, config.exclude)).map(async (path) => ({ path, text: await readText(path) })));
  const sources = options.fix ? await mended(read, { config, tools, quiet: options.format !== "text" }, cli) : read;
  const findings = await findingsOf(sources, config, tools);
  cli.terminal.write(options.format === "text" ? textOf(findings, sources.length, cli) : formats[options.format]({ sources, findings, version: cli.version }));
  return count(findings, "error") > 0 || (options.strict && findings.length > 0) ? 2 : 0;
}

function listRules(cli: Cli): number {
  const width = Math.max(...rules.map(({ id }) => id.length));
  for (const { id, severity, profile, fixable, summary } of rules) cli.terminal.write(`${id.padEnd(width)}  ${severity.padEnd(7)}  ${profile.padEnd(10)}  ${fixable ? "--fix" : "     "}  ${summary}\n`);
  return 0;
}

/** What the command line says wins over the file. */
async function configOf({ profile, skip }: LintOptions): Promise<Config> {
  throwProblems([...(profile === undefined ? [] : [unknownProfile(profile)]), ...skip.map(unknownRule)].filter((problem) => problem !== undefined));
  const path = configNames.find((name) => existsSync(name));
  const config = path === undefined ? defaultConfig : readConfig(await loadYaml(path));
  return { ...config, ...(profile === undefined ? {} : { profile: profile as Profile }), skip: [...config.skip, ...skip] };
}

/** What `run --syntax-check` says. Which hosts there are is no matter of the playbook's text. */
async function mistakesOf({ path, root }: { path: string; root: SourceNode }, { inventory, extraVars }: LintOptions, around: { version: string; keyring: Keyring }): Promise<readonly Problem[]> {
  const inventories = inventory.length > 0 ? inventory : existsSync("inventory") ? ["inventory"] : [];
  try {
    const playbook = { path, dir: dirname(resolve(path)), root: await revealed(root, around.keyring) };
    await prepare(lookRequest({ playbook, inventories, extraVars, ...around }));
    return [];
  } catch (error) {
    if (!(error instanceof BowlineError)) throw error;
    return problemsOf(error).filter(({ code }) => code !== "E_NO_HOSTS");
  }
}

interface Mending {
  readonly config: Config;
  readonly tools: Tools;
  /** Standard output belongs to a report. */
  readonly quiet: boolean;
}

/** A fix may make room for another one: they end, for each takes a finding away. */
const mostRounds = 10;

/** Writes what can be mended, and shows it as a diff. */
async function mended(read: readonly Source[], { config, tools, quiet }: Mending, cli: Cli): Promise<readonly Source[]> {
  const { compile: _, ...alone } = tools;
  let sources = read;
  for (let round = 0; round < mostRounds; round += 1) {
    const findings = await findingsOf(sources, config, alone);
    const next = sources.map(({ path, text }) => ({ path, text: fixed(text, findings.filter(({ at }) => at.file === path), tools.parse).text }));
    const isSettled = next.every(({ text }, index) => text === sources[index]!.text);
    sources = next;
    if (isSettled) break;
  }
  for (const [index, { path, text }] of sources.entries()) {
    const before = read[index]!.text;
    if (text === before) continue;
    await replaceFile(path, text);
    if (!quiet) cli.terminal.write(`${diffLines(path, before, text).join("\n")}\n\n`);
  }
  return sources;
}

/** Nobody ever reads half of it; a link stays a link. */
async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path);
  const beside = `${target}.${process.pid}.new`;
  try {
    await writeFile(beside, text, { mode: (await stat(target)).mode & 0o7777, flag: "wx" });
    await rename(beside, target);
  } catch (error) {
    await rm(beside, { force: true });
    throw new BowlineError({ code: "E_FILE", message: `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}` }, { cause: error });
  }
}

function textOf(findings: readonly Finding[], files: number, cli: Cli): string {
  const shown = findings.map(({ rule, severity, fix: _, ...remark }) => {
    const problem = { code: "E_PLAYBOOK" as const, ...remark, message: `${severity === "warning" ? "warning: " : ""}${rule}: ${remark.message}` };
    return `${describeProblem(problem, cli.terminal.color, severity === "error" ? "red" : "yellow")}\n`;
  });
  return `${shown.join("")}${summaryOf(findings, files)}\n`;
}

function summaryOf(findings: readonly Finding[], files: number): string {
  const looked = plural(files, "file");
  if (findings.length === 0) return `${looked}, nothing found`;
  const fixable = findings.filter(({ fix }) => fix).length;
  return `${looked}, ${plural(count(findings, "error"), "error")}, ${plural(count(findings, "warning"), "warning")}${fixable > 0 ? `; --fix mends ${fixable}` : ""}`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

