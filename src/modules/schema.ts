import * as z from "zod";
import { isRequired, resolvedKindOf, type ResolvedKind } from "./args.ts";
import type { Module } from "./contract.ts";

/** JSON Schema, draft 2020-12, as far as arguments need it. */
export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The arguments of a module as a person writes them in a playbook. */
export function moduleSchema(module: Module): JsonSchema {
  const entries = Object.entries(module.args);
  const required = entries.filter(([, type]) => isRequired(type)).map(([name]) => name);
  const mapping: JsonSchema = {
    type: "object",
    properties: Object.fromEntries(entries.map(([name, type]) => [name, orTemplate(argSchema(type))])),
    ...(module.freeKeys ? { minProperties: 1 } : { additionalProperties: false }),
    ...(required.length > 0 && module.freeForm === undefined ? { required } : {}),
  };
  const free = module.freeForm === undefined ? [] : [{ type: "string" as const }];
  const empty = required.length === 0 && !module.freeKeys ? [{ type: "null" as const }] : [];
  const forms = [mapping, ...free, ...empty];
  return { description: module.summary, ...(forms.length === 1 ? mapping : { anyOf: forms }) };
}

/** One argument without its templates: what its type takes, in what a person writes for it. */
export function argSchema(type: z.ZodType): JsonSchema {
  const kind = resolvedKindOf(type);
  const written = kind === undefined ? inputSchema(type, otherSpellings) : writtenAs[kind];
  const value = type instanceof z.ZodDefault ? { default: type.def.defaultValue as JsonSchema["default"] } : {};
  return { ...written, ...(type.description === undefined ? {} : { description: type.description }), ...value };
}

type Widen = (meant: JsonSchema) => JsonSchema;

/** What a type that reads other spellings before it checks (`"5000"` for 5000) means, widened to what it takes. */
function inputSchema(type: z.ZodType, widen: Widen): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(type, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod;
      if (def.type !== "pipe" || def.in._zod.def.type !== "transform") return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      Object.assign(jsonSchema, widen(inputSchema(def.out as z.ZodType, widen)));
    },
  });
  return schema;
}

/** A list may be one value, a number may be text (`-e port=5000`, 255.255.255.0), a name may be a number. */
function otherSpellings(meant: JsonSchema): JsonSchema {
  const { description, ...shape } = meant;
  const also = shape.type === "array" ? one(shape.items) : shape.type === "integer" || shape.type === "number" ? { type: "string" as const } : { type: "integer" as const };
  if (shape.type === undefined || shape.type === "boolean") return meant;
  return { ...(description === undefined ? {} : { description }), anyOf: [shape, also] };
}

/** A single item, or several in one text. */
function one(items: JsonSchema["items"]): JsonSchema {
  if (typeof items !== "object" || Array.isArray(items)) return {};
  const { pattern: _, ...item } = items;
  return item;
}

const condition: JsonSchema = { type: ["string", "boolean"] };

const writtenAs: Readonly<Record<ResolvedKind, JsonSchema>> = {
  secret: { type: "string" },
  controllerFile: { type: "string" },
  scriptFile: { type: "string" },
  templateFile: { type: "string" },
  conditions: { anyOf: [condition, { type: "array", items: condition, minItems: 1 }] },
  expression: { type: "string" },
};

/** Any value may be a template, which is text until a host is known. */
function orTemplate(schema: JsonSchema): JsonSchema {
  const { description, default: value, ...shape } = schema;
  if (Object.keys(shape).length === 0 || isAnyText(shape)) return schema;
  return { ...(description === undefined ? {} : { description }), ...(value === undefined ? {} : { default: value }), anyOf: [shape, { type: "string", pattern: "\\{\\{" }] };
}

function isAnyText({ type, pattern, enum: values, minLength }: JsonSchema): boolean {
  return [type].flat().includes("string") && pattern === undefined && values === undefined && minLength === undefined;
}

/** What an argument takes, in few words: `present or absent`, `a list of texts`. */
export function typeWords(type: z.ZodType): string {
  const kind = resolvedKindOf(type);
  return kind === undefined ? schemaWords(inputSchema(type, (meant) => meant)) : kindWords[kind];
}

const kindWords: Readonly<Record<ResolvedKind, string>> = {
  secret: "text, never shown",
  controllerFile: "a file on the controller",
  scriptFile: "a script on the controller, with its arguments",
  templateFile: "a template on the controller",
  conditions: "a condition, or a list of conditions",
  expression: "a variable or an expression",
};

function schemaWords(schema: JsonSchema): string {
  if (schema.enum) return either(schema.enum.map(String));
  if (schema.anyOf) return either(schema.anyOf.map((one) => schemaWords(one as JsonSchema)));
  if (schema.type === undefined) return "any value";
  if (schema.type.includes("string") && schema.type.includes("boolean")) return "text";
  return either([schema.type].flat().map((name) => oneType(name, schema)));
}

function oneType(name: string, schema: JsonSchema): string {
  if (name === "array") return `a list${itemWords(schema.items)}`;
  if (name === "integer") return `a whole number${rangeWords(schema)}`;
  if (name === "string") return schema.pattern === "^\\/" ? "an absolute path" : "text";
  return { number: "a number", boolean: "true or false", object: "a mapping", null: "null" }[name] ?? name;
}

function itemWords(items: JsonSchema["items"]): string {
  if (typeof items !== "object" || Array.isArray(items)) return "";
  const words = schemaWords(items);
  return words === "text" ? " of texts" : words.startsWith("a whole number") ? " of whole numbers" : words.includes(" or ") ? "" : ` of ${words}`;
}

function rangeWords({ minimum, maximum }: JsonSchema): string {
  const bounded = (bound: number | undefined): bound is number => bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (bounded(minimum) && bounded(maximum)) return `, ${minimum} to ${maximum}`;
  return bounded(minimum) ? `, ${minimum} or more` : "";
}

function either(words: readonly string[]): string {
  const distinct = [...new Set(words)];
  return distinct.length < 2 ? distinct.join("") : `${distinct.slice(0, -1).join(", ")} or ${distinct.at(-1)}`;
}
