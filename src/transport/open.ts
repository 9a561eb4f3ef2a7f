import { Doors } from "./doors.ts";
import { connectLocal } from "./local.ts";
import type { Transport } from "./transport.ts";

export interface TransportOptions {
  readonly onWarning: (message: string, host: string) => void;
  /** Told to those who want to know more: a login that is tried again. */
  readonly onRetry?: (message: string, host: string) => void;
  /** Connections begun in one second at most; 0 or absent: no limit. */
  readonly startRate?: number;
}

/** Connections by the kind of the target; ssh2 is loaded when the first host needs it. */
export function createTransport({ startRate, ...tell }: TransportOptions): Transport {
  const doors = new Doors(startRate === undefined ? {} : { startRate });
  return {
    async connect(target, { signal }) {
      if (target.connection === "local") return connectLocal(target);
      const { connectSsh } = await import("./ssh.ts");
      return connectSsh(target, { ...tell, signal, doors });
    },
  };
}
