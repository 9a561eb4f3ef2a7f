import { BowlineError, problemsOf, throwProblems } from "../../core/errors.ts";
import { together } from "../together.ts";
import { parseYaml } from "../yaml.ts";
import { sealedIn, type SealedNode } from "./reveal.ts";

/** What takes the place of a sealed value: the tag, and the text below it. */
export interface Resealed {
  readonly tag: string;
  readonly text: string;
}

/**
 * A YAML file with its sealed values exchanged, and everything else as it was, to the letter: comments, order, blanks.
 * Values must stand as blocks, as `secrets encrypt-value` and ansible-vault write them.
 */
export async function withValuesResealed(text: string, file: string, reseal: (node: SealedNode) => Promise<Resealed>): Promise<string> {
  const nodes = sealedIn(parseYaml(text, file));
  const lines = text.split("\n");
  throwProblems(nodes.filter((node) => !head.test(lines[node.at.line - 1] ?? "")).map(({ at }) => ({ code: "E_SECRET", message: "only a value that stands as a block can be exchanged", at, expected: "name: !secret |, and the text on the lines below" })));
  const resealed = await together(nodes.map(reseal));
  // From the last to the first, so that the lines of those before stay where they are.
  const jobs = nodes.map((node, index) => ({ line: node.at.line, made: resealed[index]! })).sort((left, right) => right.line - left.line);
  for (const { line, made } of jobs) exchange(lines, line, made);
  return checked(lines.join("\n"), file);
}

const head = /!(secret|vault|vault-encrypted)\s+\|[-+]?\s*(#.*)?\r?$/;

function exchange(lines: string[], line: number, { tag, text }: Resealed): void {
  const indent = /^ */.exec(lines[line] ?? "")![0];
  let end = line;
  while (end < lines.length && lines[end]!.startsWith(indent) && lines[end]!.trim() !== "") end += 1;
  lines.splice(line - 1, 1 + end - line, lines[line - 1]!.replace(head, (words) => words.replace(/^!\S+/, tag)), ...text.trimEnd().split("\n").map((each) => `${indent}${each}`));
}

/** What is not a YAML file any more must not take the place of one. */
function checked(text: string, file: string): string {
  try {
    parseYaml(text, file);
    return text;
  } catch (error) {
    throw new BowlineError({ code: "E_BUG", message: `${file} would not be YAML any more: ${problemsOf(error)[0].message}` }, { cause: error });
  }
}
