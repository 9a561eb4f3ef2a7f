import { BowlineError } from "../core/errors.ts";
import { sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import { pairsOf } from "./_facts_family.ts";

/** How it is with a service, whatever manages it. */
export interface ServiceSeen {
  readonly manager: "systemd" | "openrc" | "sysvinit" | "none";
  readonly exists: boolean;
  readonly active: boolean;
  /** Undefined where it cannot be said: a unit that only others start (`static`), or one that is generated. */
  readonly enabled?: boolean;
  /** Why it is neither enabled nor disabled, in systemd's word. */
  readonly unitFile: string;
  readonly masked: boolean;
  /** The unit's file has changed since systemd read it. */
  readonly stale: boolean;
  /** systemd's own words for what it is: `failed (exit-code)`. */
  readonly words: string;
}

/** systemctl of the user's own manager needs to know where it listens, which a session without PAM does not. */
export function systemctl(scope: "system" | "user"): Script {
  return scope === "system" ? sh`systemctl` : sh`XDG_RUNTIME_DIR=\${XDG_RUNTIME_DIR:-/run/user/$(id -u)} systemctl --user`;
}

const properties = "LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload,Type,RemainAfterExit,Result,ExecMainExitTimestampMonotonic";

export function observeService(name: string, scope: "system" | "user"): Script {
  return sh`
    export LC_ALL=C
    n=${name}
    if [ -d /run/systemd/system ]; then
      echo "manager systemd"
      ${systemctl(scope)} show -p ${properties} -- ${name} | sed 's/=/ /'
    elif command -v rc-service >/dev/null; then
      echo "manager openrc"
      [ ! -e "/etc/init.d/$n" ] || echo "LoadState loaded"
      if rc-service -- "$n" status >/dev/null 2>&1; then echo "ActiveState active"; fi
      if [ -e "/etc/runlevels/default/$n" ] || [ -e "/etc/runlevels/boot/$n" ] || [ -e "/etc/runlevels/sysinit/$n" ]; then echo "UnitFileState enabled"; else echo "UnitFileState disabled"; fi
    elif [ -d /etc/init.d ]; then
      echo "manager sysvinit"
      if [ -x "/etc/init.d/$n" ]; then
        echo "LoadState loaded"
        if "/etc/init.d/$n" status >/dev/null 2>&1; then echo "ActiveState active"; fi
        echo "UnitFileState disabled"
        for f in /etc/rc[2345].d/S[0-9][0-9]"$n"; do [ ! -e "$f" ] || { echo "UnitFileState enabled"; break; }; done
      fi
    else
      echo "manager none"
    fi
  `;
}

/** Throws when the manager could not be asked. */
export function parseService({ code, stdout, stderr }: Answer): ServiceSeen {
  const values = pairsOf(stdout);
  const manager = values.get("manager") as ServiceSeen["manager"] | undefined;
  const load = values.get("LoadState");
  if (manager === undefined || code !== 0 || (manager === "systemd" && load === undefined)) {
    throw new BowlineError({ code: "E_FAILED", message: `looking at the service failed: ${stderr.trim().split("\n").at(-1) || `exit code ${code}`}` });
  }
  const unitFile = values.get("UnitFileState") ?? "";
  return {
    manager,
    exists: load !== undefined && load !== "not-found",
    active: isActive(values),
    ...enabledOf(unitFile),
    unitFile,
    masked: load === "masked" || unitFile.startsWith("masked"),
    stale: values.get("NeedDaemonReload") === "yes",
    words: [values.get("ActiveState"), values.get("SubState"), values.get("Result")].filter((word) => word !== undefined && word !== "" && word !== "success").join(", "),
  };
}

/** A unit that runs once and leaves nothing behind (systemd.service(5), Type=oneshot) is as it should be when it has run well. */
function isActive(values: ReadonlyMap<string, string>): boolean {
  const state = values.get("ActiveState") ?? "";
  if (["active", "reloading", "refreshing"].includes(state)) return true;
  const isOnce = values.get("Type") === "oneshot" && values.get("RemainAfterExit") === "no";
  return isOnce && state === "inactive" && values.get("Result") === "success" && Number(values.get("ExecMainExitTimestampMonotonic")) > 0;
}

function enabledOf(unitFile: string): { enabled?: boolean } {
  if (["enabled", "enabled-runtime", "alias"].includes(unitFile)) return { enabled: true };
  return unitFile === "disabled" || unitFile === "" || unitFile.startsWith("masked") ? { enabled: false } : {};
}
