import { isIPv6 } from "node:net";
import { BowlineError } from "../core/errors.ts";
import type { Position } from "../core/position.ts";

/**
 * `web[01:50]`, `db-[a:f]`, `n[1:9:2]`, `[:5]`, several in one name: every host that the name stands for. Both ends
 * are in; a leading zero makes all numbers as wide as the first. Letters count from a to z, then from A to Z.
 */
export function expandRange(name: string, at: Position): string[] {
  const parts = name.split(/\[([^\]]*)\]/).map((part, index) => (index % 2 === 1 ? rangeItems(part, at) : [part]));
  if (parts.reduce((count, items) => count * items.length, 1) > mostHosts) throw tooMany(name, at);
  return parts.reduce<string[]>((names, items) => names.flatMap((begin) => items.map((item) => begin + item)), [""]);
}

/** What stands in the place of a host's name: `web1:2222` and `[2001:db8::1]:2222` say its port too. */
export function hostsAndPort(word: string, at: Position): { names: string[]; port?: number } {
  const address = /^\[(.*)\]:(\d+)$/.exec(word);
  if (address && isIPv6(address[1]!)) return { names: [address[1]!], port: Number(address[2]) };
  if (word.includes(":") && isIPv6(word)) return { names: [word] };
  const match = /^((?:[^:[\]]|\[[^\]]*\])+):(\d*)$/.exec(word);
  if (match?.[2] === "") throw new BowlineError({ code: "E_INVENTORY", message: `no port stands behind ${word}`, at, hint: `write ${match[1]!}; a colon at the end is YAML, and this is not read as YAML` });
  return match ? { names: expandRange(match[1]!, at), port: Number(match[2]) } : { names: expandRange(word, at) };
}

/** A range with a digit too many would fill the memory first. */
const mostHosts = 1_000_000;

function rangeItems(range: string, at: Position): string[] {
  const numbers = /^(\d*):(\d+)(?::(\d+))?$/.exec(range);
  const alphabet = /^([A-Za-z]):([A-Za-z])(?::(\d+))?$/.exec(range);
  if (numbers) {
    const [, from, to, step] = numbers;
    const width = widthOf(from!, to!, at);
    return steps({ from: Number(from), to: Number(to), step: Number(step ?? 1) }, at).map((number) => String(number).padStart(width, "0"));
  }
  if (alphabet) {
    const [, from, to, step] = alphabet;
    return steps({ from: letters.indexOf(from!), to: letters.indexOf(to!), step: Number(step ?? 1) }, at).map((index) => letters[index]!);
  }
  throw new BowlineError({ code: "E_INVENTORY", message: `[${range}] is not a range of hosts`, at, expected: "[1:50], [01:50], [a:f] or [1:9:2]" });
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

function widthOf(from: string, to: string, at: Position): number {
  if (from.length < 2 || !from.startsWith("0")) return 0;
  if (from.length === to.length) return from.length;
  const width = Math.max(from.length, to.length);
  const hint = `write [${from.padStart(width, "0")}:${to.padStart(width, "0")}]`;
  throw new BowlineError({ code: "E_INVENTORY", message: `[${from}:${to}]: with a leading zero both ends must be as wide`, at, hint });
}

function steps({ from, to, step }: { from: number; to: number; step: number }, at: Position): number[] {
  if (from > to || step < 1) throw new BowlineError({ code: "E_INVENTORY", message: "a range of hosts must go upwards", at, hint: "write the lower end first, and a step of 1 or more" });
  const count = Math.floor((to - from) / step) + 1;
  if (count > mostHosts) throw tooMany(`[${from}:${to}]`, at);
  return Array.from({ length: count }, (_, index) => from + index * step);
}

function tooMany(name: string, at: Position): BowlineError {
  return new BowlineError({ code: "E_INVENTORY", message: `${name} stands for more than ${mostHosts} hosts`, at });
}
