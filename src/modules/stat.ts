import type { JsonObject } from "../core/json.ts";
import { sh } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { absolutePath, boolean, oneOf, withDefault } from "./args.ts";
import { defineAction } from "./contract.ts";
import { lazily } from "./_lazy.ts";
import { requireTool } from "./_observe.ts";
import { followed } from "./_path.ts";

export const stat = defineAction({
  name: "stat",
  summary: "Tell what is at a path: whether it is there, what it is, whose, how large, and its checksum.",
  notes: `
* \`register\` gets \`stat\` with Ansible's names: \`exists\`, \`path\`, \`isreg\`, \`isdir\`, \`islnk\`, \`isblk\`, \`ischr\`, \`isfifo\`, \`issock\`, \`mode\`, \`uid\`, \`gid\`, \`pw_name\`, \`gr_name\`, \`size\`, \`inode\`, \`dev\`, \`nlink\`, \`atime\`, \`mtime\`, \`ctime\`, \`rusr\` to \`xoth\`, \`isuid\`, \`isgid\`, \`readable\`, \`writeable\`, \`executable\`, \`lnk_source\`, \`lnk_target\`, \`checksum\`.
* Of a path where nothing is, only \`exists\` is there.
* A symbolic link is told itself, unless \`follow: true\`. \`checksum\` is there for files that may be read.
* Times are whole seconds.
`,
  args: lazily(() => ({
    path: absolutePath("The path."),
    follow: withDefault(boolean("Tell what a symbolic link leads to."), false),
    get_checksum: withDefault(boolean("Tell the checksum of a file, which reads all of it."), true),
    checksum_algorithm: withDefault(oneOf(["sha1", "md5", "sha224", "sha256", "sha384", "sha512"], "How the checksum is made."), "sha1"),
    get_mime: withDefault(boolean("Taken from Ansible's playbooks; the MIME type is never told."), false),
    get_attributes: withDefault(boolean("Taken from Ansible's playbooks; what lsattr says is never told."), false),
  })),
  otherNames: { dest: "path", name: "path", checksum: "checksum_algorithm", checksum_algo: "checksum_algorithm" },
  examples: [{ title: "Only where it is not yet", yaml: "name: Is it formatted\nstat:\n  path: /srv/data/.ready\n  get_checksum: false\nregister: ready" }],
  readOnly: () => true,
  steps: (args) => [run(lookAt(args), { title: `look at ${args.path}`, silent: true, trusted: true })],
  outcome({ path }, answers) {
    const answer = answers.at(-1);
    if (answer?.code !== 0) return { changed: false, failed: `looking at ${path} failed: ${answer?.stderr.trim() || "no answer"}` };
    return { changed: false, data: { stat: statOf(path, answer.stdout) } };
  },
});

interface Look {
  readonly path: string;
  readonly follow: boolean;
  readonly get_checksum: boolean;
  readonly checksum_algorithm: string;
}

/** Names and targets come last on their lines, and with their newlines escaped: nothing on the host can forge another line. */
function lookAt({ path, follow, get_checksum: checksum, checksum_algorithm: algorithm }: Look) {
  const digest = sh`
    if [ -f "$p" ] && [ -r "$p" ]; then
      ${requireTool(`${algorithm}sum`, "coreutils")}
      d=$(${algorithm}sum <"$p") && printf 'checksum %s\n' "\${d%% *}"
    fi
  `;
  return sh`
    export LC_ALL=C
    ${requireTool("stat")}
    p=${path}
    [ -e "$p" ] || { ${follow ? sh`:` : sh`[ -L "$p" ]`} && [ ${follow ? "follow" : "itself"} = itself ]; } || exit 0
    stat ${follow ? sh`-L` : sh``} -c 'stat %f %u %g %s %i %d %h %X %Y %Z %U/%G' -- "$p" || exit
    [ ! -r "$p" ] || echo "may r"
    [ ! -w "$p" ] || echo "may w"
    [ ! -x "$p" ] || echo "may x"
    if [ -L "$p" ] && ${follow ? sh`false` : sh`true`}; then
      printf 'target %s\n' "$(readlink -- "$p" | sed 's/\\/\\\\/g; s/$/\\n/' | tr -d '\n')"
      printf 'source %s\n' "$(${followed} | sed 's/\\/\\\\/g; s/$/\\n/' | tr -d '\n')"
      exit 0
    fi
    ${checksum ? digest : sh`:`}
  `;
}

/** The types of stat(2): the bits above the mode. */
const types = { issock: 0o14, islnk: 0o12, isreg: 0o10, isblk: 0o6, isdir: 0o4, ischr: 0o2, isfifo: 0o1 };

function statOf(path: string, output: string): JsonObject {
  const lines = output.split("\n");
  const values = (key: string) => lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const [found] = values("stat");
  if (found === undefined) return { exists: false };
  const [raw = "", uid, gid, size, inode, dev, nlink, atime, mtime, ctime, ...names] = found.split(" ");
  const [owner = "", group = ""] = names.join(" ").split("/");
  const bits = parseInt(raw, 16);
  const may = values("may");
  const [checksum, target, source] = [values("checksum")[0], values("target")[0], values("source")[0]];
  return {
    exists: true,
    path,
    ...Object.fromEntries(Object.entries(types).map(([name, type]) => [name, bits >> 12 === type])),
    mode: (bits & 0o7777).toString(8).padStart(4, "0"),
    ...permissions(bits),
    uid: Number(uid),
    gid: Number(gid),
    pw_name: owner,
    gr_name: group,
    size: Number(size),
    inode: Number(inode),
    dev: Number(dev),
    nlink: Number(nlink),
    atime: Number(atime),
    mtime: Number(mtime),
    ctime: Number(ctime),
    readable: may.includes("r"),
    writeable: may.includes("w"),
    executable: may.includes("x"),
    ...(checksum === undefined ? {} : { checksum }),
    ...(target === undefined ? {} : { lnk_target: unescaped(target) }),
    ...(source === undefined ? {} : { lnk_source: unescaped(source) }),
  };
}

/** `rusr`, `wusr` … `xoth`, and the set-id bits. */
function permissions(bits: number): JsonObject {
  const whose = [["usr", 6], ["grp", 3], ["oth", 0]] as const;
  const what = [["r", 4], ["w", 2], ["x", 1]] as const;
  const each = whose.flatMap(([who, shift]) => what.map(([name, bit]) => [`${name}${who}`, ((bits >> shift) & bit) !== 0] as const));
  return { ...Object.fromEntries(each), isuid: (bits & 0o4000) !== 0, isgid: (bits & 0o2000) !== 0 };
}

function unescaped(line: string): string {
  return line.replace(/\\([\\n])/g, (_, char: string) => (char === "n" ? "\n" : char)).replace(/\n$/, "");
}
