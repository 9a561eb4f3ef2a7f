import { BowlineError, problemsOf, throwProblems, type Problem } from "../../core/errors.ts";
import type { ScalarNode, Seal, SourceNode } from "../../core/node.ts";
import type { Position } from "../../core/position.ts";
import { Redactor } from "../../core/secret.ts";
import { parseYaml } from "../yaml.ts";
import type { Keyring } from "./keyring.ts";
import { sealOf } from "./seal.ts";

/**
 * The nodes of a YAML file with everything in it that was encrypted opened: single values behind `!secret` and
 * `!vault`, or the file as a whole. Each such value is a secret. Throws E_SECRET, once for each reason.
 */
export async function revealedYaml(content: Buffer, file: string, keyring: Keyring): Promise<SourceNode> {
  const seal = sealOf(content);
  if (seal === undefined) return revealed(parseYaml(content.toString("utf8"), file), keyring);
  const text = (await keyring.open(content, seal, { file, line: 1, column: 1 })).toString("utf8");
  return hidden(await revealed(parseSecretYaml(text, file), keyring), keyring);
}

/** A value behind `!secret` or `!vault`, as it stands in the file. */
export type SealedNode = ScalarNode & { readonly sealed: Seal };

/** The nodes with their sealed values opened. */
export async function revealed(root: SourceNode, keyring: Keyring): Promise<SourceNode> {
  const sealed = sealedIn(root);
  if (sealed.length === 0) return root;
  const settled = await Promise.allSettled(sealed.map((node) => opened(node, keyring)));
  throwProblems(firstOfEachReason(settled.flatMap((each) => (each.status === "rejected" ? mistakes(each.reason) : []))));
  const values = new Map<SourceNode, SourceNode>(settled.flatMap((each, index) => (each.status === "fulfilled" ? [[sealed[index]!, each.value]] : [])));
  return replaced(root, (node) => values.get(node) ?? node);
}

/** The sealed values of a tree in the order of the file; one that aliases repeat comes once. */
export function sealedIn(root: SourceNode): SealedNode[] {
  const seen = new Set<SourceNode>();
  const found: SealedNode[] = [];
  const walk = (node: SourceNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (isSealed(node)) found.push(node);
    else if (node.kind === "sequence") node.items.forEach(walk);
    else if (node.kind === "mapping") for (const { value } of node.entries) walk(value);
  };
  walk(root);
  return found;
}

function isSealed(node: SourceNode): node is SealedNode {
  return node.kind === "scalar" && node.sealed !== undefined;
}

async function opened(node: SealedNode, keyring: Keyring): Promise<SourceNode> {
  const sealed = String(node.value);
  if (sealOf(sealed) !== node.sealed) throw new BowlineError({ code: "E_SECRET", message: `this is nothing that ${words[node.sealed].by} made`, at: node.at, expected: words[node.sealed].head });
  const value = (await keyring.open(Buffer.from(sealed), node.sealed, node.at)).toString("utf8");
  keyring.hide(value, node.at);
  return { kind: "scalar", value, at: node.at, secret: true };
}

const words: Readonly<Record<Seal, { by: string; head: string }>> = {
  age: { by: "age", head: "!secret | and below it -----BEGIN AGE ENCRYPTED FILE-----" },
  vault: { by: "ansible-vault", head: "!vault | and below it $ANSIBLE_VAULT;1.1;AES256" },
};

/** Every text and number of a file that was encrypted is a secret, those in expressions too; true, false and null are nobody's. */
function hidden(root: SourceNode, keyring: Keyring): SourceNode {
  return replaced(root, (node) => {
    if (node.kind === "expression") for (const [, literal = ""] of node.source.matchAll(/["'](.*?)["']/gs)) keyring.redactor.add(literal);
    if (node.kind !== "scalar" || node.value === null || typeof node.value === "boolean" || node.secret) return node;
    if (typeof node.value === "string") keyring.hide(node.value, node.at);
    else keyring.redactor.add(String(node.value));
    return { ...node, secret: true };
  });
}

/** A tree with its leaves exchanged; what aliases share stays shared. */
function replaced(root: SourceNode, leaf: (node: SourceNode) => SourceNode): SourceNode {
  const made = new Map<SourceNode, SourceNode>();
  const make = (node: SourceNode): SourceNode => {
    if (node.kind === "sequence") return { ...node, items: node.items.map(of) };
    if (node.kind === "mapping") return { ...node, entries: node.entries.map((entry) => ({ ...entry, value: of(entry.value) })) };
    return leaf(node);
  };
  const of = (node: SourceNode): SourceNode => {
    const done = made.get(node) ?? make(node);
    made.set(node, done);
    return done;
  };
  return of(root);
}

/** What the parser says about a secret text, without a word of the line that it complains of. */
function parseSecretYaml(text: string, file: string): SourceNode {
  try {
    return parseYaml(text, file);
  } catch (error) {
    const lines = text.split(/\r?\n/);
    const [first, ...rest] = problemsOf(error).map((problem) => wordless(problem, lines[(problem.at?.line ?? 1) - 1] ?? ""));
    throw new BowlineError([first!, ...rest]);
  }
}

function wordless({ code, message, at }: Problem, line: string): Problem {
  const redactor = new Redactor();
  for (const word of line.split(/[\s"',:{}[\]]+/)) redactor.add(word);
  const place: { at?: Position } = at ? { at } : {};
  return { code, message: redactor.text(message), ...place, hint: "the line is that of the decrypted text: bowline secrets edit shows it" };
}

function mistakes(reason: unknown): readonly Problem[] {
  if (!(reason instanceof BowlineError)) throw reason;
  return reason.problems;
}

/** Fifty values that one missing key leaves closed are one mistake. */
function firstOfEachReason(problems: readonly Problem[]): Problem[] {
  return [...new Map([...problems].reverse().map((problem) => [problem.message, problem])).values()].reverse();
}
