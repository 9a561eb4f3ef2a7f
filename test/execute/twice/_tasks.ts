import fc, { type Arbitrary } from "fast-check";

/** A task, block or play as it stands in YAML. A text that begins with `!expr ` is an expression. */
export type Words = { readonly [key: string]: unknown };

/** Few, so that tasks often meet at the same thing; `d` and `d/e` are directories in one program and files or links in the next. */
export const names = ["d", "d/f", "d/e", "d/e/g", "f", "g", "l"] as const;

const name = fc.constantFrom(...names);

/** What the variable `root` says is the machine of a host. */
const ownPath = name.map((each) => `{{ root }}/${each}`);
const otherPath = fc.tuple(fc.constantFrom("a", "b"), name).map(([host, each]) => `{{ hostvars.${host}.root }}/${each}`);
const madePath = fc.constantFrom("{{ root }}/{{ v0 }}", "{{ root }}/d/{{ v1 }}", "{{ root }}/{{ default r0.stdout 'g' }}");
const path = fc.oneof({ weight: 12, arbitrary: ownPath }, { weight: 1, arbitrary: otherPath }, { weight: 2, arbitrary: madePath });

const mode = fc.constantFrom("0755", "0700", "0644", "0600");

const text = fc.constantFrom(
  "one\n",
  "two\n",
  "",
  "{{ v0 }}\n",
  "{{ inventory_hostname }}\n",
  "{{ inventory_hostname }}\n",
  "{{ inventory_hostname }} {{ v1 }}\n",
  "{{ r0.changed }} {{ default r1.stdout 'none' }}\n",
  "!expr string(default(r2.stat.exists, false)) + '\\n'",
  // What the controller finds when the task is reached is what counts, and how often it looks must not show.
  "!expr lookup('pipe', 'cat ' + root + '/f 2>/dev/null || echo none') + '\\n'",
  "!expr lookup('pipe', 'echo . >> ' + root + '/count; wc -l < ' + root + '/count') + '\\n'",
  "!expr string(length(query('fileglob', root + '/d/*'))) + '\\n'",
);

/** A mapping of which each optional key may be absent. */
function some(always: Readonly<Record<string, Arbitrary<unknown>>>, perhaps: Readonly<Record<string, Arbitrary<unknown>>> = {}): Arbitrary<Words> {
  return fc.record({ ...always, ...perhaps }, { requiredKeys: Object.keys(always) });
}

/** Null so many times as often as not. */
export function seldom<Value>(times: number, arbitrary: Arbitrary<Value>): Arbitrary<Value | null> {
  return fc.oneof({ weight: times, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

type OfPath = (path: Arbitrary<string>) => Arbitrary<Words>;

/** What is looked at before it is done, and often not done. */
const resources: readonly OfPath[] = [
  (at) => some({ path: at }, { mode }).map((directory) => ({ directory })),
  (at) => some({ path: at, state: fc.constant("absent") }, { recurse: fc.boolean(), not_empty: fc.constantFrom("keep", "refuse") }).map((directory) => ({ directory })),
  (at) => some({ dest: at, content: text }, { mode }).map((copy) => ({ copy })),
  (at) => some({ dest: at, src: fc.constant("!expr lookup('first_found', root + '/d/f', root + '/f', 'plain.hbs')") }).map((copy) => ({ copy })),
  (at) => some({ dest: at, src: fc.constantFrom("plain.hbs", "{{ v0 }}.hbs", "looks.hbs") }).map((template) => ({ template })),
  (at) => some({ path: at }, { mode, state: fc.constantFrom("file", "directory", "absent") }).map((file) => ({ file })),
  (at) => some({ path: at, state: fc.constant("directory") }, { mode, recurse: fc.boolean() }).map((file) => ({ file })),
  (at) => some({ path: at, state: fc.constant("touch") }, { mode, modification_time: fc.constant("preserve"), access_time: fc.constant("preserve") }).map((file) => ({ file })),
  (at) => some({ path: at, state: fc.constant("link"), src: fc.constantFrom("{{ root }}/f", "{{ root }}/g", "{{ root }}/l", "{{ root }}/d", "f") }, { force: fc.boolean() }).map((file) => ({ file })),
  (at) => some({ path: at, state: fc.constant("hard"), src: ownPath }, { force: fc.boolean() }).map((file) => ({ file })),
  (at) => some({ path: at, line: fc.constantFrom("one", "k=1", "k=2", "k={{ v0 }}") }, { regexp: fc.constant("^k="), create: fc.boolean(), state: fc.constantFrom("present", "absent") }).map((lineinfile) => ({ lineinfile })),
  (at) => some({ path: at, block: fc.constantFrom("x", "y\nz", "{{ v1 }}") }, { create: fc.boolean(), state: fc.constantFrom("present", "absent") }).map((blockinfile) => ({ blockinfile })),
  (at) => some({ path: at, regexp: fc.constantFrom("one", "k=\\d"), replace: fc.constantFrom("two", "k=x") }).map((replace) => ({ replace })),
];

/** What is done whenever it is reached, and says nothing of what it changed. */
const lines = ["mkdir -p @", "rm -rf @", "echo shell > @", "echo more >> @", "chmod 0700 @", "ln -sfn f @", "test -e @", "cat @", "rm -rf @; mkdir -p @"];

const actions: readonly OfPath[] = [
  (at) => fc.tuple(fc.constantFrom(...lines), at).map(([line, found]) => ({ shell: line.replaceAll("@", `'${found}'`) })),
  (at) => fc.tuple(at, at).map(([made, known]) => ({ command: { argv: ["mkdir", "-p", made], creates: known } })),
  (at) => at.map((found) => ({ command: { argv: ["ls", found], read_only: true } })),
  (at) => at.map((found) => ({ stat: { path: found } })),
  (at) => at.map((found) => ({ slurp: { src: found } })),
];

export const condition = fc.constantFrom(
  "r0.changed",
  "!r0.changed",
  "default(r2.stat.exists, false)",
  "!default(r2.stat.exists, false)",
  "v0 == 'f'",
  "v1 != 'f'",
  "default(r1.rc, 0) == 0",
  "!r1.failed",
  // One host does what another one, on the same machine, has just looked at.
  ...["inventory_hostname == 'a'", "inventory_hostname != 'a'", "inventory_hostname == 'b'"].flatMap((each) => [each, each, each]),
  "lookup('pipe', 'test -e ' + root + '/d/f && echo yes || echo no') == 'yes'",
  "lookup('first_found', root + '/d/f', root + '/f', 'plain.hbs').endsWith('/f')",
);

const controls: readonly Arbitrary<Words>[] = [
  fc.record({ v0: fc.constantFrom("f", "g", "d", "plain", "{{ inventory_hostname }}") }).map((set_fact) => ({ set_fact })),
  fc.record({ v1: fc.constantFrom("f", "e", "{{ v0 }}", "!expr r0.changed ? 'e' : 'f'") }).map((set_fact) => ({ set_fact })),
  fc.constant({ debug: { msg: "{{ v0 }} {{ v1 }} {{ r0.changed }}" } }),
  condition.map((that) => ({ assert: { that } })),
  condition.map((when) => ({ fail: { msg: "no" }, when })),
];

/** Loops over what is known, over what the results say, and over what the controller finds. */
const loops: readonly (readonly [Arbitrary<Words>, string])[] = [
  [fc.uniqueArray(name, { minLength: 1, maxLength: 5 }).map((loop) => ({ loop })), "{{ root }}/{{ item }}"],
  [fc.array(name, { minLength: 1, maxLength: 4 }).map((items) => ({ with_items: items })), "{{ root }}/{{ item }}"],
  [fc.constant({ loop: ["{{ v0 }}", "{{ v1 }}", "d"] }), "{{ root }}/{{ item }}"],
  [fc.constantFrom("r0", "r1").map((from) => ({ loop: `!expr default(${from}.results, [])` })), "{{ root }}/{{ default item.item 'g' }}"],
  [fc.constant({ with_fileglob: "{{ root }}/d/*" }), "{{ item }}"],
  [fc.constant({ with_lines: "echo . >> {{ root }}/count; echo {{ root }}/f; ls -d {{ root }}/d/* 2>/dev/null || true" }), "{{ item }}"],
];

const loopControl = some({}, { index_var: fc.constant("place"), extended: fc.boolean(), break_when: condition, label: fc.constant("{{ v0 }}") });

const rarely: Readonly<Record<string, Arbitrary<unknown>>> = {
  check_mode: fc.constantFrom(true, false, "!expr r0.changed"),
  run_once: fc.constantFrom(true, "batch"),
  delegate_to: fc.constantFrom("a", "b", "localhost", "{{ inventory_hostname }}"),
  delegate_facts: fc.boolean(),
  throttle: fc.constant(1),
  timeout: fc.constant(60),
  environment: fc.constantFrom({ K: "1" }, { K: "{{ v0 }}" }),
  tags: fc.constantFrom(["t"], ["u"]),
  vars: fc.constantFrom({ w: "1" }, { v0: "d" }),
  no_log: fc.boolean(),
  diff: fc.boolean(),
  any_errors_fatal: fc.boolean(),
  changed_when: fc.constantFrom(false, true, "r0.changed"),
  failed_when: fc.constantFrom(false, "r0.changed"),
};

const tries: Arbitrary<Words> = fc.tuple(fc.constantFrom("!r0.failed", "r0.changed", "default(r0.stat.exists, true)"), fc.integer({ min: 0, max: 2 })).map(([until, retries]) => ({ register: "r0", until, retries, delay: 0 }));

/** One of many keys: most tasks have none of them. */
const oddity: Arbitrary<Words> = fc.oneof({ weight: 6, arbitrary: fc.constant({}) }, ...Object.entries(rarely).map(([key, value]) => ({ weight: 1, arbitrary: fc.record({ [key]: value }) })), { weight: 2, arbitrary: tries });

const usual: Arbitrary<Words> = fc
  .tuple(seldom(3, condition), seldom(2, fc.constantFrom("r0", "r1")), seldom(2, fc.constantFrom("h0", "h1", "topic")), fc.boolean())
  .map(([when, register, notify, ignores]) => ({
    ...(when === null ? {} : { when }),
    ...(register === null ? {} : { register }),
    ...(notify === null ? {} : { notify }),
    ...(ignores ? { ignore_errors: true } : {}),
  }));

/** What `stat` tells of is always in `r2`, so that conditions can count on it. */
function withKeys(module: Arbitrary<Words>): Arbitrary<Words> {
  return fc.tuple(module, usual, oddity).map(([words, keys, odd]) => ({ ...keys, ...odd, ...("stat" in words && !("until" in odd) ? { register: "r2" } : {}), ...words }));
}

export const single = withKeys(fc.oneof(...resources.map((each) => ({ weight: 4, arbitrary: each(path) })), ...actions.map((each) => ({ weight: 2, arbitrary: each(path) })), ...controls.map((arbitrary) => ({ weight: 1, arbitrary }))));

const looped = fc
  .oneof(...loops.map(([loop, item]) => ({ weight: 1, arbitrary: fc.tuple(loop, seldom(2, loopControl), withKeys(fc.oneof(...resources.map((each) => ({ weight: 2, arbitrary: each(fc.constant(item)) })), ...actions.map((each) => ({ weight: 1, arbitrary: each(fc.constant(item)) }))))) })))
  .map(([loop, control, task]) => ({ ...task, ...loop, ...(control ? { loop_control: control } : {}) }));

const meta = fc.constantFrom<Words>(
  { meta: "flush_handlers" },
  { meta: "clear_host_errors" },
  { meta: "reset_connection" },
  { meta: "end_host", when: "r0.changed && inventory_hostname == 'b'" },
  { meta: "noop" },
);

/** One task that holds no other. */
export const task: Arbitrary<Words> = fc.oneof({ weight: 16, arbitrary: single }, { weight: 4, arbitrary: looped }, { weight: 1, arbitrary: meta });

/** What a block, an include or a handler is made of. */
export const plainTask: Arbitrary<Words> = fc.oneof({ weight: 4, arbitrary: single }, { weight: 1, arbitrary: looped });

/** Paths of which no two hosts mean the same at the same task, as long as none is a link: `slots` holds the same names for each, each beginning at another one. */
const slot = fc.integer({ min: 0, max: 3 }).map((shift) => `{{ root }}/{{ slots.[${shift}] }}`);

const plainText = fc.constantFrom("one\n", "two\n");

const slotted: Arbitrary<Words> = fc.oneof(
  // One host takes away what another one has made right, and will want so again.
  { weight: 6, arbitrary: some({ dest: slot, content: plainText }).map((copy) => ({ copy })) },
  some({ path: slot }, { mode }).map((directory) => ({ directory })),
  some({ path: slot, state: fc.constant("absent"), recurse: fc.constant(true) }).map((directory) => ({ directory })),
  some({ dest: slot, content: plainText }, { mode }).map((copy) => ({ copy })),
  some({ path: slot, state: fc.constantFrom("absent", "directory") }).map((file) => ({ file })),
  some({ path: slot, state: fc.constant("file"), mode }).map((file) => ({ file })),
  some({ path: slot, line: fc.constantFrom("k=1", "one"), create: fc.boolean() }).map((lineinfile) => ({ lineinfile })),
  fc.tuple(fc.constantFrom(...lines.filter((line) => !line.startsWith("ln"))), slot).map(([line, found]) => ({ shell: line.replaceAll("@", `'${found}'`) })),
  slot.map((found) => ({ stat: { path: found }, register: "r2" })),
);

/** Hosts that do this side by side on one machine do not meet before the next task. */
export const slotTask: Arbitrary<Words> = fc
  .tuple(slotted, seldom(2, fc.constantFrom("r0.changed", "!r0.changed", "default(r2.stat.exists, false)", "inventory_hostname == 'a'", "inventory_hostname != 'a'", "inventory_hostname == 'b'")), seldom(2, fc.constant("r0")), seldom(3, fc.constant("h0")))
  .map(([words, when, register, notify]) => ({ ...(when === null ? {} : { when }), ...(register === null ? {} : { register }), ...(notify === null ? {} : { notify }), ignore_errors: true, ...words }));
