import fc, { type Arbitrary } from "fast-check";
import { condition, names, plainTask, seldom, single, slotTask, task, type Words } from "./_tasks.ts";

/** A program, the machines that it runs on, and how it is run: all that one run needs, as plain data. */
export interface Sample {
  /** For each host which machine it is; two hosts with one machine are two names of it. */
  readonly machines: readonly number[];
  /** What lies on every machine before the run: `d` or `d/f` as a directory, a text, or a link. */
  readonly trees: readonly (readonly [name: string, what: Thing])[];
  readonly plays: readonly Words[];
  /** The tasks of the two files that tasks include. */
  readonly includes: readonly (readonly Words[])[];
  /** One run after the other on the same machines. */
  readonly modes: readonly Mode[];
  readonly forks: number;
  readonly tags: readonly string[];
}

export type Thing = { readonly kind: "directory" | "file" | "link"; readonly mode: number; readonly text: string };
type Mode = "run" | "check" | "status";

const block: Arbitrary<Words> = fc
  .record(
    {
      block: fc.array(plainTask, { minLength: 1, maxLength: 4 }),
      rescue: fc.array(plainTask, { minLength: 1, maxLength: 2 }),
      always: fc.array(plainTask, { minLength: 1, maxLength: 2 }),
      when: condition,
      ignore_errors: fc.boolean(),
      check_mode: fc.boolean(),
      environment: fc.constant({ B: "1" }),
    },
    { requiredKeys: ["block"] },
  )
  .map((words) => ({ ...words }));

const include: Arbitrary<Words> = fc
  .tuple(fc.constantFrom("one.yml", "two.yml"), seldom(3, condition), seldom(3, fc.constantFrom(["x"], ["x", "y"])))
  .map(([file, when, loop]) => ({ include_tasks: file, ...(when === null ? {} : { when }), ...(loop === null ? {} : { loop, loop_control: { loop_var: "round" } }) }));

const part: Arbitrary<Words> = fc.oneof({ weight: 12, arbitrary: task }, { weight: 2, arbitrary: block }, { weight: 1, arbitrary: include });

const handlers: Arbitrary<readonly Words[]> = fc
  .tuple(single, single, single)
  .map(([first, second, third]) => [handler(first, { name: "h0" }), handler(second, { name: "h1", listen: "topic" }), handler(third, { name: "h2", listen: "topic" })]);

/** A handler that notifies would have to name those behind it. */
function handler({ notify: _, ...words }: Words, keys: Words): Words {
  return { ...words, ...keys };
}

const play: Arbitrary<Words> = fc
  .tuple(
    fc.constantFrom("all", "all", "all", "a", "b", "all:!a"),
    fc.array(part, { minLength: 3, maxLength: 18, size: "max" }),
    handlers,
    fc.record(
      {
        ignore_errors: fc.constantFrom(true, true, true, false),
        serial: seldom(4, fc.constantFrom(1, 2)),
        max_fail_percentage: seldom(6, fc.constantFrom(0, 50)),
        force_handlers: seldom(6, fc.constant(false)),
        any_errors_fatal: seldom(9, fc.constant(true)),
        order: seldom(6, fc.constant("reverse_inventory")),
      },
    ),
  )
  .map(([hosts, tasks, also, keys]) => ({ hosts, ...Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== null)), tasks, handlers: also }));

const thing: Arbitrary<readonly [string, Thing]> = fc.tuple(
  fc.constantFrom(...names),
  fc.record({ kind: fc.constantFrom("directory" as const, "file" as const, "link" as const), mode: fc.constantFrom(0o755, 0o644, 0o700), text: fc.constantFrom("one\n", "two\nk=1\n", "f", "d") }),
);

/** Two runs of the same kind in a row: the second finds most as it should be, and looks far ahead. */
const modes: Arbitrary<readonly Mode[]> = fc.constantFrom<readonly Mode[]>(["run"], ["run", "run"], ["check"], ["run", "status"], ["check", "run"], ["run", "check"], ["status"]);

const together: Arbitrary<Sample> = fc.record({
  machines: fc.constantFrom([0, 1], [0, 0], [0, 1, 0], [0, 1, 2, 1]),
  trees: fc.array(thing, { maxLength: 6 }),
  plays: fc.array(play, { minLength: 1, maxLength: 2 }),
  includes: fc.tuple(fc.array(plainTask, { minLength: 1, maxLength: 3 }), fc.array(plainTask, { minLength: 1, maxLength: 3 })),
  modes,
  forks: fc.constant(1),
  tags: fc.constantFrom<readonly string[]>([], [], [], [], [], ["t"]),
});

const apart: Arbitrary<Sample> = fc
  .tuple(together, fc.integer({ min: 1, max: 4 }), fc.constantFrom("linear", "free", "host_pinned"))
  .map(([sample, forks, strategy]) => ({ ...sample, machines: sample.machines.map((_, index) => index), forks, plays: sample.plays.map((each) => ({ ...alone(each), strategy })), includes: sample.includes.map((tasks) => tasks.map(alone)) }));

/** What one host does or finds that is another one's business. */
const ofOthers = ["delegate_to", "delegate_facts", "run_once", "any_errors_fatal", "max_fail_percentage"];

function alone(words: Words): Words {
  return JSON.parse(JSON.stringify(words, (key, value: unknown) => (ofOthers.includes(key) ? undefined : value === "clear_host_errors" ? "noop" : value)).replaceAll(/hostvars\.[ab]\./g, "")) as Words;
}

/** One machine under three names, changed from three sides at once. */
const crossing: Arbitrary<Sample> = fc.record({
  machines: fc.constant([0, 0, 0]),
  trees: fc.array(thing.filter(([, { kind }]) => kind !== "link"), { maxLength: 3 }),
  plays: fc.tuple(fc.array(slotTask, { minLength: 3, maxLength: 16, size: "max" }), slotTask).map(([tasks, last]) => [{ hosts: "all", tasks, handlers: [handler(last, { name: "h0" })] }]),
  includes: fc.constant([[{ meta: "noop" }], [{ meta: "noop" }]]),
  modes,
  forks: fc.constant(3),
  tags: fc.constant([]),
});

/**
 * Where hosts share a machine, or reach into each other's, only one is at work at a time and all keep step: what comes
 * of it must not depend on who is faster. Where they do not, many are at work, each at its own pace; and where they meet
 * only between two tasks, many are at work and all keep step.
 */
export const samples: Arbitrary<Sample> = fc.oneof({ weight: 2, arbitrary: together }, { weight: 1, arbitrary: apart }, { weight: 1, arbitrary: crossing });
