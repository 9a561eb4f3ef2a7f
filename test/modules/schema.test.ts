import type { z } from "zod";
import * as arg from "../../src/modules/args.ts";
import { argSchema, typeWords } from "../../src/modules/schema.ts";

test.each<[string, z.ZodType, object]>([
  ["absent or present", arg.withDefault(arg.oneOf(["absent", "present"], "State."), "present"), { type: "string", enum: ["absent", "present"], default: "present", description: "State." }],
  ["true or false", arg.optional(arg.boolean("On.")), { type: "boolean", description: "On." }],
  ["a whole number, 1 to 65535", arg.port("Port."), { anyOf: [{ type: "integer", minimum: 1, maximum: 65535 }, { type: "string" }] }],
  ["a whole number, 0 or more", arg.integer("Count.", { min: 0 }), { anyOf: [expect.objectContaining({ type: "integer", minimum: 0 }), { type: "string" }] }],
  ["a whole number", arg.integer("Any."), { anyOf: [expect.objectContaining({ type: "integer" }), { type: "string" }] }],
  ["a number", arg.seconds("Time."), { anyOf: [{ type: "number", minimum: 0 }, { type: "string" }] }],
  ["an absolute path", arg.absolutePath("Path."), { type: "string", pattern: "^\\/" }],
  ["text", arg.fileMode("Mode."), { type: "string", pattern: "^[0-7]{3,4}$" }],
  ["a list of texts", arg.listOf(arg.text("Word."), "Words."), { anyOf: [{ type: "array" }, { type: "string" }] }],
  ["text", arg.anyText("Text."), { type: ["string", "number", "boolean"] }],
  ["a mapping", arg.textMap("Map."), { type: "object" }],
  ["any value", arg.anything("Any."), { description: "Any." }],
  ["text, never shown", arg.optional(arg.secret("Key.")), { type: "string" }],
  ["a file on the controller", arg.optional(arg.controllerFile("File.")), { type: "string" }],
  ["a template on the controller", arg.templateFile("File."), { type: "string" }],
  ["a condition, or a list of conditions", arg.conditions("All."), { anyOf: expect.any(Array) as unknown }],
  ["a variable or an expression", arg.optional(arg.expression("One.")), { type: "string" }],
])("%s", (words, type, schema) => {
  expect(typeWords(type)).toBe(words);
  expect(argSchema(type)).toMatchObject(schema);
});
