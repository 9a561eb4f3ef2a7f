import { joinScripts, sh, type Script } from "../core/sh.ts";
import { observePath, type Access } from "./_path.ts";

/** A look at a path, alone or among many ({@link paths} of _path_family.ts). */
export interface PathLook {
  readonly path: string;
  readonly access: Access;
  readonly more?: More;
  /** `$1`, `$2` … of what is looked at besides. */
  readonly values?: readonly (string | number)[];
}

/** What a module looks at beside what {@link observePath} tells. */
export interface More {
  /** Its name in the script for many; letters only, and no other has it. */
  readonly name: string;
  /** Runs behind {@link observePath}, with what that found in $p, $kind and $size. It may end with `exit`. */
  readonly script: Script;
  /**
   * Says the same without a process, where that can be: each line by `say`, then true; before it has said anything,
   * false when the script must be run. It reads $p, $kind, $size and, with `digest`, $sum, and changes no other than $d.
   */
  readonly smooth?: Script;
  /** Of a file with `$1` bytes the sha256 is looked at beforehand, of many together; it is in $sum, or that is empty. */
  readonly digest?: true;
}

/** The look alone. */
export function observeAt({ path, access, more, values = [] }: PathLook): Script {
  if (!more) return observePath(path, access);
  return joinScripts([observePath(path, access), ...(values.length === 0 ? [] : [sh`set -- ${values}`]), more.script]);
}
