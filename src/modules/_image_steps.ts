import { basename } from "node:path/posix";
import { quote, sh, type Script } from "../core/sh.ts";
import { run, type LocalFile, type RunStep, type Steps } from "../core/step.ts";
import { patientClient } from "./_docker.ts";
import type { ImageArgs } from "./_image_args.ts";

/** How an image comes to a daemon, in the words of a change's title. */
export interface Source {
  readonly verb: "pull" | "load" | "import";
  readonly from: string;
}

export function sourceOf(args: ImageArgs): Source {
  if (args.archive) return { verb: "load", from: ` from ${basename(args.archive.path)} of the controller` };
  if (args.archive_path !== undefined) return { verb: "load", from: ` from ${args.archive_path}` };
  if (args.import) return { verb: "import", from: ` from ${basename(args.import.path)} of the controller` };
  if (args.import_path !== undefined) return { verb: "import", from: ` from ${args.import_path}` };
  return { verb: "pull", from: args.digest === undefined ? "" : ` at ${args.digest}` };
}

/** Bring the image. What comes from the controller goes through a file in `uploads`, which is removed whatever happens. */
export function bringSteps(args: ImageArgs, uploads: string): Steps {
  if (args.archive) return throughFile(args.archive, uploads, (path) => loadStep(args, path, removal(path)));
  if (args.archive_path !== undefined) return [loadStep(args, args.archive_path)];
  if (args.import) return throughFile(args.import, uploads, (path) => importStep(args, path, removal(path)));
  if (args.import_path !== undefined) return [importStep(args, args.import_path)];
  return [pullStep(args)];
}

/** Take the name away; the image goes with its last name. */
export function removeStep({ socket, name }: ImageArgs): RunStep {
  return run(sh`${patientClient(socket)} rmi ${name}`, { title: `docker rmi ${name}` });
}

/** Give the name to an image that the daemon has. */
export function tagStep({ socket, name }: ImageArgs, id: string): RunStep {
  return run(sh`${patientClient(socket)} tag ${id} ${name}`, { title: `docker tag ${id} ${name}` });
}

/** The name is made of the content, so two tasks that send the same file do not disturb each other's. */
function throughFile(file: LocalFile, uploads: string, step: (path: string) => RunStep): Steps {
  const path = `${uploads}/bowline-${file.sha256.slice(0, 16)}.tar`;
  return function* () {
    try {
      yield { kind: "put", path, content: { file }, mode: "0600" };
      yield step(path);
    } finally {
      yield run(sh`rm -f -- ${path}`, { title: `remove ${path}` });
    }
  };
}

/** For the head of a script: whatever ends it, the file goes, even when nobody is left who could ask for it. */
function removal(path: string): Script {
  return sh`
    trap ${`rm -f -- ${quote(path)}`} EXIT
    trap 'exit 143' HUP TERM
  `;
}

/** When the archive does not know the name, and holds one image, this image gets it. */
function loadStep(args: ImageArgs, path: string, head = sh`:`): RunStep {
  const docker = patientClient(args.socket);
  const script = sh`
    ${head}
    ${before(args)}
    out=$(${docker} load -q -i ${path}) || exit
    printf '%s\n' "$out"
    loaded=$(printf '%s\n' "$out" | sed -n 's/^Loaded image\( ID\)\{0,1\}: *//p')
    after=$(${docker} image inspect --format '{{.Id}}' ${args.name} 2>/dev/null)
    if [ -z "$after" ] || { [ "$after" = "$before" ] && ! printf '%s\n' "$loaded" | grep -qxF -- ${withTag(args.name)}; }; then
      [ "$(printf '%s\n' "$loaded" | wc -l)" = 1 ] || { echo ${`the archive has several images, and none is called ${args.name}`} >&2; exit 1; }
      ${docker} tag "$loaded" ${args.name} || exit
    fi
    ${checkId(args)}
  `;
  return run(script, { title: `docker load -i ${path}`, timeout: args.timeout });
}

function importStep(args: ImageArgs, path: string, head = sh`:`): RunStep {
  const changes = args.changes.flatMap((change) => ["--change", change]);
  const script = sh`
    ${head}
    ${before(args)}
    ${patientClient(args.socket)} import ${changes} ${path} ${args.name} || exit
    ${checkId(args)}
  `;
  return run(script, { title: `docker import ${path} ${args.name}`, timeout: args.timeout });
}

/** The reasons for which docker does not come as far as a registry's answer, in the words of Go's net package. */
const unreachable =
  "no such host|connection refused|i/o timeout|network is unreachable|no route to host|request canceled|deadline exceeded|server misbehaving|handshake timeout|name resolution|unexpected EOF";

/** When it fails, its last line is the cause, and above it stands what else can be done. */
function pullStep(args: ImageArgs): RunStep {
  const { name, digest, timeout } = args;
  const docker = sh`timeout ${Math.max(1, Math.ceil(timeout))} ${patientClient(args.socket)}`;
  const what = digest === undefined ? name : `${withoutTag(name)}@${digest}`;
  const script = sh`
    ${before(args)}
    { complaint=$(${docker} pull ${what} 2>&1 >&3); } 3>&1
    code=$?
    if [ "$code" = 0 ]; then
      ${digest === undefined ? sh`:` : sh`${patientClient(args.socket)} tag ${what} ${name} || exit`}
      ${checkId(args)}
      exit
    fi
    {
      printf '%s\n' "$complaint" ${threeWays}
      if [ "$code" = 124 ] || [ "$code" = 143 ]; then
        echo ${`${name} has not come within ${timeout} s: its registry is out of reach, or slow (timeout gives it more time)`}
      elif printf '%s\n' "$complaint" | grep -qF 'HTTP response to HTTPS client'; then
        echo ${`the registry of ${name} speaks plain HTTP, which its daemon must be told: --insecure-registry ${name.split("/")[0]!}`}
      elif printf '%s\n' "$complaint" | grep -qiE ${unreachable}; then
        echo ${`no registry is reachable for ${name}`}
      else
        echo ${`the registry does not give ${name}`}
      fi
    } >&2
    exit 1
  `;
  return run(script, { title: `docker pull ${what}`, timeout: timeout + 30 });
}

const threeWays = [
  "there are three ways to bring an image:",
  "  1. pull it: name a registry that this host reaches (name: registry.example.com:5000/NAME), or give its daemon a mirror or a proxy",
  "  2. archive: FILE sends what `docker save` has made on another machine",
  "  3. archive_path: PATH or import_path: PATH loads what is on the host already",
];

/** What has the name before anything is brought: $before. */
function before({ name, socket }: ImageArgs): Script {
  return sh`before=$(${patientClient(socket)} image inspect --format '{{.Id}}' ${name} 2>/dev/null)`;
}

/** What has come with another id than it must have does not keep the name: a container would be made of it. */
function checkId({ id, name, socket }: ImageArgs): Script {
  if (id === undefined) return sh`:`;
  const wanted = `sha256:${id.replace(/^sha256:/, "")}`;
  const docker = patientClient(socket);
  return sh`
    got=$(${docker} image inspect --format '{{.Id}}' ${name})
    case $got in
      ${wanted}*) ;;
      *)
        if [ -z "$before" ]; then ${docker} rmi ${name}; elif [ "$got" != "$before" ]; then ${docker} tag "$before" ${name} && ${docker} rmi "$got"; fi >/dev/null 2>&1
        echo ${`${name} has come with another id than ${wanted}, and was not kept:`} "$got" >&2
        exit 1 ;;
    esac
  `;
}

function withTag(name: string): string {
  return name === withoutTag(name) ? `${name}:latest` : name;
}

function withoutTag(name: string): string {
  return name.replace(/:[^:/]+$/, "");
}
