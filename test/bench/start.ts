import { bowline, main, syntaxCheck } from "./bowline.ts";
import { clocked } from "./clock.ts";
import type { Contestant } from "./contestant.ts";
import { makeCourse, type Course } from "./course.ts";
import { bareLogin } from "./plain-ssh.ts";
import { raced, rowOf, type Track } from "./rounds.ts";
import type { Beside, Row } from "./row.ts";
import type { Section, Stage } from "./section.ts";

/** A round takes a tenth of a second, and the machine's noise as long. */
const roundsPerRound = 5;

const node = command("node -e 0", ["-e", "0"]);
const version = command("bowline --version", [main, "--version"]);
const help = command("bowline --help", [main, "--help"]);

export const startUp: Section = {
  name: "start",
  title: "Start",
  words: "What a command costs before it does anything, and one task on one host, which is little more. The task's yardstick is a login and a Node.js that does nothing, one after the other.",
  async measure(stage) {
    const course = await makeCourse(stage.sshd, { name: "start", hosts: 1, directories: 1 });
    return rowsOf({ name: this.name, course }, { ...stage, rounds: stage.rounds * roundsPerRound });
  },
};

async function rowsOf(track: Track, stage: Stage): Promise<Row[]> {
  const all = await raced(track, [node, version, help, syntaxCheck, bareLogin, bowline], stage);
  const [plain, ...others] = all.map(rowOf);
  const [shown, helped, checked, login, ran] = others as [Row, Row, Row, Row, Row];
  const both: Beside = { name: `\`${bareLogin.name}\` and \`${node.name}\``, seconds: login.seconds.map((seconds, round) => seconds + plain!.seconds[round]!) };
  return [
    plain!,
    { ...shown, against: plain!, limit: 1.5 },
    { ...helped, against: plain! },
    { ...checked, against: plain! },
    login,
    { ...ran, name: `${bowline.name}, one task`, against: both, limit: 1.3 },
  ];
}

/** Node.js with these words, as if it ran a course. */
function command(name: string, args: readonly string[]): Contestant {
  return { name, words: "", race: (_course: Course) => clocked("node", args) };
}
