import { validate_argument_spec } from "../../src/modules/validate_argument_spec.ts";
import { control } from "./_actor.ts";

const { act, badArguments } = control(validate_argument_spec);

/** What is said against one value of one option. */
const saidOf = (option: unknown, given: Record<string, unknown>) => act({ argument_spec: { x: option }, provided_arguments: given });

test.each<[string, unknown, unknown]>([
  ["text", {}, "a"],
  ["a number, where text is meant", { type: "str" }, 5],
  ["nothing, where nothing must be", {}, undefined],
  ["null, which stands for nothing", { type: "int" }, null],
  ["a path", { type: "path" }, "/srv"],
  ["a whole number", { type: "int" }, 5],
  ["digits", { type: "int" }, "5"],
  ["a number", { type: "float" }, 0.5],
  ["a number as text", { type: "float" }, "0.5"],
  ["a truth", { type: "bool" }, false],
  ["a truth in words", { type: "bool" }, "Yes"],
  ["a list", { type: "list" }, []],
  ["a list of its elements", { type: "list", elements: "int" }, [1, "2"]],
  ["a mapping", { type: "dict" }, { a: 1 }],
  ["anything", { type: "raw" }, { a: [1] }],
  ["a type that nobody knows", { type: "jsonarg" }, { a: [1] }],
  ["one of the choices", { choices: ["a", "b"] }, "b"],
  ["a number of the choices, as text", { choices: [1, 2] }, "2"],
  ["a list of choices", { type: "list", choices: ["a", "b"] }, ["a", "b"]],
  ["options all the way down", { type: "dict", options: { port: { type: "int", required: true } } }, { port: 5000 }],
  ["options of each item", { type: "list", elements: "dict", options: { port: { type: "int" } } }, [{ port: 1 }, {}]],
  ["a description that is none", "text", "a"],
])("takes %s", (_, option, value) => {
  expect(saidOf(option, value === undefined ? {} : { x: value })).toEqual({ changed: false, message: "all arguments are as described" });
});

test.each<[string, unknown, unknown, readonly string[]]>([
  ["nothing", { required: true }, undefined, ["x is required"]],
  ["null", { required: true, description: ["The port.", "More."] }, null, ["x is required (The port.)"]],
  ["a mapping for text", {}, { a: 1 }, ['x must be text, not {"a":1}']],
  ["a number for a path", { type: "path" }, 1, ["x must be a path, not 1"]],
  ["half a number", { type: "int" }, 0.5, ["x must be a whole number, not 0.5"]],
  ["empty text for a number", { type: "int" }, "", ['x must be a whole number, not ""']],
  ["text for a number", { type: "float" }, "a", ['x must be a number, not "a"']],
  ["perhaps", { type: "bool" }, "perhaps", ['x must be true or false, not "perhaps"']],
  ["text for a list", { type: "list" }, "a", ['x must be a list, not "a"']],
  ["a list for a mapping", { type: "dict" }, [], ["x must be a mapping, not []"]],
  ["what is no choice, and nearly one", { choices: ["present", "absent"] }, "presnt", ['x must be one of present, absent, not "presnt" (did you mean "present"?)']],
  ["what is like no choice", { choices: ["a", "b"] }, "zebra", ['x must be one of a, b, not "zebra"']],
  ["an item that is no choice", { type: "list", choices: ["a"] }, ["a", "zebra"], ['x must be one of a, not "zebra"']],
  ["items of other types", { type: "list", elements: "int" }, [1, "a", {}], ['x[1] must be a whole number, not "a"', "x[2] must be a whole number, not {}"]],
  ["what is missing inside", { type: "dict", options: { tls: { type: "dict", options: { cert: { required: true } } } } }, { tls: {} }, ["x.tls.cert is required"]],
  ["what is wrong in an item", { type: "list", elements: "dict", options: { port: { type: "int" } } }, [{}, { port: "a" }], ['x[1].port must be a whole number, not "a"']],
])("refuses %s", (_, option, value, wrong) => {
  expect(saidOf(option, value === undefined ? {} : { x: value })).toEqual({ changed: false, failed: wrong.join("; "), data: { argument_errors: wrong } });
});

test("all mistakes are told at once", () => {
  const spec = { a: { required: true }, b: { type: "int" }, c: {} };
  expect(act({ argument_spec: spec, provided_arguments: { b: "x" } }).data).toEqual({ argument_errors: ["a is required", 'b must be a whole number, not "x"'] });
});

test.each<[Record<string, unknown>, string]>([
  [{}, 'validate_argument_spec: "argument_spec" is missing'],
  [{ argument_spec: [] }, 'validate_argument_spec: "argument_spec" must be a mapping'],
])("bad arguments: %j", (raw, message) => {
  expect(badArguments(raw)).toBe(message);
});
