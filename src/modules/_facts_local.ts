import type { Json, JsonObject } from "../core/json.ts";
import { sh } from "../core/sh.ts";
import { linesOf, type FactFamily } from "./_facts_family.ts";

/** Where a host keeps its own facts; of two with the same name the later directory's wins. */
const directories = ["/etc/ansible/facts.d", "/etc/bowline/facts.d"] as const;

/** Seconds for one program, and the bytes that are read of what it prints. */
const limit = 10;
const longest = 65536;

export const local = localFrom(directories);

/**
 * The facts of these directories. A program is told from a file by its mode; what one prints stands behind a bar on
 * every line, so that nothing in it, nor in a file's name, can pass for another fact.
 */
export function localFrom(places: readonly string[]): FactFamily<JsonObject> {
  return {
    summary: "The host's own facts, by the name of their file.",
    script: sh`
      for d in ${places}; do
        for f in "$d"/*.fact "$d"/*.json "$d"/*.sh; do
          [ -f "$f" ] || continue
          name=\${f##*/}
          if [ ! -x "$f" ] && [ "\${name%.sh}" != "$name" ]; then continue; fi
          case $name in *[!A-Za-z0-9_.+-]*) printf 'odd .\n'; continue ;; esac
          printf 'fact %s\n' "\${name%.*}"
          {
            if [ ! -r "$f" ]; then code=unreadable
            elif [ -x "$f" ]; then timeout ${limit} "$f" </dev/null 2>/dev/null; code=$?
            else cat -- "$f"; code=$?; fi
            printf '\n%s\n' "$code"
          } | { head -c ${longest}; cat >/dev/null; } | sed 's/^/|/'
        done
      done
    `,
    parse: parseLocal,
    fields: {},
    open: true,
  };
}

function parseLocal(output: string): JsonObject {
  const blocks = `\n${output}`.split("\nfact ").slice(1).map((block) => {
    const [name = "", ...lines] = linesOf(block);
    const body = lines.filter((line) => line.startsWith("|")).map((line) => line.slice(1));
    return [name, valueOf(body.slice(0, -1).join("\n").trim(), body.at(-1) ?? "")] as const;
  });
  return Object.fromEntries(blocks);
}

/** What went wrong is the value: a play that does not name the fact is not held up by it. */
function valueOf(body: string, code: string): Json {
  if (code === "unreadable") return { error: "the file may not be read" };
  if (code === "124") return { error: `it did not end within ${limit} seconds` };
  if (!/^\d+$/.test(code)) return { error: `it printed more than ${longest} bytes` };
  if (code !== "0") return { error: `it ended with exit code ${code}` };
  return json(body) ?? ini(body) ?? { error: "it is neither JSON nor INI" };
}

function json(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json;
  } catch {
    // Ansible's facts may be INI as well, which is tried next.
    return undefined;
  }
}

/** Sections of `key = value` or `key: value`; keys are lower case, as Ansible's parser makes them, and values text. */
function ini(body: string): JsonObject | undefined {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of body.split("\n").map((each) => each.trim()).filter((each) => each !== "" && !/^[#;]/.test(each))) {
    const [, name] = /^\[([^\]]+)\]$/.exec(line) ?? [];
    const [, key, value = ""] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) sections.set(name, (section = sections.get(name) ?? new Map<string, string>()));
    else if (section === undefined || key === undefined) return undefined;
    else section.set(key.toLowerCase(), value);
  }
  return section && Object.fromEntries([...sections].map(([name, values]) => [name, Object.fromEntries(values)]));
}
