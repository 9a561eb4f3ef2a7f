import { entryOf, nodeOf, type SourceNode } from "../core/node.ts";
import type { Position } from "../core/position.ts";
import type { Definition } from "../core/scope.ts";
import type { Secret } from "../core/secret.ts";
import { checkKeys, kindOf, Reader, type Problems } from "./shape.ts";

/** A variable that a play asks a person for. */
export interface Prompt {
  readonly name: string;
  readonly at: Position;
  readonly question: string;
  readonly isPrivate: boolean;
  readonly confirm: boolean;
  /** What Enter alone means. */
  readonly otherwise?: string;
}

/** What was answered; undefined: not asked yet, so that it is asked before the next attempt. */
export type Answers = (prompt: Prompt) => string | Secret | undefined;

const promptKeys = ["name", "prompt", "default", "private", "confirm", "unsafe"] as const;

/** `vars_prompt`: a variable that was given with -e is not asked for. */
export function promptVariables(reader: Reader, given: readonly Definition[], answers: Answers, problems: Problems): Definition[] {
  return reader.sequence("vars_prompt").flatMap((node) => {
    const prompt = promptOf(node, problems);
    if (!prompt || given.some((definition) => definition.level === "extra vars" && definition.name === prompt.name)) return [];
    const answer = answers(prompt);
    return [{ name: prompt.name, value: answerNode(answer ?? prompt.otherwise ?? "", prompt), level: "vars_prompt" as const }];
  });
}

function promptOf(node: SourceNode, problems: Problems): Prompt | undefined {
  if (node.kind !== "mapping") {
    problems.add(node.at, `an item of "vars_prompt" must be a mapping, not ${kindOf(node)}`, { hint: "write: - name: variable and prompt: the question" });
    return undefined;
  }
  checkKeys(node, promptKeys, { what: "vars_prompt", later: (key) => (/^(encrypt|salt)/.test(key) ? "hash it where it is used: password_hash(name)" : undefined) }, problems);
  const reader = new Reader(node, problems);
  const name = reader.identifier("name");
  if (name === undefined) {
    if (!reader.entry("name")) problems.add(node.at, 'this prompt has no "name"', { hint: "name the variable that gets the answer" });
    return undefined;
  }
  const otherwise = entryOf(node, "default")?.value;
  return {
    name,
    at: node.at,
    question: reader.text("prompt") ?? name,
    isPrivate: reader.flag("private") ?? true,
    confirm: reader.flag("confirm") ?? false,
    ...(otherwise?.kind === "scalar" && otherwise.value !== null ? { otherwise: String(otherwise.value) } : {}),
  };
}

/** What a person typed is no template; a secret stays one. */
function answerNode(answer: string | Secret, { at }: Prompt): SourceNode {
  if (typeof answer === "string") return nodeOf(answer, at);
  return { kind: "scalar", value: answer.reveal(), at, secret: true } as SourceNode;
}
