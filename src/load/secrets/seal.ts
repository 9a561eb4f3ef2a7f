import { open } from "node:fs/promises";
import type { Seal } from "../../core/node.ts";

const armored = "-----BEGIN AGE ENCRYPTED FILE-----";
const binary = "age-encryption.org/v1\n";
const vault = "$ANSIBLE_VAULT;";
/** Bytes, with blanks before the first word. */
const looked = 200;

/** How a file is encrypted, by its first bytes; undefined for one that is not. */
export function sealOf(content: Buffer | string): Seal | undefined {
  const head = content.slice(0, looked).toString("latin1").trimStart();
  if (head.startsWith(vault)) return "vault";
  return head.startsWith(armored) || head.startsWith(binary) ? "age" : undefined;
}

/** As much of a file as {@link sealOf} looks at. */
export async function headOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(looked), 0, looked, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
