import * as arg from "../../src/modules/args.ts";
import { defineAction } from "../../src/modules/contract.ts";
import { describeMarkdown, describeText } from "../../src/modules/describe.ts";
import { registry } from "../../src/modules/registry.ts";

const sample = defineAction({
  name: "sample",
  summary: "Show what a page is made of.",
  notes: "\n* One rule, which is long enough that it does not fit on a line of a terminal, and so goes on below its first word.\n* Another | rule.\n\n| a | b |\n|---|---|\n",
  args: {
    cmd: arg.text("What `a|b` runs."),
    state: arg.withDefault(arg.oneOf(["up", "down"], "Whether it is up."), "up"),
    words: arg.withDefault(arg.listOf(arg.text("A word."), "Its words."), ["a b"]),
    port: arg.optional(arg.port("Its port.")),
    mode: arg.withDefault(arg.fileMode("Its mode."), "0644"),
    env: arg.withDefault(arg.textMap("Its environment."), {}),
    token: arg.optional(arg.secret("Its password.")),
    any: arg.optional(arg.anything("Any.")),
  },
  freeForm: "cmd",
  examples: [{ title: "Once", yaml: "sample:\n  cmd: ls\nwhen: a == 1" }],
  steps: () => [],
  outcome: () => ({ changed: false }),
});

test("a page for the web", () => {
  expect(describeMarkdown(sample)).toBe(`# sample

Show what a page is made of.

An action: it runs whenever it is reached.

## Examples

Once:

\`\`\`yaml
- sample:
    cmd: ls
  when: a == 1
\`\`\`

## Arguments

| argument | takes | default | what it says |
|---|---|---|---|
| \`cmd\` | text | required | What \`a\\|b\` runs. |
| \`state\` | up or down | \`up\` | Whether it is up. |
| \`words\` | a list of texts | \`["a b"]\` | Its words. |
| \`port\` | a whole number, 1 to 65535 |  | Its port. |
| \`mode\` | text | \`0644\` | Its mode. |
| \`env\` | a mapping | \`{}\` | Its environment. |
| \`token\` | text, never shown |  | Its password. |
| \`any\` | any value |  | Any. |

\`sample: TEXT\` is short for \`sample: { cmd: TEXT }\`; other arguments then go under \`args:\`.

## Rules

* One rule, which is long enough that it does not fit on a line of a terminal, and so goes on below its first word.
* Another | rule.

| a | b |
|---|---|
`);
});

test("a page for the terminal", () => {
  expect(describeText(sample)).toBe(`sample: Show what a page is made of.
  An action: it runs whenever it is reached.

Examples:

  # Once
  - sample:
      cmd: ls
    when: a == 1

Arguments:
  cmd (text; required)
      What \`a|b\` runs.
  state (up or down; default up)
      Whether it is up.
  words (a list of texts; default ["a b"])
      Its words.
  port (a whole number, 1 to 65535)
      Its port.
  mode (text; default 0644)
      Its mode.
  env (a mapping; default {})
      Its environment.
  token (text, never shown)
      Its password.
  any (any value)
      Any.

  \`sample: TEXT\` is short for \`sample: { cmd: TEXT }\`; other arguments then go under \`args:\`.

Rules:

  * One rule, which is long enough that it does not fit on a line of a terminal, and so goes on
    below its first word.
  * Another | rule.

  | a | b |
  |---|---|
`);
});

/** The words that an argument may be stand on one line, however many there are. */
function isListOfWords(line: string): boolean {
  return /^ {2}\w+ \((\w+, )+\w+ or \w+(; [^)]*)?\)$/.test(line);
}

test.each([...registry.values()].map((module) => [module.name, module] as const))("the page of %s fits a terminal, but for its examples and tables", (_, module) => {
  const examples = new Set(module.examples.flatMap(({ yaml }) => yaml.split("\n").map((line) => line.trim())));
  const long = describeText(module).split("\n").filter((line) => line.length > 100 && !line.startsWith("  |") && !isListOfWords(line) && ![...examples].some((example) => line.endsWith(example)));
  expect(long).toEqual([]);
});
