import { readFile } from "node:fs/promises";
import { problemsOf, type Problem } from "../../../src/core/errors.ts";
import { quote } from "../../../src/core/sh.ts";
import type { Answer, Step } from "../../../src/core/step.ts";
import { bindArgs } from "../../../src/modules/bind.ts";
import type { ArgsShape, Bound, Change, Resource, ResourceState } from "../../../src/modules/contract.ts";
import { toolProblem } from "../../../src/modules/_observe.ts";
import type { Machine } from "../machine.ts";

export type RawArgs = Readonly<Record<string, unknown>>;

/** A resource module at work on one machine, step by step as a run does it, without the rest of Bowline. */
export interface Driven<Seen> {
  /** The titles of what would be changed; the host is looked at twice, and both looks must see the same. */
  check(raw: RawArgs): Promise<readonly string[]>;
  /** Make it so, and prove it: afterwards there is nothing left to do. */
  converge(raw: RawArgs): Promise<Converged<Seen>>;
  /** The problem that a look and a plan end with: before anything is done. */
  refusal(raw: RawArgs): Promise<Problem>;
  /** The answer of the step that fails while converging. */
  failure(raw: RawArgs): Promise<Answer & { readonly title: string }>;
  state(raw: RawArgs): Promise<ResourceState>;
  observe(raw: RawArgs): Promise<Seen>;
  /** The arguments for "brought down", as a playbook would have to say them. */
  down(raw: RawArgs): RawArgs;
}

export interface Converged<Seen> {
  readonly changes: readonly string[];
  readonly remarks: readonly string[];
  /** The answers of all steps, in order. */
  readonly answers: readonly Answer[];
  readonly before: Seen;
  readonly after: Seen;
  /** Take the changes back, the last one first; gives the observation after it. Throws when a change has no undo. */
  undo(): Promise<Seen>;
}

/** A step ended with an exit code that it does not accept. */
export class StepFailed extends Error {
  readonly title: string;
  readonly answer: Answer;

  constructor(title: string, answer: Answer) {
    super(`${title}: exit code ${answer.code}\n${answer.stdout}${answer.stderr}`);
    this.title = title;
    this.answer = answer;
  }
}

export function drive<Shape extends ArgsShape, Seen>(machine: Machine, module: Resource<Shape, Seen>): Driven<Seen> {
  const at = { file: "test.yml", line: 1, column: 1 };
  const bind = (raw: RawArgs) => bindArgs(module, raw, () => at, at);

  const look = async (args: Bound<Shape>) => {
    const answer = await machine.exec(module.observe(args).text);
    const problem = toolProblem(answer);
    if (problem) throw new Error(`${problem.message}; ${problem.hint}`, { cause: problem });
    if (answer.code !== 0) throw new StepFailed("observe", answer);
    return module.parse(answer, args);
  };
  const titles = (changes: readonly Change[]) => changes.map((change) => change.title);

  const check = async (raw: RawArgs) => {
    const args = bind(raw);
    const first = await look(args);
    const second = await look(args);
    expect(second).toEqual(first);
    return titles(module.plan(args, second));
  };
  const converge = async (raw: RawArgs): Promise<Converged<Seen>> => {
    const args = bind(raw);
    const before = await look(args);
    const changes = module.plan(args, before);
    const answers: Answer[] = [];
    const remarks: string[] = [];
    for (const change of changes) {
      const own = await perform(machine, change);
      answers.push(...own);
      const remark = change.remark?.(own);
      if (remark !== undefined) remarks.push(remark);
    }
    const after = changes.length === 0 ? before : await look(args);
    if (typeof module.proof !== "object") expect(titles(module.plan(args, after))).toEqual([]);
    const undo = async () => {
      for (const change of [...changes].reverse()) {
        if ("impossible" in change.undo) throw new Error(`${change.title}: no undo, ${change.undo.impossible}`);
        for (const step of change.undo) await performStep(machine, step);
      }
      return look(args);
    };
    return { changes: titles(changes), remarks, answers, before, after, undo };
  };
  return {
    check,
    converge,
    refusal: (raw) => problemOf(converge(raw)),
    failure: async (raw) => {
      const error = await converge(raw).then(() => undefined, (reason: unknown) => reason);
      if (!(error instanceof StepFailed)) throw error ?? new Error("no step failed");
      return { ...error.answer, title: error.title };
    },
    state: async (raw) => {
      const args = bind(raw);
      return module.state!(args, await look(args));
    },
    observe: (raw) => look(bind(raw)),
    down: (raw) => ({ ...raw, ...(module.down!(bind(raw)) as RawArgs) }),
  };
}

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  const error = await work.then(() => undefined, (reason: unknown) => reason);
  if (error === undefined) throw new Error("nothing was refused");
  if (error instanceof Error && typeof error.cause === "object" && error.cause !== null && "code" in error.cause) return error.cause as Problem;
  const [problem] = problemsOf(error);
  if (problem.code === "E_BUG") throw error;
  return problem;
}

async function perform(machine: Machine, change: Change): Promise<Answer[]> {
  const answers: Answer[] = [];
  if (typeof change.steps !== "function") {
    for (const step of change.steps) answers.push(await performStep(machine, step));
    return answers;
  }
  const conversation = change.steps();
  for (let next = conversation.next(); !next.done; ) {
    const answer = await performStep(machine, next.value);
    answers.push(answer);
    next = conversation.next(answer);
  }
  return answers;
}

async function performStep(machine: Machine, step: Step): Promise<Answer> {
  switch (step.kind) {
    case "run": {
      const stdin = step.stdin === undefined ? {} : { stdin: typeof step.stdin === "string" ? step.stdin : Buffer.from(step.stdin) };
      const limit = step.timeout === undefined ? {} : { timeoutMs: step.timeout * 1000 };
      const answer = await machine.exec(step.script.text, { ...stdin, ...limit });
      if (!(step.accept ?? [0]).includes(answer.code)) throw new StepFailed(step.title ?? step.script.text, answer);
      return answer;
    }
    case "put": {
      const content = "text" in step.content ? Buffer.from(step.content.text) : await readFile(step.content.file.path);
      const owner = `${step.owner ?? ""}:${step.group ?? ""}`;
      const path = quote(step.path);
      const script = `t=$(mktemp ${path}.XXXXXX) && chmod ${step.mode} "$t" && { [ ${quote(owner)} = : ] || chown ${quote(owner)} "$t"; } && cat >"$t" && mv -T "$t" ${path}`;
      const answer = await machine.exec(script, { stdin: content });
      if (answer.code !== 0) throw new StepFailed(`put ${step.path}`, answer);
      return answer;
    }
    case "fetch": {
      const answer = await machine.exec(`[ "$(stat -c %s ${quote(step.path)})" -le ${step.limit} ] && cat ${quote(step.path)}`);
      if (answer.code !== 0) throw new StepFailed(`fetch ${step.path}`, answer);
      return answer;
    }
    case "reconnect":
      throw new Error("the harness has no connection to lose");
    default:
      return step satisfies never;
  }
}
