import { profiles, type Example, type Rule } from "../../src/lint/rule.ts";
import { rules } from "../../src/lint/rules.ts";

/** docs/lint.md: how to use it, and every rule with a bad and a good example. */
export function lintPage(): string {
  const byName = [...rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  return [...introduction, "## Rules", "", "| rule | severity | profile | `--fix` | what is so |", "|---|---|---|---|---|", ...byName.map(row), "", ...byName.flatMap(section)].join("\n");
}

const introduction = [
  "# Lint",
  "",
  "`bowline lint` reads playbooks, roles, variables and inventories as they are written, and says what is wrong, risky or hard to read. No host is reached.",
  "",
  "    bowline lint                      the project: its playbooks, roles, variables and inventory",
  "    bowline lint playbooks/site.yml   these files and folders",
  "    bowline lint --fix                mends what can be mended without a person, and shows it",
  "    bowline lint --format sarif       for code scanning; also json, and github for annotations",
  "    bowline lint --strict             warnings fail too",
  "",
  "Exit codes: 0 no errors, 2 errors, 4 unreadable files, 5 bad options.",
  "",
  "## Settings",
  "",
  "`.bowline-lint` (or `.bowline-lint.yml`) in the directory where the command is given:",
  "",
  "```yaml",
  "profile: safety            # the rules of min, basic, moderate and safety",
  "skip: [name-casing]        # left out",
  "warn: [plaintext-secret]   # an error of these is a warning",
  "exclude: [roles/legacy]    # not looked at; * stands for any part of a name",
  "```",
  "",
  `The profiles are ${profiles.join(", ")}; each has the rules of those before it, and without a setting all count.`,
  "",
  "One place may be as it is: `# noqa: RULE` or `# lint-ignore RULE` ends its line. On the line where a task, a block or a play",
  "begins it counts for what is found in that task or play itself. A rule that there is not is an error there, as in the settings.",
  "",
  "A fix is written only after the file was read again and means the same as before, or the same but for the one value that was to change.",
  "",
];

function row({ id, severity, profile, fixable, summary }: Rule): string {
  return `| [${id}](#${id}) | ${severity} | ${profile} | ${fixable ? "yes" : ""} | ${summary} |`;
}

function section({ id, summary, why, examples }: Rule): string[] {
  return [`### ${id}`, "", `${summary} ${why}`, "", ...example("Bad", examples.bad), ...example("Good", examples.good)];
}

function example(title: string, { path, text }: Example): string[] {
  return [path === undefined ? `${title}:` : `${title}, in \`${path}\`:`, "", "```yaml", ...text.replace(/\n$/, "").split("\n"), "```", ""];
}
