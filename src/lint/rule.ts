import type { Position } from "../core/position.ts";
import type { Registry } from "../modules/contract.ts";
import type { Condition, LintFile, Play, Task, Variable } from "./file.ts";
import type { Edit } from "./text.ts";

/** How strict a project is with itself; each profile has the rules of those before it. */
export const profiles = ["min", "basic", "moderate", "safety", "shared", "production"] as const;
export type Profile = (typeof profiles)[number];

export type Severity = "error" | "warning";

/** How to mend a finding without a person. */
export interface Fix {
  readonly edits: readonly Edit[];
  /** `nothing`: the YAML means the same afterwards. `one value`: one key or value is another, in one mapping. */
  readonly changes: "nothing" | "one value";
}

/** What a rule says about one place. */
export interface Remark {
  readonly at: Position;
  /** The cause, on one line. */
  readonly message: string;
  readonly expected?: string;
  readonly seen?: string;
  readonly hint?: string;
  readonly fix?: Fix;
}

/** A remark, and whose it is. */
export interface Finding extends Remark {
  readonly rule: string;
  readonly severity: Severity;
}

/** What a rule may look at: it is called once for each. */
export interface Looks {
  readonly file: LintFile;
  readonly play: Play;
  readonly task: Task;
  readonly condition: Condition;
  readonly variable: Variable;
}

/** One row of the rule table. */
export interface Rule {
  readonly id: string;
  /** What is so where the rule is kept, in one sentence. */
  readonly summary: string;
  /** What goes wrong where it is not. */
  readonly why: string;
  readonly severity: Severity;
  /** The first profile that has it. */
  readonly profile: Profile;
  /** `--fix` mends what it finds, all or some. */
  readonly fixable?: boolean;
  /** Rules that say the same in more general words, and are not heard where this one has a remark. */
  readonly insteadOf?: readonly string[];
  readonly examples: { readonly bad: Example; readonly good: Example };
  readonly look: { readonly [Kind in keyof Looks]?: (thing: Looks[Kind], context: Context) => readonly Remark[] };
}

/** A file as it stands in docs/lint.md; the tests lint it. */
export interface Example {
  /** Its path in a project, which says what kind of file it is; a playbook if it is left out. */
  readonly path?: string;
  readonly text: string;
}

/** What a rule can ask beside the one thing that it looks at. */
export interface Project {
  readonly registry: Registry;
  readonly files: readonly LintFile[];
  /** Every word that may stand in a task beside its module. */
  readonly taskKeys: readonly string[];
  /** What does the work of a module that there is not. */
  readonly otherModule: (name: string) => string | undefined;
  /** What the compiler says about a playbook. */
  readonly compiled: ReadonlyMap<string, readonly Remark[]>;
  /** The ids of all rules. */
  readonly ruleIds: readonly string[];
}

/** The project, and the file that is looked at. */
export interface Context extends Project {
  readonly file: LintFile;
}
