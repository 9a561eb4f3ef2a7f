import type * as z from "zod";
import type { Json, JsonObject } from "../core/json.ts";
import type { Script } from "../core/sh.ts";
import type { Answer, Step, Steps } from "../core/step.ts";
import { madeOf } from "./_lazy.ts";

/** The arguments of a module: a zod type for each, made by the helpers in args.ts so that every one has its words. */
export type ArgsShape = Readonly<Record<string, z.ZodType>>;

/** The arguments as a module gets them: rendered, checked, defaults filled in. */
export type Bound<Shape extends ArgsShape> = z.output<z.ZodObject<Shape>>;

/** A YAML snippet that is shown in the docs and bound by the contract test. */
export interface Example {
  readonly title: string;
  /** One task, as it stands in a playbook. */
  readonly yaml: string;
}

/** What every kind of module says about itself. */
export interface Description<Shape extends ArgsShape> {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Markdown for the module's page: rules it follows, with their source. */
  readonly notes?: string;
  readonly args: Shape;
  readonly examples: readonly Example[];
  /** The argument that a plain string stands for: `command: uptime`. */
  readonly freeForm?: string;
  /** Any name of a variable is an argument and reaches the module as it is: `set_fact: {name: value}`. */
  readonly freeKeys?: boolean;
  /** What other tools call an argument (`opts`) to its name here (`options`); only hints are made from it. */
  readonly otherNames?: Readonly<Record<string, string>>;
  /** What no single argument can tell: a sentence for each rule that these arguments break. */
  rules?(args: Bound<Shape>): readonly string[];
}

/** A thing on a host that is so or is made so. All but `observe` and `parse` are pure functions of plain data. */
export interface Resource<Shape extends ArgsShape, Seen> extends Description<Shape> {
  readonly kind: "resource";
  /** Looks, changes nothing, ends by itself within seconds. A missing tool is reported with {@link requireTool} of _observe.ts. */
  observe(args: Bound<Shape>): Script;
  /** How it is looked at together with its like; without it, each is looked at alone. */
  readonly together?: Together<Bound<Shape>>;
  /** Text to observation. */
  parse(answer: Answer, args: Bound<Shape>): Seen;
  /** The differences, in the order in which they are to be made; none when all is as it should be. Throws {@link refuse}. */
  plan(args: Bound<Shape>, seen: Seen): readonly Change[];
  /** The arguments for "this thing, brought down". A module without it is left alone by `down`. */
  down?(args: Bound<Shape>): Bound<Shape>;
  /** The line of `status`; without it, "no change planned" is up and anything else is down. */
  state?(args: Bound<Shape>, seen: Seen): ResourceState;
  /** What `register` sees beside `changed`, `failed` and the like. */
  result?(args: Bound<Shape>, seen: Seen): JsonObject;
  /** Observe again after a change and plan must be empty; a module that cannot hold to this says why here. */
  readonly proof?: "observe-again" | { readonly none: string };
  /** These arguments ask for what is done each time and leaves no mark, as a restart: a second look proves nothing. */
  once?(args: Bound<Shape>): boolean;
}

/** The family of things that a resource is one of, and what that family is to look at. */
export interface Together<Args> {
  readonly family: Family;
  /** Undefined for arguments whose look is better taken alone: one that reads much, or takes long. */
  subject(args: Args): unknown;
}

/**
 * Things that one script can look at together, so that a host starts no process for each of them. Modules may share a
 * family. Its methods are pure.
 */
export interface Family<Subject = unknown> {
  readonly name: string;
  /** `mark` is a word that nobody on the host knows, so nothing that is printed can pass for what stands between two answers. */
  script(subjects: readonly Subject[], mark: string): Script;
  /** What `observe` of each alone would have brought, to the byte, in their order; undefined for one that must be looked at alone. */
  answers(answer: Answer, count: number, mark: string): readonly (Answer | undefined)[];
}

/** Something that runs whenever it is reached. */
export interface Action<Shape extends ArgsShape> extends Description<Shape> {
  readonly kind: "action";
  /** It changes nothing on the host, so check mode runs it. */
  readOnly?(args: Bound<Shape>): boolean;
  /** Exit code 0 means that there is nothing to do (`creates`); the last line of its output says why. */
  probe?(args: Bound<Shape>): Script | undefined;
  /** What `register` sees when the probe found that there is nothing to do, and why. */
  idle?(args: Bound<Shape>, why: string): JsonObject;
  steps(args: Bound<Shape>): Steps;
  /** The answers in the order of the steps; a step that failed is the last one. */
  outcome(args: Bound<Shape>, answers: readonly Answer[]): Outcome;
}

/** Something that only the controller does. */
export interface Control<Shape extends ArgsShape> extends Description<Shape> {
  readonly kind: "control";
  /** Absent where the engine itself does it: what steers the play, and what brings tasks and variables. */
  act?(args: Bound<Shape>): Outcome & { readonly facts?: JsonObject; readonly wait?: Wait };
  /** Done once for all hosts of a batch, whatever `run_once` says. */
  readonly forAll?: true;
}

/** What a control asks for before the play goes on: time, an answer from a person, or whichever comes first. */
export interface Wait {
  readonly seconds?: number;
  readonly prompt?: string;
  /** Whether what is typed is shown. */
  readonly echo?: boolean;
}

export type Module<Shape extends ArgsShape = ArgsShape, Seen = unknown> = Resource<Shape, Seen> | Action<Shape> | Control<Shape>;

/** Name to module; handed to whoever needs it, never imported by the engine. */
export type Registry = ReadonlyMap<string, Module>;

/** One difference between what is and what should be. */
export interface Change {
  /** What will be done, as a person would say it: `mount /dev/vg/lv on /srv`. */
  readonly title: string;
  readonly before?: Json;
  readonly after?: Json;
  /** Texts to show as a diff. */
  readonly diff?: { readonly path: string; readonly before: string; readonly after: string };
  readonly steps: Steps;
  /** What the answers of the steps add to the report: `e2fsck corrected the filesystem: …`. */
  readonly remark?: (answers: readonly Answer[]) => string | undefined;
  /** The steps that take it back, made from what was observed, or why there are none. */
  readonly undo: readonly Step[] | { readonly impossible: string };
}

/** What an action or a control came to. */
export interface Outcome {
  readonly changed: boolean;
  /** Why it failed; absent when it did not. */
  readonly failed?: string;
  /** One line for the report. */
  readonly message?: string;
  /** What `register` sees. */
  readonly data?: JsonObject;
}

/** One line of `status`. */
export interface ResourceState {
  readonly state: "up" | "down" | "warn" | "n/a";
  /** What it is, short: `vgregistry`, `/dev/vg/lv@/srv`. */
  readonly label: string;
  /** The reasons under the line: "docker daemon is not running". */
  readonly remarks: readonly string[];
}

/** Types of arguments, observation and plan follow from the object; the registry holds it with the types put aside. */
export function defineResource<Shape extends ArgsShape, Seen>(resource: Omit<Resource<Shape, Seen>, "kind">): Resource<Shape, Seen> {
  return withLateArgs({ kind: "resource", ...resource });
}

export function defineAction<Shape extends ArgsShape>(action: Omit<Action<Shape>, "kind">): Action<Shape> {
  return withLateArgs({ kind: "action", ...action });
}

export function defineControl<Shape extends ArgsShape>(control: Omit<Control<Shape>, "kind">): Control<Shape> {
  return withLateArgs({ kind: "control", ...control });
}

/** The same module under a second name, with words of its own. */
export function alsoCalled<Known extends { readonly name: string }>(module: Known, words: Pick<Description<ArgsShape>, "name" | "summary" | "examples">): Known {
  const copy = Object.defineProperties({} as Known, Object.getOwnPropertyDescriptors(module));
  return Object.assign(copy, words);
}

/** Behind {@link lazily}, the arguments are made when they are asked for. */
function withLateArgs<Described extends { readonly args: object }>(module: Described): Described {
  const { args } = module;
  return Object.defineProperty(module, "args", { get: () => madeOf(args), enumerable: true });
}
