import { posix } from "node:path";
import type { Functions } from "./function.ts";
import { list, text } from "./values.ts";

/** Paths of hosts, which are POSIX paths, as text: nothing here looks at a file. */
export const pathFunctions: Functions = {
  basename: { summary: "The last part of a path.", takes: ["path"], examples: [["basename('/srv/a.txt')", "a.txt"], ["basename('/srv/data/')", "data"]], call: (value) => text(value).replace(/\/+$/, "").split("/").at(-1) ?? "" },
  dirname: { summary: "A path without its last part.", takes: ["path"], examples: [["dirname('/srv/a.txt')", "/srv"], ["dirname('/file')", "/"]], call: (value) => text(value).replace(/\/+[^/]*\/*$/, "") || "/" },
  path_join: {
    summary: "Parts of a path as one; after a part that begins with / what stood before it is gone.",
    takes: ["parts"],
    examples: [["path_join(['/srv', 'data', 'x'])", "/srv/data/x"], ["path_join(['/srv', '/etc'])", "/etc"]],
    call: (value) => list(value).map(text).reduce((path, part) => (part.startsWith("/") || path === "" ? part : `${path.replace(/\/$/, "")}/${part}`), ""),
  },
  relpath: { summary: "A path as seen from a directory.", takes: ["path", "start"], examples: [["relpath('/srv/a/b', '/srv/c')", "../a/b"]], call: (value, start) => posix.relative(text(start), text(value)) || "." },
  splitext: { summary: "A path without its extension, and the extension.", takes: ["path"], examples: [["splitext('/srv/a.tar.gz')", ["/srv/a.tar", ".gz"]]], call: (value) => splitExtension(text(value)) },
};

function splitExtension(path: string): [string, string] {
  const extension = posix.extname(path);
  return [path.slice(0, path.length - extension.length), extension];
}
