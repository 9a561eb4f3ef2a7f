import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";

/** What a session runs over: three byte streams to one `sh` and back. */
export interface Wire {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Ends it at once; safe to call twice. */
  readonly close: () => void;
  /** Resolves when the other side is gone or {@link close} was called, with the reason if one is known. */
  readonly closed: Promise<string | undefined>;
}

/** Opens a wire to a fresh shell that runs {@link bootstrap}; again when a stray child has spoilt the last one. */
export type OpenWire = () => Promise<Wire>;

/** A shell reads a pipe byte by byte, so comments and indentation stay here. */
export const hostHalf = readFileSync(new URL("./session.sh", import.meta.url), "utf8").replace(/^[ \t]+|^#.*\n|^\n/gm, "").replace(/^#.*\n/gm, "");

/**
 * Reads the host's half from its input, so that it stands in no argument list, and runs it only when it is whole: behind
 * it comes a line that is a dot. `dd` takes it at once, which is less work than a system call for each byte; what a `dd`
 * leaves that does not know these words is read line by line. One line without `!`, and quotes that csh and fish read as sh
 * does, for it goes through the login shell of the user.
 */
export const bootstrap = `sh -c 'n=$(printf "\\nx"); n=\${n%x}; b=$(dd bs=${hostHalf.length} count=1 iflag=fullblock 2>/dev/null; echo .); b=\${b%.}; while IFS= read -r l; do case $l in .) eval "$b"; exit;; esac; b=$b$l$n; done'`;
