import { isAbsolute, relative } from "node:path";

/** A path as a person would type it: from the working directory, where it lies below it. */
export function nearPath(path: string): string {
  const near = isAbsolute(path) ? relative(process.cwd(), path) : path;
  return near.startsWith("..") ? path : near;
}
