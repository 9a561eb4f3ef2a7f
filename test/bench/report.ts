/** The seconds of each round. */
export interface StartUp {
  readonly node: number[];
  readonly version: number[];
  readonly help: number[];
}

export interface Line {
  readonly name: string;
  readonly seconds: readonly number[];
  /** SSH handshakes of one round, all hosts. */
  readonly logins: number;
  readonly roundTrips: number | undefined;
}

/** One course, run by all. */
export interface Measured {
  readonly title: string;
  readonly lines: readonly Line[];
}

export interface Report {
  readonly startUp: StartUp;
  readonly measured: readonly Measured[];
  readonly rounds: number;
  readonly forks: number;
  readonly machine: { readonly cpus: number; readonly model: string; readonly memory: number; readonly load: number; readonly node: string; readonly ansible: string; readonly ssh: string };
}

const ours = "bowline run";

/** The page that docs/bench.md is. */
export function reportText(report: Report): string {
  const { startUp, measured, rounds, forks, machine } = report;
  return `# The bench

\`npm run bench\` makes this page anew (\`-- --write\`); the numbers are medians of up to ${rounds} rounds, in which all take turns.
Everything is converged: nothing has to be changed, and each contestant showed before that it sees and mends a wrong mode.
The hosts are addresses of one sshd on this machine's loopback, so hosts and contestants share its processors.
\`ssh host sh < script\` is the same look by hand, several hosts at a time with \`xargs -P\`; \`ssh host true\` is a login and nothing else.
Ansible runs with pipelining and without facts. All have ${forks} hosts at work at a time.

${measured.map(courseTable).join("\n")}
A number above 1 in the column "× Bowline" is the time of that line in times of Bowline's.

## Start-up

| command | × \`node -e 0\` |
|---|---|
${startUpRow("`bowline --version`", startUp.version, startUp.node)}
${startUpRow("`bowline --help`", startUp.help, startUp.node)}

## Measured on

${machine.cpus} × ${machine.model}, ${Math.round(machine.memory / 2 ** 30)} GiB; Node.js ${machine.node}; ${machine.ansible}; ${machine.ssh}.
Load when it began: ${machine.load.toFixed(0)}${machine.load >= machine.cpus ? ": other work kept the processors busy, so seconds mean little and ratios something" : ""}.
`;
}

function courseTable({ title, lines }: Measured): string {
  const own = lines.find(({ name }) => name === ours);
  const rows = lines.map((line) => {
    const ratio = own ? ratioOf(line.seconds, own.seconds).toFixed(2) : "";
    const slowest = Math.max(...line.seconds) / median(line.seconds);
    return `| \`${line.name}\` | ${ratio} | ${median(line.seconds).toFixed(2)} s | ${line.seconds.length} | ${slowest.toFixed(2)} | ${line.logins} | ${line.roundTrips ?? ""} |`;
  });
  const head = ["| contestant | × Bowline | median | rounds | worst / median | handshakes | round trips of a host |", "|---|---|---|---|---|---|---|"];
  return [`## ${title}`, "", ...head, ...rows, ""].join("\n");
}

function startUpRow(name: string, times: readonly number[], base: readonly number[]): string {
  return `| ${name} | ${ratioOf(times, base).toFixed(2)} |`;
}

/** The median of the rounds' own ratios: what slows the machine for a while slows both parts of one. */
function ratioOf(times: readonly number[], base: readonly number[]): number {
  return median(times.map((time, round) => time / base[round]!));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
