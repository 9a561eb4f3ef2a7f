import { entryOf, plainOf, type MappingNode } from "../src/core/node.ts";
import { Secret } from "../src/core/secret.ts";
import { parseYaml } from "../src/load/yaml.ts";
import { resolvedKindOf, scriptWords, type ResolvedKind } from "../src/modules/args.ts";
import { bindArgs } from "../src/modules/bind.ts";
import type { Module } from "../src/modules/contract.ts";

const at = { file: "example.yml", line: 1, column: 1 };

/** The examples of a module as it would get them: what stands in braces becomes a word, files become files that could be. */
export function boundExamples(module: Module): { readonly title: string; readonly args: Readonly<Record<string, unknown>> }[] {
  return module.examples.map(({ title, yaml }) => {
    const value = entryOf(parseYaml(yaml, at.file) as MappingNode, module.name)!.value;
    const plain = plainOf(value) ?? {};
    const written = typeof plain === "object" ? plain : { [module.freeForm ?? ""]: plain };
    const values = Object.entries(rendered(written) as Record<string, unknown>).map(([key, each]) => [key, resolved(module, key, each)]);
    return { title, args: bindArgs(module, Object.fromEntries(values) as Record<string, unknown>, () => at, at) };
  });
}

function rendered(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\{\{[^}]*\}\}/g, "word");
  if (Array.isArray(value)) return value.map(rendered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rendered(inner)]));
}

function resolved(module: Module, key: string, value: unknown): unknown {
  const type = module.args[key];
  const kind = type && resolvedKindOf(type);
  return kind ? resolvers[kind](value) : value;
}

const resolvers: Readonly<Record<ResolvedKind, (value: unknown) => unknown>> = {
  secret: (value) => new Secret(String(value)),
  controllerFile: (value) => ({ path: `/controller/${String(value)}`, size: 5, sha256: "0".repeat(64) }),
  scriptFile: (value) => ({ file: { path: `/controller/${scriptWords(String(value)).path}`, size: 10, sha256: "0".repeat(64), text: "#!/bin/sh\n:" }, words: scriptWords(String(value)).words }),
  templateFile: (value) => `the text of ${String(value)}\n`,
  conditions: (value) => [value].flat().map((source) => ({ source: String(source), holds: true })),
  expression: (value) => ({ source: String(value), value: 0 }),
};
