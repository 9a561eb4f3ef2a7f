/**
 * The JSON Schema of events, made from the types in src/events/event.ts, so that the two cannot drift:
 *
 *     npx tsx test/reporters/schema.ts > docs/events.schema.json
 */
import { argv, stdout } from "node:process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export type Schema = { readonly [key: string]: unknown };

const project = join(import.meta.dirname, "..", "..");

/** The published schema is open: a later Bowline may add fields. A closed one finds fields that the types do not know. */
export function eventSchema({ closed = false } = {}): Schema {
  const { checker, event } = typesOfEvents();
  const writer = new Writer(checker, closed);
  const kinds = event.types.map((type) => writer.ofEvent(type));
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Bowline events",
    description: "One line of `--output json` and of a journal. Made from src/events/event.ts; docs/events.md explains it.",
    oneOf: kinds,
    definitions: writer.definitions,
  };
}

let known: { readonly checker: ts.TypeChecker; readonly event: ts.UnionType } | undefined;

function typesOfEvents() {
  if (known) return known;
  const file = join(project, "src/events/event.ts");
  const config = ts.readConfigFile(join(project, "tsconfig.json"), (path) => ts.sys.readFile(path)).config as { compilerOptions: object };
  // Without the libraries that are most of the work and of which events know nothing.
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, types: [], lib: ["es5"] }, project);
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const symbol = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!).find(({ name }) => name === "Event")!;
  return (known = { checker, event: checker.getDeclaredTypeOfSymbol(symbol) as ts.UnionType });
}

class Writer {
  readonly definitions: Record<string, Schema> = {};
  readonly #checker: ts.TypeChecker;
  readonly #closed: boolean;

  constructor(checker: ts.TypeChecker, closed: boolean) {
    this.#checker = checker;
    this.#closed = closed;
  }

  /** An event is what happened, with its time and its number: one object, under the name of what happened. */
  ofEvent(type: ts.Type): Schema {
    const [body] = (type as ts.IntersectionType).types;
    const name = body!.symbol.name;
    this.definitions[name] = { ...this.#described(body!.symbol), ...this.#object(type) };
    return { $ref: `#/definitions/${name}` };
  }

  /** Named types are definitions, which may name themselves; the rest stands where it is used. */
  #of(type: ts.Type): Schema {
    const symbol = type.aliasSymbol ?? (type.isClassOrInterface() ? type.symbol : undefined);
    if (!symbol || isGeneric(type)) return this.#inline(type);
    if (!(symbol.name in this.definitions)) {
      this.definitions[symbol.name] = {};
      this.definitions[symbol.name] = { ...this.#described(symbol), ...this.#inline(type) };
    }
    return { $ref: `#/definitions/${symbol.name}` };
  }

  #inline(type: ts.Type): Schema {
    const { flags } = type;
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (flags & ts.TypeFlags.BooleanLiteral) return { const: this.#checker.typeToString(type) === "true" };
    if (flags & ts.TypeFlags.String) return { type: "string" };
    if (flags & ts.TypeFlags.Number) return { type: "number" };
    if (flags & ts.TypeFlags.Boolean) return { type: "boolean" };
    if (flags & ts.TypeFlags.Null) return { type: "null" };
    if (type.isUnion()) return this.#union(type.types);
    if (this.#checker.isArrayType(type)) return { type: "array", items: this.#of(this.#checker.getTypeArguments(type as ts.TypeReference)[0]!) };
    if (flags & ts.TypeFlags.Object) return this.#object(type);
    throw new Error(`no JSON Schema for ${this.#checker.typeToString(type)}`);
  }

  #union(types: readonly ts.Type[]): Schema {
    const present = types.filter((type) => !(type.flags & ts.TypeFlags.Undefined));
    const isBoolean = (type: ts.Type) => (type.flags & ts.TypeFlags.BooleanLiteral) !== 0;
    if (present.every((type) => type.isStringLiteral())) return { enum: present.map((type) => type.value).sort() };
    const both = present.filter(isBoolean).length === 2;
    const schemas = [...(both ? [{ type: "boolean" }] : []), ...present.filter((type) => !both || !isBoolean(type)).map((type) => this.#of(type))];
    return schemas.length === 1 ? schemas[0]! : { anyOf: schemas };
  }

  #object(type: ts.Type): Schema {
    const index = this.#checker.getIndexInfoOfType(type, ts.IndexKind.String);
    if (index) return { type: "object", additionalProperties: this.#of(index.type) };
    const symbols = this.#checker.getPropertiesOfType(type);
    const properties = symbols.map((symbol) => [symbol.name, this.#property(symbol)] as const);
    const required = symbols.filter((symbol) => !(symbol.flags & ts.SymbolFlags.Optional)).map((symbol) => symbol.name);
    return { type: "object", properties: Object.fromEntries(properties), required, ...(this.#closed ? { additionalProperties: false } : {}) };
  }

  #property(symbol: ts.Symbol): Schema {
    const schema = this.#of(this.#checker.getTypeOfSymbol(symbol));
    const described = this.#described(symbol);
    // Before draft 2019-09 whatever stands beside a $ref is passed over.
    return "$ref" in schema && "description" in described ? { ...described, allOf: [schema] } : { ...described, ...schema };
  }

  #described(symbol: ts.Symbol): Schema {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.#checker));
    return text === "" ? {} : { description: text.replaceAll("\n", " ") };
  }
}

/** `Readonly<Record<…>>` has a name too, and it says nothing. */
function isGeneric(type: ts.Type): boolean {
  return type.aliasTypeArguments !== undefined && type.aliasTypeArguments.length > 0;
}

if (argv[1] === fileURLToPath(import.meta.url)) stdout.write(`${JSON.stringify(eventSchema(), undefined, 2)}\n`);
