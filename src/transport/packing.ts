import { sh, type Script } from "../core/sh.ts";

/** Bytes that travel as they are before anything is known of the link, and by which it is judged. */
export const probeBytes = 512 * 1024;

/** What is not much longer than that is on its way before one could ask. */
export const packedFrom = 2 * probeBytes;

/** The host says that it has all that was sent, whether it could write it, and whether it has gzip: a trailer of its own. */
export const mark: Script = sh`
  bl_x=-
  ! command -v gzip >/dev/null || bl_x=gzip
  printf '\n%s mark %s %s\n' "$bl_nonce" "$bl_opened" "$bl_x"
`;

/** What follows is packed. It waits beside the file, whose descriptor stays open: its mode may forbid to open it again. */
export const beginPacked: Script = sh`
  [ "$bl_opened" != 0 ] || { (umask 077; set -C; : >"$bl_spool.gz") && command exec 4>&8 8>"$bl_spool.gz"; } || bl_opened=1
`;

/** Unpacked behind what is there already. Like dd it is waited for, so that a signal is heard. */
export const endPacked: Script = sh`
  if [ "$bl_opened" = 0 ]; then
    gzip -dc <"$bl_spool.gz" >&4 6<&- 7>&- 8>&- 9<&- &
    bl_dd=$!
    wait $bl_dd || bl_opened=1
    bl_dd=
  fi
  exec 4>&-
  rm -f "$bl_spool.gz"
`;

export function doText({ text }: Script): string {
  return `do ${text.split("\n").length}\n${text}\n`;
}
