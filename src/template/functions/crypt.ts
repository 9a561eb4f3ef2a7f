import { createHash } from "node:crypto";

/** The two hashes of Drepper's specification (https://www.akkadia.org/drepper/SHA-crypt.txt), as /etc/shadow has them. */
export const crypts = {
  sha256: { mark: "5", algorithm: "sha256", size: 32 },
  sha512: { mark: "6", algorithm: "sha512", size: 64 },
} as const;

export type Crypt = (typeof crypts)[keyof typeof crypts];

/** `$6$salt$hash`, or `$6$rounds=N$salt$hash` when rounds are said. The steps have the numbers of the specification. */
export function crypt(kind: Crypt, password: string, { salt, rounds }: { readonly salt: string; readonly rounds?: number }): string {
  const key = Buffer.from(password, "utf8");
  const grain = Buffer.from(salt.slice(0, 16), "utf8");
  const count = Math.min(Math.max(Math.trunc(rounds ?? 5000), 1000), 999_999_999);
  const hash = (...pieces: readonly Buffer[]) => pieces.reduce((made, piece) => made.update(piece), createHash(kind.algorithm)).digest();
  const b = hash(key, grain, key); // 4 to 8
  const bits = bitsOf(key.length).map((bit) => (bit ? b : key));
  let a = hash(key, grain, repeated(b, key.length), ...bits); // 1 to 3, 9 to 12
  const p = repeated(hash(...Array<Buffer>(key.length).fill(key)), key.length); // 13 to 16
  const s = repeated(hash(...Array<Buffer>(16 + a[0]!).fill(grain)), grain.length); // 17 to 20
  for (let round = 0; round < count; round += 1) { // 21
    a = hash(round % 2 ? p : a, ...(round % 3 ? [s] : []), ...(round % 7 ? [p] : []), round % 2 ? a : p);
  }
  return `$${kind.mark}$${rounds === undefined ? "" : `rounds=${count}$`}${grain.toString("utf8")}$${encoded(a, kind)}`;
}

function bitsOf(length: number): boolean[] {
  return length === 0 ? [] : [...length.toString(2)].reverse().map((bit) => bit === "1");
}

function repeated(block: Buffer, length: number): Buffer {
  return Buffer.concat(Array<Buffer>(Math.ceil(length / block.length)).fill(block)).subarray(0, length);
}

const alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Three bytes make four letters; which three is a wheel that turns once for each group (22). */
function encoded(digest: Buffer, { size }: Crypt): string {
  const third = Math.floor(size / 3);
  const turn = size === 64 ? 22 : 21;
  const wheel = size === 64 ? 63 : 30;
  let at: readonly [number, number, number] = [0, third, 2 * third];
  const groups: string[] = [];
  for (let group = 0; group < third; group += 1) {
    groups.push(letters((digest[at[0]]! << 16) | (digest[at[1]]! << 8) | digest[at[2]]!, 4));
    at = [(at[0] + turn) % wheel, (at[1] + turn) % wheel, (at[2] + turn) % wheel];
  }
  return groups.join("") + (size === 64 ? letters(digest[63]!, 2) : letters((digest[31]! << 8) | digest[30]!, 3));
}

function letters(value: number, count: number): string {
  return Array.from({ length: count }, (_, index) => alphabet[(value >>> (6 * index)) & 63]).join("");
}
