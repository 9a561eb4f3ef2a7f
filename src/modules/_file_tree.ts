import { sh, verbatim, type Script } from "../core/sh.ts";
import { run } from "../core/step.ts";
import type { Change } from "./contract.ts";
import { exactMode } from "./_access.ts";
import type { FileArgs, FileSeen } from "./_file_seen.ts";
import { modeFrom } from "./_mode.ts";

const kindBits = 0o170000;
const directoryBits = 0o040000;

/** Owner, group and mode of what is in a directory. Links are left out: they have no mode, and lead elsewhere. */
export function planTree(args: FileArgs, seen: FileSeen): Change[] {
  return args.recurse ? [...owners(args, seen), ...modes(args, seen)] : [];
}

const undo = { impossible: "who owned what with which mode is not kept for what is inside" };

function owners({ path }: FileArgs, { tree, wanted }: FileSeen): Change[] {
  const { uid, gid } = wanted;
  const others = tree.filter((each) => (uid !== undefined && each.uid !== uid) || (gid !== undefined && each.gid !== gid));
  if (others.length === 0) return [];
  const [whose, to] = [`${uid ?? ""}${gid === undefined ? "" : `:${gid}`}`, [...(uid === undefined ? [] : [sh`! -user ${String(uid)}`]), ...(gid === undefined ? [] : [sh`! -group ${String(gid)}`])]];
  const differ = to.length === 2 ? sh`\( ${to[0]!} -o ${to[1]!} \)` : to[0]!;
  const title = `change the owner of ${things(others)} in ${path}`;
  return [{ title, before: null, after: whose, steps: [run(sh`find ${`${path}/`} -mindepth 1 ! -type l ${differ} -exec chown -- ${whose} {} +`, { title })], undo }];
}

/** Each thing is met once, so that what one mode has become is not taken for another. */
function modes({ path, mode }: FileArgs, { tree }: FileSeen): Change[] {
  if (mode === undefined) return [];
  const others = tree.filter(({ bits }) => wantedOf(mode, bits) !== octal(bits));
  if (others.length === 0) return [];
  const distinct = new Map(others.map(({ bits }) => [bits, wantedOf(mode, bits)]));
  const each = [...distinct].map(([bits, wanted]): Script => {
    const kind = isDirectory(bits) ? sh`-type d` : sh`! -type d`;
    return sh`${kind} -perm ${octal(bits)} -exec chmod -- ${exactMode(wanted)} {} +`;
  });
  const all = verbatim(each.map(({ text }) => text).join(" -o "));
  const title = `change the mode of ${things(others)} in ${path}`;
  return [{ title, before: null, after: mode, steps: [run(sh`find ${`${path}/`} -mindepth 1 ! -type l \( ${all} \)`, { title })], undo }];
}

function wantedOf(mode: string, bits: number): string {
  return modeFrom(mode, octal(bits), isDirectory(bits));
}

function isDirectory(bits: number): boolean {
  return (bits & kindBits) === directoryBits;
}

function octal(bits: number): string {
  return (bits & 0o7777).toString(8).padStart(4, "0");
}

function things(tree: FileSeen["tree"]): string {
  const count = tree.reduce((sum, each) => sum + each.count, 0);
  return count === 1 ? "1 thing" : `${count} things`;
}
