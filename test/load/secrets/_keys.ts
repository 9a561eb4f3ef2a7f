import { Secret } from "../../../src/core/secret.ts";
import { newIdentity, recipientOf, sealAge } from "../../../src/load/secrets/age.ts";
import { Keyring } from "../../../src/load/secrets/keyring.ts";

/** A person with a key of age, and maybe passwords of vaults. */
export interface Person {
  readonly identity: string;
  readonly recipient: string;
  keyring(...passwords: (readonly [label: string | undefined, password: string])[]): Keyring;
  seal(text: string): Promise<string>;
}

export async function makePerson(): Promise<Person> {
  const identity = await newIdentity();
  const recipient = await recipientOf(identity);
  return {
    identity,
    recipient,
    keyring: (...passwords) =>
      new Keyring({
        identities: [{ kind: "text", text: new Secret(identity), named: "BOWLINE_IDENTITY" }],
        vaults: passwords.map(([label, password]) => ({ ...(label === undefined ? {} : { label }), from: new Secret(password) })),
      }),
    seal: (text) => sealAge(text, [recipient]),
  };
}

/** A text as the lines of a block in a YAML file. */
export function block(text: string, indent = 2): string {
  return text.trimEnd().split("\n").map((line) => `${" ".repeat(indent)}${line}\n`).join("");
}
