import type { Command, Option } from "commander";
import { commandLine } from "../../src/cli/program.ts";

/** docs/commands.md: every command and every option, from the program that reads them. */
export function commandsPage(): string {
  const nowhere = { isTTY: false, color: false, write: () => undefined, stderr: () => undefined, size: () => ({ columns: 80, rows: 24 }) };
  const program = commandLine({ version: "0", terminal: nowhere, guard: () => new AbortController().signal, shield: (work) => work() }, [], () => undefined);
  const commands = leaves(program);
  const model = commands.find(({ path }) => path === "run")!;
  const index = commands.map(({ path, command }) => `| [\`${path}\`](#${anchor(path)}) | ${cell(command.description())} |`);
  const sections = commands.flatMap((each) => section(each, each === model ? [] : groupsOf(model.command)));
  return [intro, "| command | does |", "|---|---|", ...index, "", ...exitCodes, ...sections, precedence, "This page is made from the code by `npm run docs`; a test fails when it is stale.", ""].join("\n");
}

interface Leaf {
  /** Without the name of the program. */
  readonly path: string;
  readonly command: Command;
}

function leaves(program: Command, path: readonly string[] = []): Leaf[] {
  return program.commands
    .filter((command) => command.name() !== "complete")
    .flatMap((command) => {
      const own = [...path, command.name()];
      return command.commands.length > 0 ? leaves(command, own) : [{ path: own.join(" "), command }];
    });
}

interface Group {
  readonly heading: string;
  readonly rows: readonly string[];
}

function groupsOf(command: Command): Group[] {
  const headings = [...new Set(command.options.map(headingOf))];
  return headings.map((heading) => ({ heading, rows: command.options.filter((option) => headingOf(option) === heading).map(row) }));
}

function headingOf({ helpGroupHeading = "" }: Option): string {
  return helpGroupHeading.replace(/:$/, "");
}

function row({ flags, description, argChoices, defaultValueDescription, defaultValue }: Option): string {
  const usual = defaultValueDescription ?? (typeof defaultValue === "string" || typeof defaultValue === "number" ? String(defaultValue) : "");
  const choices = argChoices ? ` (${argChoices.join(", ")})` : "";
  return `| \`${flags.replaceAll("|", "\\|")}\` | ${cell(description)}${cell(choices)} | ${cell(usual)} |`;
}

/** A group that `run` has in the same words is not written out again. */
function section({ path, command }: Leaf, known: readonly Group[]): string[] {
  const groups = groupsOf(command);
  const isKnown = (group: Group) => known.some((each) => JSON.stringify(each) === JSON.stringify(group));
  const same = groups.filter(isKnown).map(({ heading }) => `*${heading.split(",")[0]}*`);
  const usage = command.usage().split("\n").map((line, index) => (index === 0 ? `    bowline ${path} ${line}` : `    ${line.trim()}`));
  return [
    `## ${path}`,
    "",
    `${command.description().replace(/^./, (first) => first.toUpperCase())}.`,
    "",
    ...usage,
    "",
    ...groups.filter((group) => !isKnown(group)).flatMap(({ heading, rows }) => [...(heading === "" ? [] : [`${heading}:`, ""]), "| option | does | without it |", "|---|---|---|", ...rows, ""]),
    ...(same.length > 0 ? [`Also the options of [run](#run) under ${same.join(", ")}.`, ""] : []),
    ...(more[path] === undefined ? [] : [more[path], ""]),
  ];
}

/** GitHub's way from a heading to its anchor. */
function anchor(path: string): string {
  return path.replaceAll(" ", "-");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

const intro = `# Commands

\`bowline COMMAND --help\` shows the same. \`run\` is also installed under a name of its own: \`run site.yml\` is \`bowline run site.yml\`.
An unknown option or command is refused with the nearest one that there is.
`;

const exitCodes = [
  "| exit code | means |",
  "|---|---|",
  "| 0 | all went well |",
  "| 1 | an error, such as a pattern that matches no host |",
  "| 2 | a task failed on a host; for `lint`, a finding that is an error |",
  "| 3 | `status`: every host was seen, and not everything is up |",
  "| 4 | a host was unreachable and none failed, or the input cannot be read |",
  "| 5 | bad options |",
  "| 99 | interrupted |",
  "| 250 | a bug of Bowline |",
  "",
];

const more: Readonly<Record<string, string>> = {
  run: `\`--start-at-task\` goes by the name of a task, or by \`role : name\`, and leaves out all that stands before it on the way that a run takes when nothing
fails, in blocks and roles too. What an include brings is not known before it is reached: start at the include. What the tasks that were left out
would have registered is not there.

\`--step\` asks in the terminal, once for each task in each batch, and goes over the hosts side by side whatever \`strategy\` a play has. Enter is no.`,
  exec: `Behind \`--\` stands a command, and what is typed there is what runs: nothing in it is a template.

| typed | runs |
|---|---|
| \`exec web -- ls -l "two words"\` | the program with these arguments; no shell reads them |
| \`exec web -- 'ps aux \\| wc -l'\` | one word is a line for the host's shell |
| \`exec web -- ls '*.log'\` | a word with \`$ * ? \\| & ; < > ( )\` or the like makes a line of all words, which the host's shell reads, as with ssh; but a word with a blank in it stays one word |
| \`exec web -m copy src=motd dest=/etc/motd mode=0644\` | a [module](modules/README.md); each value is the text, or the number, truth or \`[list]\` that its argument takes |
| \`exec web -m copy '{src: motd, dest: /etc/motd}'\` | the same as a mapping |
| \`exec web -m shell 'du -s /var' creates=/x\` | a free form with arguments beside it |
| \`exec web -m shell -a 'echo {{ inventory_hostname }}'\` | Ansible's way; templates count, as in a playbook |

Through a pipe each host has a line when it is done, \`web1 | CHANGED | rc=0 >>\`, and below it what it wrote. In a terminal what hosts write is shown as
it comes, after their names when there are several. Everything is on record like any run: \`bowline runs show last\`.`,
};

const precedence = `## Which setting counts

The options for connections and for becoming another user are the weakest of all, as in Ansible. Of connections the keywords of the playbook are stronger,
and the inventory's variables stronger than these; of becoming the inventory's variables are, and the keywords of the playbook stronger than these.
What \`-e\` says of a variable is stronger than the inventory. \`bowline inventory --explain VAR --host HOST\` shows who says what.

\`--ssh-common-args\` and \`--ssh-extra-args\`, and the variables \`ansible_ssh_common_args\` and \`ansible_ssh_extra_args\`, hold arguments for ssh. Bowline
speaks SSH itself and runs no ssh, so it takes those that it understands and refuses the others: \`-J\`, \`-i\`, \`-l\`, \`-p\`, \`-o\` with HostName, Port, User,
IdentityFile, IdentitiesOnly, IdentityAgent, UserKnownHostsFile, HostKeyAlias, StrictHostKeyChecking, ProxyJump, ConnectTimeout or ServerAliveInterval,
and \`-o ProxyCommand="ssh -W %h:%p HOST"\` for a jump host. ControlMaster and its like are taken and not needed. They come before ~/.ssh/config, and
behind everything else.

| become method | password |
|---|---|
| sudo | any |
| su | none is needed as root; another user is asked for it, where su of the host asks without a terminal |
| doas | none: it asks only at a terminal, so its rule in doas.conf needs \`nopass\` |
`;
