import { BowlineError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import type { Prompt } from "../pipeline.ts";
import { askLine, askSecret } from "./ask.ts";

/** Asks a person for a variable of vars_prompt. Where nobody can be asked its default counts; E_OPTIONS when it has none. */
export async function answerTo(prompt: Prompt): Promise<string | Secret> {
  if (!process.stdin.isTTY) return unasked(prompt);
  const first = await asked(prompt, prompt.question);
  if (!prompt.confirm) return first;
  const again = await asked(prompt, `confirm: ${prompt.question}`);
  if (textOf(first) === textOf(again)) return first;
  process.stderr.write("the two answers differ\n");
  return answerTo(prompt);
}

/** Where nothing is run nobody is asked. */
export function defaultAnswer({ otherwise = "" }: Prompt): Promise<string> {
  return Promise.resolve(otherwise);
}

async function asked(prompt: Prompt, question: string): Promise<string | Secret> {
  const { otherwise } = prompt;
  const shown = otherwise === undefined ? "" : prompt.isPrivate ? "its default" : otherwise;
  if (prompt.isPrivate) {
    const answer = await askSecret({ what: question, option: `-e ${prompt.name}=…`, ...(otherwise === undefined ? {} : { otherwise: shown }) });
    return answer.reveal() === "" && otherwise !== undefined ? new Secret(otherwise) : answer;
  }
  const answer = await askLine(`${question}${otherwise === undefined ? "" : ` (Enter: ${shown})`}: `);
  return answer === "" ? (otherwise ?? "") : answer;
}

function unasked({ name, at, otherwise, isPrivate }: Prompt): string | Secret {
  if (otherwise !== undefined) return isPrivate ? new Secret(otherwise) : otherwise;
  throw new BowlineError({ code: "E_OPTIONS", message: `cannot ask for "${name}": standard input is no terminal`, at, hint: `give it with -e ${name}=…, or @file; or give the prompt a default` });
}

function textOf(answer: string | Secret): string {
  return answer instanceof Secret ? answer.reveal() : answer;
}
