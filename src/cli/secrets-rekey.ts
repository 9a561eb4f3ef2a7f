import { BowlineError } from "../core/errors.ts";
import type { Position } from "../core/position.ts";
import type { Seal } from "../core/node.ts";
import type { Keyring } from "../load/secrets/keyring.ts";
import { sealOf } from "../load/secrets/seal.ts";
import { together } from "../load/together.ts";
import { withValuesResealed } from "../load/secrets/values.ts";
import type { Cli } from "./cli.ts";
import type { SecretsOptions } from "./key-options.ts";
import { keyringOf } from "./keys.ts";
import { sealerFor, type Sealer } from "./seal.ts";
import { givenFile, type GivenFile } from "./secret-files.ts";
import { directoryOf, give, tellWarnings } from "./secrets.ts";

/**
 * `secrets rekey`: every file as a whole, or the single values in it, for the recipients of now. With `--from-vault`
 * what ansible-vault encrypted becomes age's. With a mistake in any file, none is changed.
 */
export async function rekey(names: readonly string[], options: SecretsOptions, cli: Cli): Promise<void> {
  const keyring = await keyringOf(options);
  const files = await together(names.map(givenFile));
  const changed = await together(files.map((file) => rekeyed(file, options, keyring)));
  for (const [index, file] of files.entries()) await give(file, changed[index]!, cli);
  tellWarnings(keyring, cli);
}

async function rekeyed(file: GivenFile, options: SecretsOptions, keyring: Keyring): Promise<string> {
  const sealer = await sealerFor(options, directoryOf(file), keyring);
  const seal = sealOf(file.content);
  const job: Job = { keyring, sealer, fromVault: options.fromVault ?? false };
  if (seal) return resealed({ sealed: file.content, seal, at: { file: file.name, line: 1, column: 1 } }, job);
  let count = 0;
  const text = await withValuesResealed(file.content.toString("utf8"), file.name, async ({ value, sealed, at }) => {
    count += 1;
    return { tag: sealer.tag, text: await resealed({ sealed: Buffer.from(String(value)), seal: sealed, at }, job) };
  });
  if (count === 0) throw new BowlineError({ code: "E_SECRET", message: `nothing in ${file.name} is encrypted`, hint: "bowline secrets encrypt encrypts a file, bowline secrets encrypt-value a value" });
  return text;
}

interface Job {
  readonly keyring: Keyring;
  readonly sealer: Sealer;
  readonly fromVault: boolean;
}

async function resealed({ sealed, seal, at }: { sealed: Buffer; seal: Seal; at: Position }, { keyring, sealer, fromVault }: Job): Promise<string> {
  if (seal === "vault" && sealer.tag === "!secret" && !fromVault) {
    throw new BowlineError({ code: "E_SECRET", message: "this is encrypted by ansible-vault", at, hint: "--from-vault makes it age's, for the recipients of the project; --vault keeps it a vault" });
  }
  return sealer.seal(await keyring.open(sealed, seal, at));
}
