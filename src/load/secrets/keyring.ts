import { BowlineError, type Problem } from "../../core/errors.ts";
import type { Seal } from "../../core/node.ts";
import type { Position } from "../../core/position.ts";
import { Redactor } from "../../core/secret.ts";
import { readIdentities, readVaultPassword, type Identity, type VaultPassword } from "./keys.ts";
import type { IdentitySource, KeySources } from "./sources.ts";
import { openEnvelope, readEnvelope } from "./vault.ts";

/**
 * The keys of a person or a machine. They are read when the first thing that needs them is met, and once. What they
 * open is known to the `redactor` before anybody else gets it; the keys themselves are too.
 */
export class Keyring {
  readonly redactor = new Redactor();
  readonly #sources: KeySources;
  readonly #warnings = new Set<string>();
  #identities: Promise<readonly Identity[]> | undefined;
  #vaults: Promise<readonly VaultPassword[]> | undefined;

  /** Without sources it is empty, and opens nothing. */
  constructor(sources: KeySources = { identities: [], vaults: [] }) {
    this.#sources = sources;
  }

  /** The content of something encrypted; E_SECRET, with what was tried and what to do, when it stays closed. */
  async open(sealed: Buffer, seal: Seal, at: Position): Promise<Buffer> {
    return seal === "age" ? this.#openAge(sealed, at) : (await this.openVault(sealed.toString("utf8"), at)).content;
  }

  /** The content of a vault, and the password that opened it. */
  async openVault(text: string, at: Position): Promise<{ content: Buffer; password: VaultPassword }> {
    const envelope = readEnvelope(text);
    if (typeof envelope === "string") throw new BowlineError({ code: "E_SECRET", message: envelope, at });
    const passwords = await this.vaultPasswords();
    if (passwords.length === 0) throw new BowlineError({ ...noPassword, at });
    // As with Ansible, a label only says which password to try first.
    const inOrder = [...passwords].sort((left, right) => Number(right.label === envelope.label) - Number(left.label === envelope.label));
    for (const password of inOrder) {
      const content = await openEnvelope(envelope, password.password.reveal());
      if (content) return { content, password };
    }
    throw new BowlineError({ code: "E_SECRET", message: "no vault password opens this, or it was changed since it was encrypted", at, ...seenVaults(passwords, envelope.label) });
  }

  identities(): Promise<readonly Identity[]> {
    this.#identities ??= readIdentities(this.#sources.identities).then((identities) => {
      for (const { key, warning } of identities) {
        this.redactor.add(key);
        if (warning !== undefined) this.warn(warning);
      }
      return identities;
    });
    return this.#identities;
  }

  vaultPasswords(): Promise<readonly VaultPassword[]> {
    this.#vaults ??= Promise.all(this.#sources.vaults.map(readVaultPassword)).then((passwords) => {
      for (const { password } of passwords) this.redactor.add(password);
      return passwords;
    });
    return this.#vaults;
  }

  /** From now on this text is taken out of everything that a person or a log sees. */
  hide(text: string, at: Position): void {
    // What stands between templates is all that is left of such a text when it is rendered.
    const pieces = text.includes("{{") ? text.split(/\{\{.*?\}\}/s).filter((piece) => piece.trim().length >= shortestPiece) : [];
    for (const piece of pieces) this.redactor.add(piece);
    if (!this.redactor.add(text) && text.trim() !== "") this.warn(`${at.file}: holds a secret of fewer than four characters; these are not taken out of output`);
  }

  warn(message: string): void {
    this.#warnings.add(message);
  }

  /** What a person should know about the keys and secrets that were read, each once. */
  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  async #openAge(sealed: Buffer, at: Position): Promise<Buffer> {
    const identities = await this.identities();
    if (identities.length === 0) throw new BowlineError({ ...noIdentity(this.#sources.identities), at });
    const { openAge } = await import("./age.ts");
    const opened = await openAge(sealed, identities.map(({ key }) => key.reveal()));
    if ("content" in opened) return opened.content;
    throw new BowlineError({ code: "E_SECRET", at, ...closedWords[opened.closed](identities) });
  }
}

/** Shorter pieces of a text with templates are words of everybody: `http://`. */
const shortestPiece = 8;

const closedWords = {
  "no key fits": (identities: readonly Identity[]) => ({
    message: "none of your identities opens this: it was encrypted for others",
    seen: `tried ${identities.map(({ recipient, from }) => `${recipient} (${from})`).join(", ")}`,
    hint: "have somebody who can open it add one of these to secrets.recipients and run: bowline secrets rekey",
  }),
  passphrase: () => ({
    message: "this is encrypted with a passphrase, not for recipients",
    hint: "age -d FILE gives its content; bowline secrets encrypt encrypts that for the recipients of the project",
  }),
  damaged: () => ({ message: "this is damaged, or was changed since it was encrypted", hint: "take it from the history of the project, or encrypt it again" }),
} satisfies Record<string, (identities: readonly Identity[]) => Partial<Problem>>;

const noPassword: Problem = {
  code: "E_SECRET",
  message: "this is encrypted by ansible-vault, and no vault password was given",
  seen: "looked for --vault-password-file, --vault-id, BOWLINE_VAULT_PASSWORD_FILE, ANSIBLE_VAULT_PASSWORD_FILE",
  hint: "-J asks for the password",
};

function noIdentity(sources: readonly IdentitySource[]): Problem {
  const usual = sources.map((source) => (source.kind === "file" ? source.path : source.named));
  return {
    code: "E_SECRET",
    message: "this is encrypted by age, and there is no identity to open it",
    seen: `looked for --identity, BOWLINE_IDENTITY, BOWLINE_IDENTITY_FILE, BOWLINE_IDENTITY_COMMAND, ${usual.join(", ")}`,
    hint: "bowline secrets keygen makes one; somebody who can open this then adds what it prints to secrets.recipients and runs: bowline secrets rekey",
  };
}

function seenVaults(passwords: readonly VaultPassword[], label: string | undefined): { seen: string } {
  const tried = passwords.map((password) => `${password.label === undefined ? "" : `${password.label}: `}${password.from}`).join(", ");
  return { seen: `tried ${tried}${label === undefined ? "" : `; its vault id is ${label}`}` };
}
