import { sh, type Script } from "../core/sh.ts";
import type { ContainerArgs } from "./_container_args.ts";
import { client } from "./_docker.ts";

/** Ends with 0 when the container can do its work; else says on stdout why not. One look, bounded. */
export function probe(args: ContainerArgs): Script {
  const { ready } = args;
  if (ready?.http) return probeHttp(ready.http.url, ready.http.status);
  if (ready?.port !== undefined) return probePort(args, ready.port);
  return sh`:`;
}

/**
 * Looked up in the container's own network, where only its processes listen: on the host docker's proxy takes
 * connections long before. The state 0A is LISTEN (linux, include/net/tcp_states.h).
 */
function probePort({ socket, name }: ContainerArgs, port: number): Script {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return sh`
    p=$(${client(socket)} container inspect --format '{{.State.Pid}}' ${name} 2>/dev/null)
    cat "/proc/$p/net/tcp" "/proc/$p/net/tcp6" 2>/dev/null | grep -q ${`:${hex} [0-9A-F]*:0000 0A `} || { echo ${`nothing listens on port ${port} in the container`}; false; }
  `;
}

function probeHttp(url: string, status: number): Script {
  return sh`
    if command -v curl >/dev/null 2>&1; then
      s=$(curl -sS -o /dev/null -w '%{http_code}' --noproxy '*' --max-time 5 ${url} 2>&1 | tr '\n' ' ' | sed -e 's/ *$//' -e 's/000$//')
    elif command -v wget >/dev/null 2>&1; then
      s=$(timeout 5 wget -q -S -O /dev/null ${url} 2>&1 | sed -n 's/^ *HTTP\/[0-9.]* \([0-9]*\).*/\1/p' | tail -n 1)
    else
      s='neither curl nor wget is on the host to ask it'
    fi
    [ "$s" = ${String(status)} ] || { printf '%s answered: %s\n' ${url} "\${s:-nothing}"; false; }
  `;
}
