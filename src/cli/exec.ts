import { prepare, type Prepared } from "../pipeline.ts";
import { playbookTyped } from "./ad-hoc.ts";
import type { Cli } from "./cli.ts";
import { keyringOf } from "./keys.ts";
import type { ExecOptions } from "./options.ts";
import { askedPasswords } from "./passwords.ts";
import { reported } from "./reported.ts";
import { commonRequest } from "./run.ts";

/** A command line of `exec`. */
export interface ExecCommand {
  readonly pattern: string;
  /** What stands behind the pattern. */
  readonly words: readonly string[];
  readonly options: ExecOptions;
}

/** `exec PATTERN -- COMMAND` and `exec PATTERN -m MODULE …`: a run of a playbook that no file holds. */
export async function exec({ pattern, words, options }: ExecCommand, cli: Cli): Promise<number> {
  const root = playbookTyped(pattern, words, options);
  const request = {
    ...commonRequest(options, cli),
    playbook: { path: "exec", dir: process.cwd(), root },
    mode: options.check ? ("check" as const) : ("run" as const),
    tags: [],
    skipTags: [],
    keyring: await keyringOf(options),
    ...(options.listHosts ? {} : await askedPasswords(options)),
  };
  const prepared = await prepare(request);
  if (!options.listHosts) return reported(request, prepared, { output: options.output, manner: "command" }, cli);
  for (const warning of prepared.warnings) cli.terminal.stderr(`warning: ${warning}\n`);
  cli.terminal.write(hostList(prepared));
  return 0;
}

/** As ansible lists them. */
function hostList({ program }: Prepared): string {
  const hosts = program.plays.flatMap((play) => play.hosts);
  return [`  hosts (${hosts.length}):`, ...hosts.map((host) => `    ${host}`), ""].join("\n");
}
