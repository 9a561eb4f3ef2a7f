import { connectLocal } from "./local.ts";
import type { Transport } from "./transport.ts";

/** Connections by the kind of the target; ssh2 is loaded when the first host needs it. */
export function createTransport(options: { readonly onWarning: (message: string, host: string) => void }): Transport {
  return {
    async connect(target, { signal }) {
      if (target.connection === "local") return connectLocal(target);
      const { connectSsh } = await import("./ssh.ts");
      return connectSsh(target, { signal, onWarning: options.onWarning });
    },
  };
}
