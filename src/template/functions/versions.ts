import { oneOf } from "./values.ts";

const operators = {
  "==": (order) => order === 0,
  "=": (order) => order === 0,
  eq: (order) => order === 0,
  "!=": (order) => order !== 0,
  "<>": (order) => order !== 0,
  ne: (order) => order !== 0,
  "<": (order) => order < 0,
  lt: (order) => order < 0,
  "<=": (order) => order <= 0,
  le: (order) => order <= 0,
  ">": (order) => order > 0,
  gt: (order) => order > 0,
  ">=": (order) => order >= 0,
  ge: (order) => order >= 0,
} as const satisfies Record<string, (order: number) => boolean>;

export function versionHolds(left: string, right: string, operator: unknown): boolean {
  return operators[oneOf(operator, Object.keys(operators) as (keyof typeof operators)[])](versionOrder(left, right));
}

/**
 * Numbers by value, letters as text, a number before letters at the same place counts as newer; what goes on after the
 * other has ended is newer. These are the rules of Python's LooseVersion, which playbooks expect.
 */
function versionOrder(left: string, right: string): number {
  const [one, other] = [parts(left), parts(right)];
  for (let index = 0; index < Math.max(one.length, other.length); index += 1) {
    const order = partOrder(one[index], other[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function parts(version: string): string[] {
  const found = version.match(/\d+|[A-Za-z]+/g);
  if (!found) throw new TypeError(`needs versions, not ${JSON.stringify(version)}`);
  return found;
}

function partOrder(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? -1 : 1;
  const [leftIsNumber, rightIsNumber] = [/^\d/.test(left), /^\d/.test(right)];
  if (leftIsNumber && rightIsNumber) return Number(left) - Number(right);
  if (leftIsNumber !== rightIsNumber) return leftIsNumber ? 1 : -1;
  return left < right ? -1 : left > right ? 1 : 0;
}
