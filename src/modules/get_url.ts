import { basename, dirname } from "node:path/posix";
import { sh, type Script } from "../core/sh.ts";
import { run } from "../core/step.ts";
import { boolean, integer, optional, secret, text, textMap, withDefault } from "./args.ts";
import { defineResource, type Bound, type Change } from "./contract.ts";
import { exactMode, pathState, planAccess } from "./_access.ts";
import { ownerWord } from "./_directory.ts";
import { destArgs, fileArgs } from "./_file.ts";
import { lazily } from "./_lazy.ts";
import { anyMode, modeFrom } from "./_mode.ts";
import { requireTool } from "./_observe.ts";
import { parsePath, refuseForeign, refuseUnknownAccounts, refuseUnwritable, refuseWithoutParent, type PathSeen } from "./_path.ts";
import { paths } from "./_path_family.ts";
import { observeAt, type More, type PathLook } from "./_path_look.ts";
import { refuse } from "./refuse.ts";

const urlArgs = lazily(() => ({
  url: text("The address.").regex(/^(https?|ftp):\/\/[^\s]+$/i, "must begin with http://, https:// or ftp:// and hold no blanks"),
  ...destArgs,
  checksum: optional(text("What it must be: `sha256:` and its digits, or those of sha1, sha512 or md5.").regex(/^(sha1|sha224|sha256|sha384|sha512|md5):[0-9a-fA-F]+$/, 'must be like "sha256:" and hexadecimal digits')),
  mode: optional(anyMode('Its mode: octal digits in quotes, or symbols; a new file without one gets 0644.')),
  owner: fileArgs.owner,
  group: fileArgs.group,
  force: withDefault(boolean("Bring it each time, though it is there; needless with a `checksum`."), false),
  headers: withDefault(textMap("Headers of the request."), {}),
  url_username: optional(text("The user for basic authentication.")),
  url_password: optional(secret("Its password.")),
  validate_certs: withDefault(boolean("Check the server's certificate."), true),
  timeout: withDefault(integer("Seconds without an answer until it is given up.", { min: 1 }), 30),
}));

type UrlArgs = Bound<typeof urlArgs>;

interface Seen extends PathSeen {
  /** The digits of what is there, when the task says what they are to be. */
  readonly digest?: string;
}

export const get_url = defineResource<typeof urlArgs, Seen>({
  name: "get_url",
  summary: "Make the host bring a file from the web, and keep it.",
  notes: `
* The host itself fetches it, with curl, which gets address, headers and password on its input, or, where only an address is needed, with wget.
* It is written beside its place, its checksum is held against what it must be, and only then it takes its place.
* With a \`checksum\` what is there is brought anew when it differs; without one, only when it is missing, or by \`force\` each time.
* What was there before is not kept.
`,
  args: urlArgs,
  otherNames: { path: "dest", src: "url", name: "url", sha256sum: "checksum", username: "url_username", password: "url_password" },
  examples: [
    { title: "A program, and no other", yaml: 'get_url:\n  url: https://example.com/tool-1.2\n  dest: /usr/local/bin/tool\n  mode: "0755"\n  checksum: sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae' },
    { title: "Once", yaml: "get_url:\n  url: https://example.com/list.txt\n  dest: /var/lib/app/list.txt" },
  ],
  rules: ({ dest, headers, url_username: user, url_password: password }) => [
    ...(dest === "/" ? ['"dest" must be a file'] : []),
    ...(password !== undefined && user === undefined ? ['"url_password" needs "url_username"'] : []),
    ...(Object.entries(headers).flat().some((part) => /[\r\n]/.test(part)) ? ["a header must stand on one line"] : []),
  ],
  observe: (args) => observeAt(lookAt(args)),
  together: { family: paths, subject: lookAt },
  parse(answer) {
    const { seen, values } = parsePath(answer);
    const digest = values.get("digest");
    return { ...seen, ...(digest === undefined ? {} : { digest }) };
  },
  plan,
  once: ({ force, checksum }) => force && checksum === undefined,
  state: (args, seen) => pathState(args.dest, seen, () => plan({ ...args, force: false }, seen)),
  result: ({ dest, url }) => ({ dest, url }),
});

function lookAt(args: UrlArgs): PathLook {
  return { path: args.dest, access: args, ...(args.checksum === undefined ? {} : { more: moreDigest, values: [digestTool(args.checksum)] }) };
}

const moreDigest: More = {
  name: "digest",
  smooth: sh`[ "$kind" != file ] || [ ! -r "$p" ]`,
  script: sh`
    { [ "$kind" = file ] && [ -r "$p" ]; } || exit 0
    d=$("$1" <"$p") && echo "digest \${d%% *}"
  `,
};

function digestTool(checksum: string): string {
  return `${checksum.split(":")[0]}sum`;
}

function plan(args: UrlArgs, seen: Seen): readonly Change[] {
  const { dest, checksum, force } = args;
  if (seen.kind === "directory") refuse(`${dest} is a directory`, { hint: `name the file in it: ${dest}/${basename(new URL(args.url).pathname) || "NAME"}` });
  if (seen.kind === "other") refuse(`${dest} is neither a file nor a directory`, { hint: "move it away by hand" });
  refuseUnknownAccounts(args, seen);
  const mode = args.mode === undefined ? undefined : modeFrom(args.mode, seen.stat?.mode ?? "0644", false);
  const isSo = seen.kind === "file" && (checksum === undefined ? !force : seen.digest === checksum.split(":")[1]!.toLowerCase());
  if (isSo) return planAccess(dest, { ...args, mode }, seen);
  refuseWithoutParent(dest, seen);
  refuseUnwritable(dest, seen);
  refuseForeign(dest, args, seen, seen.wanted.gid ?? seen.stat?.gid);
  const title = `bring ${args.url} to ${dest}`;
  const step = run(bringing(args, seen, mode), { stdin: `${configOf(args).join("\n")}\n`, title });
  return [{ title, before: seen.digest ?? (seen.stat ? `${seen.stat.size} bytes` : null), after: checksum ?? "what is there", steps: [step], undo: seen.kind === "missing" ? [run(sh`rm -f -- ${seen.target ?? dest}`, { title: `remove ${dest}` })] : { impossible: "the file before is not kept" } }];
}

/** What is not said stays as it is. */
function bringing(args: UrlArgs, { stat, target }: Seen, mode: string | undefined): Script {
  const { dest, checksum, url } = args;
  const path = target ?? dest;
  const owner = ownerWord({ owner: args.owner ?? stat?.uid.toString(), group: args.group ?? stat?.gid.toString() });
  const needsCurl = Object.keys(args.headers).length > 0 || args.url_username !== undefined;
  const wget = sh`elif command -v wget >/dev/null; then wget -q ${args.validate_certs ? [] : ["--no-check-certificate"]} -T ${args.timeout} -O "$t" -- ${url} || { echo ${`wget could not bring ${url}`} >&2; exit 1; }`;
  return sh`
    t=$(mktemp ${`${dirname(path)}/.bowline-new.XXXXXX`}) || exit
    trap 'rm -f -- "$t"' EXIT
    if command -v curl >/dev/null; then
      curl -q -f -sS -K - -o "$t" || exit
    ${needsCurl ? sh`` : wget}
    else
      ${requireTool("curl")}
    fi
    ${checksum === undefined ? sh`:` : sh`d=$(${digestTool(checksum)} <"$t") && d=\${d%% *} && { [ "$d" = ${checksum.split(":")[1]!.toLowerCase()} ] || { echo "what came has another checksum: $d" >&2; exit 1; }; } || exit`}
    ${owner === "" ? sh`:` : sh`chown -- ${owner} "$t" || exit`}
    chmod -- ${exactMode(mode ?? stat?.mode ?? "0644")} "$t" && mv -f -- "$t" ${path}
  `;
}

/** curl(1), -K: one option a line, values in quotes in which backslash and quote are escaped. */
function configOf({ url, headers, url_username: user, url_password: password, validate_certs: checked, timeout }: UrlArgs): string[] {
  const option = (name: string, value: string) => `${name} = "${value.replace(/[\\"]/g, "\\$&")}"`;
  return [
    option("url", url),
    "globoff",
    "location",
    "max-redirs = 10",
    option("proto", "=http,https,ftp"),
    `connect-timeout = ${timeout}`,
    `speed-limit = 1`,
    `speed-time = ${timeout}`,
    ...Object.entries(headers).map(([name, value]) => option("header", `${name}: ${value}`)),
    ...(user === undefined ? [] : [option("user", `${user}:${password?.reveal() ?? ""}`)]),
    ...(checked ? [] : ["insecure"]),
  ];
}
