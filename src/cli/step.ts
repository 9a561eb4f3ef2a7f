import { BowlineError } from "../core/errors.ts";
import { askLine } from "./ask.ts";

/** `--step`: asks before each task, once nothing moves on the terminal any more. Enter is no, as with ansible-playbook. */
export function stepper(settled: () => Promise<void>): (task: string) => Promise<boolean> {
  let isAsked = true;
  const ask = async (task: string): Promise<boolean> => {
    const answer = (await askLine(`do "${task}"? (N)o, (y)es, (c)ontinue without asking: `)).trim().toLowerCase();
    const meant = answers[answer];
    if (!meant) return ask(task);
    isAsked = meant !== "continue";
    return meant !== "no";
  };
  return async (task) => {
    if (!isAsked) return true;
    await settled();
    return ask(task);
  };
}

const answers: Readonly<Record<string, "no" | "yes" | "continue">> = { "": "no", n: "no", no: "no", y: "yes", yes: "yes", c: "continue", continue: "continue" };

/** E_OPTIONS when there is nobody to ask. */
export function checkStep(): void {
  if (process.stdin.isTTY) return;
  throw new BowlineError({ code: "E_OPTIONS", message: "--step asks before each task, and standard input is no terminal", hint: "leave it out, or name the tasks with --start-at-task or --tags" });
}
