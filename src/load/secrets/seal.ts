import type { Seal } from "../../core/node.ts";

const armored = "-----BEGIN AGE ENCRYPTED FILE-----";
const binary = "age-encryption.org/v1\n";
const vault = "$ANSIBLE_VAULT;";

/** How a file is encrypted, by its first bytes; undefined for one that is not. */
export function sealOf(content: Buffer | string): Seal | undefined {
  const head = content.slice(0, 200).toString("latin1").trimStart();
  if (head.startsWith(vault)) return "vault";
  return head.startsWith(armored) || head.startsWith(binary) ? "age" : undefined;
}
