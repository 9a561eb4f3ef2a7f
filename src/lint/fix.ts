import { BowlineError } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import type { Parse } from "./file.ts";
import type { Finding, Fix } from "./rule.ts";
import { edited, type Edit } from "./text.ts";

/** A file with what could be mended in it mended, and the findings that are gone by it. */
export interface Fixed {
  readonly text: string;
  readonly fixed: readonly Finding[];
}

/**
 * Applies the fixes of a file's findings, each only when the YAML afterwards means what it should: the same, or the
 * same but for one value. All are tried together first; where that is not as it should be, one by one.
 */
export function fixed(text: string, findings: readonly Finding[], parse: Parse): Fixed {
  const before = parsed(text, parse);
  if (before === undefined) return { text, fixed: [] };
  const isRight = (mended: readonly Mended[]) => {
    const after = parsed(edited(text, editsOf(mended)), parse);
    return after !== undefined && differences(before, after) === mended.filter(({ fix }) => fix.changes === "one value").length;
  };
  const apart = findings.filter(isMended).reduce<Mended[]>((taken, finding) => (taken.some(({ fix }) => meets(fix, finding.fix)) ? taken : [...taken, finding]), []);
  const right = isRight(apart) ? apart : apart.filter((finding) => isRight([finding]));
  return { text: edited(text, editsOf(right)), fixed: right };
}

type Mended = Finding & { readonly fix: Fix };

function isMended(finding: Finding): finding is Mended {
  return finding.fix !== undefined;
}

function editsOf(mended: readonly Mended[]): readonly Edit[] {
  return mended.flatMap(({ fix }) => fix.edits);
}

function parsed(text: string, parse: Parse): SourceNode | undefined {
  try {
    return parse(text, "");
  } catch (error) {
    if (error instanceof BowlineError) return undefined;
    throw error;
  }
}

/** Two fixes that touch wait for each other: the second one is found again in the text that the first one has left. */
function meets(left: Fix, right: Fix): boolean {
  return left.edits.some((one) => right.edits.some((other) => one.from <= other.to && other.from <= one.to));
}

/** The number of values that are not the same, and of mappings and lists whose own keys or length are not. */
function differences(left: SourceNode, right: SourceNode): number {
  if (left.kind === "mapping" && right.kind === "mapping") {
    const others = new Map(right.entries.map(({ key, value }) => [key, value]));
    const shared = left.entries.filter(({ key }) => others.has(key));
    const own = left.entries.length === right.entries.length && shared.length === left.entries.length ? 0 : 1;
    return shared.reduce((sum, { key, value }) => sum + differences(value, others.get(key)!), own);
  }
  if (left.kind === "sequence" && right.kind === "sequence") {
    const own = left.items.length === right.items.length ? 0 : 1;
    return left.items.slice(0, right.items.length).reduce((sum, item, index) => sum + differences(item, right.items[index]!), own);
  }
  return sameLeaf(left, right) ? 0 : 1;
}

function sameLeaf(left: SourceNode, right: SourceNode): boolean {
  if (left.kind === "scalar" && right.kind === "scalar") return left.value === right.value;
  return left.kind === "expression" && right.kind === "expression" && left.source === right.source;
}
