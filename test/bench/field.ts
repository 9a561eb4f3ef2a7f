import type { Sshd } from "../lab/sshd.ts";
import { ansible, mitogen } from "./ansible.ts";
import { bowline } from "./bowline.ts";
import { shortened, type Contestant } from "./contestant.ts";
import { disturb, makeCourse, type Course } from "./course.ts";
import { bareLogin, script } from "./plain-ssh.ts";
import { pyinfra } from "./pyinfra.ts";
import { mustBeMended } from "./rounds.ts";
import type { Row } from "./row.ts";
import type { Field } from "./section.ts";

/** Everybody, in the order of the tables. */
export const contestants: readonly Contestant[] = [bareLogin, script, bowline, pyinfra, mitogen, ansible];

/** Who can take part. Before its time counts, each shows that it sees and mends what is wrong. */
export async function fieldOf(sshd: Sshd, wanted: readonly Contestant[], say: (line: string) => void): Promise<Field> {
  const course = await makeCourse(sshd, { name: "proof", hosts: 1, directories: 3 });
  const present: Contestant[] = [];
  const absent: Row[] = [];
  for (const contestant of wanted) {
    say(`does it see and mend a wrong mode: ${contestant.name}`);
    const reason = await reasonAgainst(contestant, course);
    if (reason === undefined) present.push(contestant);
    else absent.push({ name: contestant.name, seconds: [], detail: reason });
  }
  return { present, absent };
}

async function reasonAgainst(contestant: Contestant, course: Course): Promise<string | undefined> {
  const missing = await contestant.absent?.();
  if (missing !== undefined) return missing;
  try {
    await proves(contestant, course);
    return undefined;
  } catch (error) {
    if (!contestant.optional) throw error;
    return `installed (${await contestant.version?.()}), does not run: ${shortened(error)}`;
  }
}

async function proves(contestant: Contestant, course: Course): Promise<void> {
  if (contestant === bareLogin) return void (await contestant.race(course, 0));
  const directory = course.directories[1]!;
  await disturb([directory]);
  await contestant.race(course, 1);
  await mustBeMended(contestant, directory, course.mode);
}
