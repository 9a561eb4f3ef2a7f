import type { Command } from "commander";
import { listRuns, stateDir } from "../events/journal.ts";
import { loadInventory } from "../load/inventory.ts";
import type { Cli } from "./cli.ts";
import { completions, type Completion, type Names } from "./complete.ts";
import { inventorySources } from "./inventory-sources.ts";

/** `completion SHELL`: a script for the start of that shell. What may come next it asks `bowline complete`, so that it is never stale. */
export function completion(shell: Shell, cli: Cli): void {
  cli.terminal.write(scripts[shell]);
}

/** `complete -- WORDS`: a line for each word that may stand in the place of the last one, and after a tab what it is for. */
export async function complete(words: readonly string[], program: Command, cli: Cli): Promise<void> {
  for (const { word, summary } of await completions(program, words, names)) cli.terminal.write(`${word}\t${summary.split("\n")[0]}\n`);
}

const names: Names = {
  hosts: async ({ inventories }) => (await inventoryOf(inventories)).filter(({ summary }) => summary === "host"),
  patterns: ({ inventories }) => inventoryOf(inventories),
  modules: async () => [...(await import("../modules/registry.ts")).registry.values()].map(({ name, summary }) => ({ word: name, summary })),
  runs: () => Promise.resolve([{ word: "last", summary: "the newest run" }, ...listRuns(stateDir()).map((word) => ({ word, summary: "" }))]),
};

/** While somebody types, an inventory with mistakes has no names; the command itself will say why. */
async function inventoryOf(named: readonly string[]): Promise<Completion[]> {
  try {
    const { groups, hosts } = await loadInventory(inventorySources(named), process.cwd());
    return [...[...groups.keys()].map((word) => ({ word, summary: "group" })), ...[...hosts.keys()].map((word) => ({ word, summary: "host" }))];
  } catch {
    return [];
  }
}

const scripts = {
  bash: `# bowline completion bash
_bowline() {
  local current=\${COMP_WORDS[COMP_CWORD]} line file
  local -a words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  [[ \${COMP_WORDS[0]##*/} == run ]] && words=(run "\${words[@]}")
  [[ $current == "=" ]] && current=
  COMPREPLY=()
  while IFS= read -r line; do
    line=\${line%%$'\\t'*}
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("$line")
    fi
  done < <(bowline complete -- "\${words[@]}" 2>/dev/null)
}
complete -F _bowline bowline run
`,
  zsh: `#compdef bowline run
# bowline completion zsh
_bowline() {
  local line
  local -a typed shown
  typed=("\${(@)words[2,CURRENT]}")
  [[ \${words[1]:t} == run ]] && typed=(run "\${typed[@]}")
  while IFS= read -r line; do
    if [[ $line == :files* ]]; then
      _files
    else
      shown+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done < <(bowline complete -- "\${typed[@]}" 2>/dev/null)
  (( $#shown )) && _describe bowline shown
}
compdef _bowline bowline run
`,
  fish: `# bowline completion fish
function __bowline_lines
    set -l typed (commandline -opc) (commandline -ct | string collect --allow-empty)
    test (basename $typed[1]) = run; and set typed[1] run; or set -e typed[1]
    bowline complete -- $typed 2>/dev/null
end
for name in bowline run
    complete -c $name -f -a '(__bowline_lines | string match -v ":files*")'
    complete -c $name -n '__bowline_lines | string match -q ":files*"' -F
end
`,
} as const;

export type Shell = keyof typeof scripts;
