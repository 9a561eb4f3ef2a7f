import { joinScripts, sh, type Script } from "../core/sh.ts";
import type { Answer } from "../core/step.ts";
import type { Family } from "./contract.ts";
import { requireTool } from "./_observe.ts";
import { askAncestor, askKind, askLink, askUser, idByName, lineFunctions, statFormat } from "./_path.ts";
import type { More, PathLook } from "./_path_look.ts";

/**
 * Paths are looked at together: what the shell tells by itself for each in turn, one `stat` and one `sha256sum` for
 * all, the number behind a name once. The list of the paths is a function, and is gone through for each of these.
 */
export const paths: Family<PathLook> = {
  name: "path",
  script(looks, mark) {
    const mores = [...new Map(looks.flatMap(({ more }) => (more ? [[more.name, more] as const] : []))).values()];
    return joinScripts([
      prelude(mark),
      askIds(looks),
      ...mores.map(moreFunctions),
      sh`list() {`,
      ...looks.map(entry),
      sh`}`,
      stats,
      ...(mores.some(({ digest }) => digest) ? [digests] : []),
      answers,
    ]);
  },
  answers: answersOf,
};

/** `e` for each path, `d` where a digest is wanted; then the name of what else is looked at, path, owner, group, and the values. */
function entry({ path, access, more, values = [] }: PathLook): Script {
  const words = [more?.name ?? ":", path, access.owner ?? "", access.group ?? "", ...values];
  while (words.at(-1) === "") words.pop();
  return more?.digest ? sh`d ${words}` : sh`e ${words}`;
}

/** So many bytes of arguments are taken by every system, with an environment of the usual size; one path has at most 4096. */
const argumentLimit = 60_000;

/** What files of so many bytes say goes along; the looks at others are left to be taken alone. */
const textLimit = 8 * 1024 * 1024;

/** `add` notes a path for a program that takes many, `deal` gives each noted one its line of what that has printed. */
function prelude(mark: string): Script {
  return sh`
    export LC_ALL=C
    ${requireTool("stat")}
    ${lineFunctions}
    ${askUser}
    nl='
    '
    mark=${mark} ids=$nl out= spent=0
    set -f
    say() { o=$o$nl$1; }
    begin() { i=0 all= words= bytes=0 count=0 lines=; }
    add() {
      all="$all $i" words="$words \"\$p$i\"" count=$((count + 1)) bytes=$((bytes + \${#p} + 9))
      [ "$bytes" -lt ${argumentLimit} ] || flush
    }
    flush() {
      [ -z "$words" ] || eval "lines=\$lines\$($tool -- $words 2>/dev/null)\$nl"
      words= bytes=0
    }
    deal() {
      name=$1
      IFS=$nl
      set -- $lines
      unset IFS
      [ $# = "$count" ] || return
      for k in $all; do
        eval "$name$k=\$1"
        shift
      done
    }
  `;
}

/** Each name is asked for once, when it is first wanted for a path that is not yet its own. */
function askIds(looks: readonly PathLook[]): Script {
  const wanted = looks.flatMap(({ access }) => (["owner", "group"] as const).map((kind) => [kind, access[kind] ?? "0"] as const));
  const names = new Map(wanted.filter(([, name]) => !/^\d+$/.test(name)).map(([kind, name]) => [`${kind}:${name}`, idByName(kind, name)]));
  return sh`
    ask() {
      case $1 in
      ${joinScripts([...names].map(([word, script]) => sh`${word}) ${script} ;;`))}
      *) ;;
      esac
    }
    id_of() {
      case $2 in
        "") return ;;
        *[!0-9]*) ;;
        *) say "$1 $2"; return ;;
      esac
      if [ "$2" = "$3" ] && [ "$2" != UNKNOWN ]; then say "$1 $4"; return; fi
      case $ids in *"$nl$1:$2:"*) ;; *) ids=$ids$1:$2:$(ask "$1:$2")$nl ;; esac
      v=\${ids#*"$nl$1:$2:"}
      say "\${v%%"$nl"*}"
    }
  `;
}

function moreFunctions({ name, script, smooth = sh`return 1` }: More): Script {
  return sh`
    ${`s_${name}`}() {
    ${smooth}
    }
    ${`m_${name}`}() {
    ${script}
    }
  `;
}

/** A path that was there and now is not spoils the count: then each is looked at alone. */
const stats = sh`
  e() {
    i=$((i + 1)) p=$2 t= o=
    if [ -L "$p" ]; then
      ${askLink}
      o=$v$nl
    fi
    ${askKind}
    o="\${o}kind $kind"
    eval "p$i=\$p t$i=\$t k$i=\$kind o$i=\$o"
    [ "$kind" = missing ] || add
  }
  d() { e "$@"; }
  tool=${`stat -L -c '${statFormat}'`}
  begin
  list
  flush
  deal s || exit 1
`;

/** Where this fails, or where sha256sum would escape a name, the module's own script tells. */
const digests = sh`
  e() { i=$((i + 1)); }
  d() {
    i=$((i + 1)) p=$2
    eval "kind=\$k$i s=\$s$i"
    { [ "$kind" = file ] && [ "\${s##* }" = "$5" ] && [ -r "$p" ]; } || return 0
    case $p in *[!A-Za-z0-9_./+@%:,-]*) ;; *) add ;; esac
  }
  tool=sha256sum
  begin
  list
  flush
  deal z
`;

/**
 * The answer of each, as it would be alone, and behind it a line with the mark, its place in the list and its exit code. What a
 * script of its own says on standard error stands there between two lines with mark and place.
 */
const answers = sh`
  own() { [ $# != 6 ] || own_uid=$2 own_gid=$3 own_user=$4 own_group=$5; }
  e() {
    i=$((i + 1)) x=$1 p=$2 size=0 own_uid= own_gid= own_user= own_group=
    eval "t=\$t$i kind=\$k$i s=\$s$i o=\$o$i sum=\$z$i"
    if [ "$kind" != missing ]; then
      say "stat $s"
      size=\${s##* } sum=\${sum%% *}
      own $s
      [ -w "$p" ] || say "fixed yes"
    fi
    ${askAncestor}
    lined "ancestor $entry $write" "$a"
    o=$o$nl$v$nl$u
    id_of owner "$3" "$own_user" "$own_uid"
    id_of group "$4" "$own_group" "$own_gid"
    if [ $# -gt 4 ]; then shift 4; else set --; fi
    if [ "$x" = : ] || "s_$x" "$@"; then
      out=$out$o$nl$nl"$mark $i 0"$nl
      [ \${#out} -lt 8000 ] || tell
      return
    fi
    spent=$((spent + size))
    [ "$spent" -le ${textLimit} ] || return 0
    out=$out$o$nl
    tell
    printf '\n%s %s\n' "$mark" "$i" >&2
    ( set +f; "m_$x" "$@" )
    out=$nl"$mark $i $?"$nl
    printf '\n%s %s\n' "$mark" "$i" >&2
  }
  d() { e "$@"; }
  tell() {
    printf '%s' "$out"
    out=
  }
  i=0
  list
  tell
`;

function answersOf({ code, stdout, stderr }: Answer, count: number, mark: string): (Answer | undefined)[] {
  const said = apart(stderr, mark);
  if (code !== 0 || said === undefined) return Array<undefined>(count).fill(undefined);
  const found: (Answer | undefined)[] = Array<undefined>(count).fill(undefined);
  let text = "";
  for (const [index, part] of stdout.split(`\n${mark} `).entries()) {
    const end = part.indexOf("\n");
    const [place, exit] = part.slice(0, end).split(" ").map(Number);
    if (index > 0 && end >= 0) found[place! - 1] = { code: exit!, stdout: text, stderr: said.get(place!) ?? "" };
    text = index === 0 ? part : part.slice(end + 1);
  }
  return found;
}

/** Standard error by the place of who said it; undefined when there is some that nobody has said. */
function apart(stderr: string, mark: string): Map<number, string> | undefined {
  const parts = stderr.split(`\n${mark} `).map((part, index) => (index === 0 ? part : part.slice(part.indexOf("\n") + 1)));
  if (parts.some((part, index) => index % 2 === 0 && part !== "")) return undefined;
  const places = [...stderr.matchAll(new RegExp(`\\n${mark} (\\d+)\\n`, "g"))].map(([, place]) => Number(place));
  return new Map(parts.flatMap((part, index) => (index % 2 === 1 ? [[places[index - 1]!, part] as const] : [])));
}
