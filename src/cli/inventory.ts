import { dirname, resolve } from "node:path";
import { BowlineError } from "../core/errors.ts";
import { suggestion } from "../core/suggest.ts";
import { extraVariables } from "../load/extra-vars.ts";
import { isFile } from "../load/files.ts";
import { loadInventory } from "../load/inventory.ts";
import type { InventoryHost } from "../load/inventory-model.ts";
import { limitOf, selectHosts } from "../load/patterns.ts";
import { yamlText } from "../load/yaml.ts";
import { printableText } from "../reporters/printable.ts";
import type { Cli } from "./cli.ts";
import { explanation } from "./inventory-explain.ts";
import { graphOf } from "./inventory-graph.ts";
import { listOf, treeOf } from "./inventory-list.ts";
import { inventorySources } from "./inventory-sources.ts";
import { playbookDefinitions } from "./inventory-playbook.ts";
import { shownVariables, type Shown } from "./inventory-values.ts";
import type { KeyOptions } from "./key-options.ts";
import { keyringOf } from "./keys.ts";
import { lookRequest } from "./look-request.ts";

/** What `bowline inventory` was asked. */
export interface InventoryOptions extends KeyOptions {
  readonly inventory: readonly string[];
  readonly extraVars: readonly string[];
  readonly limit?: string;
  /** Beside it lie more group_vars/ and host_vars/; else beside the working directory. */
  readonly playbook?: string;
  readonly list?: boolean;
  readonly yaml?: boolean;
  /** The group to begin with. */
  readonly graph?: string | true;
  readonly vars?: boolean;
  readonly host?: string;
  readonly explain?: string;
  readonly listHosts?: string;
}

/** `inventory --list`, `--graph`, `--host`, `--explain` or `--list-hosts`: variables are shown as they are written, templates unrendered. */
export async function inventory(options: InventoryOptions, cli: Cli): Promise<void> {
  const shown = await loaded(options);
  const question = questionOf(options);
  const { text, warnings } = question === "explain" && options.playbook !== undefined ? await explainedIn(options.playbook, shown, { options, cli }) : answers[question](shown, options);
  for (const warning of [...shown.warnings, ...warnings]) cli.terminal.stderr(`warning: ${printableText(warning)}\n`);
  cli.terminal.write(`${text}\n`);
}

async function loaded(options: InventoryOptions): Promise<Shown & { readonly warnings: readonly string[] }> {
  const { inventory: sources, extraVars, limit, playbook } = options;
  const keyring = await keyringOf(options);
  if (playbook !== undefined && !(await isFile(playbook))) throw new BowlineError({ code: "E_OPTIONS", message: `--playbook: there is no file ${playbook}` });
  const all = await loadInventory(inventorySources(sources), playbook === undefined ? process.cwd() : dirname(resolve(playbook)), keyring);
  const { allows, warnings } = await limitOf(all, limit);
  return { inventory: all, allows, extra: await extraVariables(extraVars, keyring), warnings: [...all.warnings, ...warnings] };
}

/** With a playbook also what its plays, roles and tasks define. */
async function explainedIn(playbook: string, shown: Shown, { options, cli }: { options: InventoryOptions; cli: Cli }): Promise<Answer> {
  const { explain, host, extraVars, inventory: sources } = options;
  const found = hostNamed(shown, host!);
  const request = lookRequest({ playbook, inventories: inventorySources(sources), extraVars, version: cli.version, keyring: await keyringOf(options) });
  const { wide, narrow } = await playbookDefinitions(request, found.name);
  return told(explanation(explain!, found, [...shown.extra, ...wide], narrow));
}

interface Answer {
  readonly text: string;
  readonly warnings: readonly string[];
}

type Question = "explain" | "host" | "listHosts" | "list" | "graph";

/** Without any, the graph answers. */
function questionOf(options: InventoryOptions): Question {
  if (options.explain !== undefined && options.host === undefined) throw new BowlineError({ code: "E_OPTIONS", message: "--explain needs a host", hint: `--explain ${options.explain} --host NAME` });
  const asked = (["explain", "host", "listHosts", "list"] as const).find((question) => options[question] !== undefined);
  return asked ?? (options.yaml ? "list" : "graph");
}

const answers: Readonly<Record<Question, (shown: Shown, options: InventoryOptions) => Answer>> = {
  explain: (shown, { explain, host }) => told(explanation(explain!, hostNamed(shown, host!), shown.extra)),
  host: (shown, { host, yaml }) => told(written(shownVariables(shown, hostNamed(shown, host!)), yaml)),
  listHosts: (shown, { listHosts }) => hostsOf(shown, listHosts!),
  list: (shown, { yaml }) => told(written(yaml ? treeOf(shown) : listOf(shown), yaml)),
  graph: (shown, { graph, vars }) => told(printableText(graphOf(shown, { group: groupNamed(shown, graph), vars: vars ?? false }))),
};

function told(text: string): Answer {
  return { text, warnings: [] };
}

function written(value: unknown, yaml = false): string {
  return yaml ? yamlText(value).trimEnd() : JSON.stringify(value, null, 2);
}

function hostNamed({ inventory: { hosts, host } }: Shown, name: string): InventoryHost {
  const found = host(name);
  if (found) return found;
  const hint = suggestion(name, [...hosts.keys()]);
  throw new BowlineError({ code: "E_OPTIONS", message: `there is no host "${name}" in the inventory`, ...(hint === undefined ? {} : { hint }) });
}

function groupNamed({ inventory: { tree } }: Shown, name: string | true | undefined): string {
  const group = typeof name === "string" ? name : "all";
  if (tree.has(group)) return group;
  const hint = suggestion(group, [...tree.keys()]);
  throw new BowlineError({ code: "E_OPTIONS", message: `there is no group "${group}" in the inventory`, ...(hint === undefined ? {} : { hint }) });
}

function hostsOf({ inventory: all, allows }: Shown, pattern: string): Answer {
  const { hosts, unmatched, hint } = selectHosts(all, pattern);
  const names = hosts.filter(allows);
  const more = hint === undefined ? {} : { hint };
  if (names.length === 0) throw new BowlineError({ code: "E_NO_HOSTS", message: `no host matches "${pattern}"`, ...more });
  const warnings = unmatched.map((word) => `no host matches "${word}"${hint === undefined ? "" : `: ${hint}`}`);
  return { text: printableText([`  hosts (${names.length}):`, ...names.map((name) => `    ${name}`)].join("\n")), warnings };
}
