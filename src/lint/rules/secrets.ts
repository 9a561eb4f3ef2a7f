import { entryOf, isTemplated, type SourceNode } from "../../core/node.ts";
import { resolvedKindOf } from "../../modules/args.ts";
import type { Call, Task, Variable } from "../file.ts";
import { textsOf } from "../remark.ts";
import type { Context, Remark, Rule } from "../rule.ts";

/** What nobody but its owner may read. */
export const secretRules: readonly Rule[] = [
  {
    id: "no-log-password",
    summary: "A task that handles a password shows nothing of it.",
    why: "Arguments and the items of a loop stand in the report and in the journal, for everybody who reads them.",
    severity: "warning",
    profile: "safety",
    examples: {
      bad: { text: '- name: Web\n  hosts: all\n  vars:\n    accounts: []\n  tasks:\n    - name: The token is known\n      set_fact:\n        web_token: "{{ accounts }}"\n' },
      good: { text: '- name: Web\n  hosts: all\n  vars:\n    accounts: []\n  tasks:\n    - name: The token is known\n      set_fact:\n        web_token: "{{ accounts }}"\n      no_log: true\n' },
    },
    look: { task: shownSecret },
  },
  {
    id: "plaintext-secret",
    summary: "A secret stands encrypted in its file.",
    why: "Whoever can read the repository, now or in any later copy of it, has the password.",
    severity: "warning",
    profile: "safety",
    examples: {
      bad: { path: "group_vars/web.yml", text: "web_password: swordfish\n" },
      good: { path: "group_vars/web.yml", text: 'web_password: "{{ web_vault.password }}"\n' },
    },
    look: { variable: plainSecret },
  },
];

/** The last word counts: `password_file` and `token_ttl` hold none. */
const secretName = /(^|_)(password|passwd|passphrase|secret|token|api_?key|private_key|secret_key)$/i;

function isSecretName(name: string): boolean {
  return secretName.test(name) && !/^(update|no|use|has|is|require|generate)_/i.test(name);
}

function shownSecret({ node, call, around }: Task, { file }: Context): Remark[] {
  if (!call || [node, ...around].some((each) => entryOf(each, "no_log"))) return [];
  const args = call.args.entries.filter(({ key, value }) => isSecretName(key) && !isHidden(call, key) && isValue(value));
  const loop = node.entries.find(({ key }) => key === "loop" || key.startsWith("with_"));
  const looped = loop ? secretsNamedIn(loop.value) : [];
  const hint = "add no_log: true";
  return [
    ...args.map(({ key, keyAt }) => ({ at: keyAt, message: `"${key}" may be shown`, hint })),
    ...(loop && looped[0] !== undefined && file.kind !== "other" ? [{ at: loop.keyAt, message: `the items hold "${looped[0]}" and may be shown`, hint }] : []),
  ];
}

/** Of a type that no report shows. */
function isHidden({ module }: Call, key: string): boolean {
  const type = module?.args[key];
  return type !== undefined && resolvedKindOf(type) === "secret";
}

function isValue(node: SourceNode): boolean {
  return node.kind === "expression" || node.kind === "mapping" || (node.kind === "scalar" && typeof node.value === "string" && node.value !== "");
}

/** Keys of the items, and variables that templates name. */
function secretsNamedIn(node: SourceNode): string[] {
  const keys = node.kind === "sequence" ? node.items.flatMap((item) => (item.kind === "mapping" ? item.entries.map(({ key }) => key) : [])) : [];
  const names = textsOf(node).flatMap(({ text }) => [...text.matchAll(/\{\{[^}]*\}\}/g)].flatMap(([template]) => template.match(/[A-Za-z_]\w*/g) ?? []));
  return [...keys, ...names].filter(isSecretName);
}

/** Paths, templates and what is encrypted are no secrets. */
function plainSecret({ name, at, value }: Variable): Remark[] {
  if (value?.kind === "mapping") return value.entries.flatMap((entry) => plainSecret({ name: entry.key, at: entry.keyAt, value: entry.value }));
  if (!isSecretName(name) || value?.kind !== "scalar" || typeof value.value !== "string" || isTemplated(value)) return [];
  if (value.value === "" || /^([/~]|\$ANSIBLE_VAULT;|age-encryption\.org\/|-----BEGIN AGE )/.test(value.value)) return [];
  return [{ at, message: `"${name}" stands here for everybody to read`, hint: "bowline secrets encrypt-value makes a value of it that only your key reads" }];
}
