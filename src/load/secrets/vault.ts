import { createCipheriv, createDecipheriv, createHmac, pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/**
 * The envelope of ansible-vault, versions 1.1 and 1.2 (lib/ansible/parsing/vault): a head line, then hex, in lines of 80,
 * of three lines that are hex themselves: salt, HMAC-SHA256 of the ciphertext, ciphertext of AES-256 in counter mode.
 */
export interface Envelope {
  /** The vault id of version 1.2. */
  readonly label?: string;
  readonly salt: Buffer;
  readonly mac: Buffer;
  readonly ciphertext: Buffer;
}

/** The parts of an envelope; a sentence when it is none that can be read. */
export function readEnvelope(text: string): Envelope | string {
  const [head = "", ...lines] = text.trim().split(/\r?\n/).map((line) => line.trim());
  const [, version, cipher, label] = head.split(";");
  if (version !== "1.1" && version !== "1.2") return `the version of this vault is ${version || "missing"}; 1.1 and 1.2 are read`;
  if (cipher !== "AES256") return `the cipher of this vault is ${cipher || "missing"}; AES256 is read`;
  const [salt, mac, ciphertext] = unhex(lines.join("")).toString("latin1").split("\n").map(unhex);
  if (!salt?.length || mac?.length !== 32 || !ciphertext?.length || ciphertext.length % 16 !== 0) return "this vault is damaged: a part of it is missing";
  return { salt, mac, ciphertext, ...(version === "1.2" && label ? { label } : {}) };
}

/** The content, or undefined when the password is another one or the content was changed: nothing tells these apart. */
export async function openEnvelope({ salt, mac, ciphertext }: Envelope, password: string): Promise<Buffer | undefined> {
  const keys = await keysOf(password, salt);
  if (!timingSafeEqual(createHmac("sha256", keys.mac).update(ciphertext).digest(), mac)) return undefined;
  const decipher = createDecipheriv("aes-256-ctr", keys.cipher, keys.counter);
  const padded = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  return padded.subarray(0, padded.length - padded.at(-1)!);
}

/** An envelope as ansible-vault writes it: of version 1.2 when it has a label. */
export async function sealVault(content: Buffer, password: string, label?: string): Promise<string> {
  const salt = randomBytes(32);
  const keys = await keysOf(password, salt);
  // PKCS #7: as many bytes as are missing, and each says how many.
  const missing = 16 - (content.length % 16);
  const cipher = createCipheriv("aes-256-ctr", keys.cipher, keys.counter);
  const ciphertext = Buffer.concat([cipher.update(content), cipher.update(Buffer.alloc(missing, missing)), cipher.final()]);
  const mac = createHmac("sha256", keys.mac).update(ciphertext).digest();
  const body = Buffer.from([salt, mac, ciphertext].map((part) => part.toString("hex")).join("\n")).toString("hex");
  const head = label === undefined ? "$ANSIBLE_VAULT;1.1;AES256" : `$ANSIBLE_VAULT;1.2;AES256;${label}`;
  return `${[head, ...body.match(/.{1,80}/g)!].join("\n")}\n`;
}

const derive = promisify(pbkdf2);

async function keysOf(password: string, salt: Buffer): Promise<{ cipher: Buffer; mac: Buffer; counter: Buffer }> {
  const derived = await derive(password, salt, 10_000, 80, "sha256");
  return { cipher: derived.subarray(0, 32), mac: derived.subarray(32, 64), counter: derived.subarray(64, 80) };
}

/** Stops at the first character that is no hex digit: too short a part is found by its length. */
function unhex(text: string): Buffer {
  return Buffer.from(text, "hex");
}
