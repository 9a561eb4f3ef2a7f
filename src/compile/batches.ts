import { BowlineError } from "../core/errors.ts";
import type { SourceNode } from "../core/node.ts";
import type { Definition } from "../core/scope.ts";
import { renderEarly } from "./early.ts";
import type { MaxFail } from "./program.ts";
import { kindOf } from "./shape.ts";

export const orders = ["inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle"] as const;

/** Hosts in the order that a play asks for. */
export function inOrder(hosts: readonly string[], order: (typeof orders)[number]): readonly string[] {
  return ordering[order](hosts);
}

const ordering: Readonly<Record<(typeof orders)[number], (hosts: readonly string[]) => readonly string[]>> = {
  inventory: (hosts) => hosts,
  reverse_inventory: (hosts) => hosts.toReversed(),
  sorted: (hosts) => hosts.toSorted(),
  reverse_sorted: (hosts) => hosts.toSorted().reverse(),
  shuffle: (hosts) => hosts.map((host) => ({ host, place: Math.random() })).sort((left, right) => left.place - right.place).map(({ host }) => host),
};

/**
 * The hosts in batches, by Ansible's rules: numbers and percentages, of which each stands for one batch and the last for
 * all that follow; a percentage is at least one host; 0 and 100 % are all.
 */
export function batchesOf(hosts: readonly string[], serial: SourceNode | undefined, early: readonly Definition[]): (readonly string[])[] {
  const sizes = serial ? sizesOf(renderEarly(serial, early), serial, hosts.length) : [];
  const batches: (readonly string[])[] = [];
  for (let from = 0; from < hosts.length; ) {
    const size = sizes[Math.min(batches.length, sizes.length - 1)] ?? hosts.length;
    batches.push(hosts.slice(from, from + size));
    from += size;
  }
  return batches;
}

function sizesOf(value: unknown, node: SourceNode, count: number): number[] {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.map((item) => {
    const [, digits, percent] = /^(\d+)\s*(%?)$/.exec(String(item).trim()) ?? [];
    if (digits === undefined) throw wrong('"serial" must be a number of hosts or a percentage', node, 'a number, "20%", or a list of both');
    const size = percent === "%" ? Math.max(1, Math.floor((count * Number(digits)) / 100)) : Number(digits);
    return size === 0 ? Math.max(1, count) : size;
  });
}

/** `20` is of one batch, as in Ansible; `{ batch: 20, play: 10 }` bounds both. */
export function maxFailOf(node: SourceNode | undefined, early: readonly Definition[]): MaxFail | undefined {
  if (!node) return undefined;
  const value = renderEarly(node, early);
  if (typeof value !== "object" || value === null) return { batch: percentage(value, node) };
  const known = ["batch", "play"];
  const other = Object.keys(value).find((key) => !known.includes(key));
  if (other !== undefined || Array.isArray(value)) throw wrong(`"max_fail_percentage" has no "${other ?? "items"}"`, node, "a number, or batch and play with a number each");
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, percentage(inner, node)]));
}

function percentage(value: unknown, node: SourceNode): number {
  const number = Number(String(value).replace(/\s*%$/, ""));
  if (value !== null && value !== "" && number >= 0 && number <= 100) return number;
  throw wrong('"max_fail_percentage" must be a number from 0 to 100', node, "a percentage; more failed hosts than that end the play");
}

function wrong(message: string, node: SourceNode, expected: string): BowlineError {
  return new BowlineError({ code: "E_PLAYBOOK", message, at: node.at, expected, seen: kindOf(node) });
}
