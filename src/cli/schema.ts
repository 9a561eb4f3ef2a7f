import { documentKeys } from "../compile/keys.ts";
import { schemas, type SchemaName } from "../lint/schema.ts";
import { registry } from "../modules/registry.ts";
import type { Cli } from "./cli.ts";

/** `schema NAME`: a JSON Schema for editors. */
export function schema(name: SchemaName, cli: Cli): void {
  cli.terminal.write(`${JSON.stringify(schemas[name](registry, documentKeys), null, 2)}\n`);
}
