import { existsSync, readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload, type SourceMapping } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** A function on the stack. */
export interface Frame {
  readonly functionName: string;
  readonly lineNumber: number;
  /** The file of ours or of a package that it was bundled from, or Node's own name for its part. */
  readonly source: string;
}

/** What the main thread works on, by the source of the innermost function that belongs to one. */
const parts = {
  "reading YAML": [/\/yaml\/(dist|browser)\//, /^src\/load\/yaml/],
  "reading the rest, compiling": [/^src\/(load|compile)\//],
  "templates, conditions, arguments": [/\/(handlebars|cel-js|zod)\//, /^src\/template\//, /^src\/modules\/(args|bind|schema)/],
  "modules: looks, what they say, plans": [/^src\/modules\//],
  "SSH: handshake, encryption, session": [/\/(ssh2|asn1|bcrypt-pbkdf|cpu-features|tweetnacl|ssh-config)\//, /^src\/transport\//],
  "events, journal, output": [/\/(listr2|get-east-asian-width|log-update|rfdc|eventemitter3)\//, /^src\/(events|reporters)\//],
  engine: [/\/p-queue\//, /^src\/(execute\/|pipeline\.ts)/],
  "command line": [/\/(commander|fastest-levenshtein)\//, /^src\/cli\//],
} as const satisfies Readonly<Record<string, readonly RegExp[]>>;

const mainFile = "src/main.ts";
const loading = "loading code";
const native = "native: V8's compiler, system calls";
const nodesOwn = "Node.js: streams, sockets, timers";
const specials = { "(garbage collector)": "garbage collection", "(idle)": "waiting", "(program)": native } as const;

export type Group = keyof typeof parts | typeof loading | typeof nodesOwn | (typeof specials)[keyof typeof specials];

/** All, in the order of the page. */
export const groups: readonly Group[] = [loading, ...(Object.keys(parts) as (keyof typeof parts)[]), nodesOwn, ...Object.values(specials)];

/** What a stack works on; its innermost function comes first. */
export function groupOf(stack: readonly Frame[]): Group {
  const special = specials[stack[0]!.functionName as keyof typeof specials];
  if (special !== undefined) return special;
  if (isLoading(stack)) return loading;
  for (const { source } of stack) {
    const found = Object.entries(parts).find(([, patterns]) => patterns.some((pattern) => pattern.test(source)));
    if (found !== undefined) return found[0] as keyof typeof parts;
  }
  // Its functions are those that everybody writes to the terminal with, and only otherwise its own.
  return stack.some(({ source }) => source === mainFile) ? "command line" : nodesOwn;
}

/** Whether something is being loaded: a file's first run is on the stack, and not the command itself, which the first file starts. */
function isLoading(stack: readonly Frame[]): boolean {
  const outermost = stack.findIndex(({ source, ...frame }) => source === mainFile && !isFirstRun({ source, ...frame }));
  return stack.slice(0, outermost === -1 ? stack.length : outermost).some((frame) => isFirstRun(frame) || /^node:internal\/(modules|bootstrap|main|process\/(pre_execution|esm_loader))\b/.test(frame.source));
}

/** esbuild gives a package's first run the name of its file. */
function isFirstRun({ functionName, lineNumber, source }: Frame): boolean {
  if (/(^|\/)(node_modules|src)\//.test(functionName)) return true;
  return ["", "(anonymous)"].includes(functionName) && lineNumber === 0 && !source.startsWith("node:");
}

/** Where a function begins; lines and columns count from 0. */
export interface Place {
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

/**
 * The source of a place in what was built into the directory `dist`: by the map that lies beside the bundle, or else by the path that esbuild writes
 * in front of each file where it leaves comments in.
 */
export function sourcesOf(urls: readonly string[], dist: string): (place: Place) => string {
  const known = new Map([...new Set(urls)].map((url) => [url, sourceIn(url, dist)]));
  return (place) => tidy(known.get(place.url)?.(place) ?? place.url);
}

function sourceIn(url: string, dist: string): ((place: Place) => string | undefined) | undefined {
  if (url === "" || url.startsWith("node:")) return undefined;
  // A script that a program compiles by itself may have a file's name or path.
  const path = url.startsWith("file:") ? fileURLToPath(url) : resolve(dist, url);
  if (path.includes("/node_modules/") || !existsSync(path)) return undefined;
  if (existsSync(`${path}.map`)) return byMap(`${path}.map`);
  const lines = readFileSync(path, "utf8").split("\n");
  const starts = lines.flatMap((line, index) => {
    const [, source] = /^\/\/ (\S*?\b(?:src|node_modules)\/\S+\.[cm]?[jt]s)$/.exec(line) ?? [];
    return source === undefined ? [] : [[index, source] as const];
  });
  return ({ lineNumber }) => starts.findLast(([start]) => start <= lineNumber)?.[1];
}

function byMap(file: string): (place: Place) => string | undefined {
  const map = new SourceMap(JSON.parse(readFileSync(file, "utf8")) as SourceMapPayload);
  return ({ lineNumber, columnNumber }) => (map.findEntry(lineNumber, columnNumber) as Partial<SourceMapping>).originalSource;
}

/** From `src` or `node_modules` on. */
function tidy(path: string): string {
  return path.replace(/^.*\/(?=node_modules\/)/, "").replace(/^(?:.*\/)?(?=src\/\S+\.ts$)/, "");
}
