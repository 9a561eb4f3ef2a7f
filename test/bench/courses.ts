import { bowline, syntaxCheck } from "./bowline.ts";
import type { Contestant } from "./contestant.ts";
import { behindWire, makeCourse, type CourseOptions } from "./course.ts";
import { ansible, mitogen } from "./ansible.ts";
import { bareLogin, script } from "./plain-ssh.ts";
import { pyinfra } from "./pyinfra.ts";
import { raced, rowOf, type Raced, type Track } from "./rounds.ts";
import type { Measures, Row } from "./row.ts";
import type { Section, Stage } from "./section.ts";

/** Milliseconds that a byte takes one way on the slow wire: a host on another continent. */
const wireDelay = 50;

/** The most that Bowline may take, in times of a contestant, by the contestant's name. */
type Limits = Readonly<Record<string, number>>;

const hundred: CourseOptions = { name: "hundred", hosts: 1, directories: 100 };

export const oneHost: Section = {
  name: "one",
  title: "100 tasks on one host",
  words: "A hundred directories that are as they should be.",
  async measure(stage) {
    const course = await makeCourse(stage.sshd, hundred);
    const track = { name: this.name, course };
    return table(await raced(track, stage.field.present, stage), track, stage, { [script.name]: 1 });
  },
};

export const fiftyHosts: Section = {
  name: "fifty",
  title: "20 tasks on 50 hosts",
  words: `Twenty directories that are as they should be, on fifty hosts at once. \`${syntaxCheck.name}\` is ${syntaxCheck.words}: what the run's processor time exceeds it by is spent on the hosts' work.`,
  async measure(stage) {
    const course = await makeCourse(stage.sshd, { name: "fifty", hosts: 50, directories: 20 });
    const track = { name: this.name, course };
    const all = await raced(track, [...stage.field.present, syntaxCheck], stage);
    const rows = table(all, track, stage, { [script.name]: 0.6, [pyinfra.name]: 1 / 3, [mitogen.name]: 1 / 20, [ansible.name]: 1 / 50 });
    return [...rows, beyondStart(all)];
  },
};

/** The controller's own work. */
function beyondStart(all: readonly Raced[]): Row {
  const cpuOf = (wanted: Contestant) => rowOf(all.find(({ contestant }) => contestant === wanted)!).cpuSeconds!;
  return { name: `${bowline.name}, beyond --syntax-check`, seconds: [], cpuSeconds: cpuOf(bowline) - cpuOf(syntaxCheck), atMost: { cpuSeconds: 0.8 } };
}

export const farHost: Section = {
  name: "far",
  title: "100 tasks on one host far away",
  words: `The same hundred directories; the wire holds every byte for ${wireDelay} ms each way, so that a round trip costs ${2 * wireDelay} ms, and counts.`,
  measure: (stage) => behind({ ...hundred, name: "far" }, { stage, delay: wireDelay, contestants: stage.field.present, limits: { [script.name]: 1.5 }, atMost: { roundTrips: 3 } }),
};

export const changedTasks: Section = {
  name: "changed",
  title: "100 changed tasks on one host",
  words: "Every directory has a wrong mode before each round, and the right one after it. The wire takes no time, and counts.",
  measure: (stage) => behind({ ...hundred, name: "changed" }, { stage, disturbed: true, contestants: [script, bowline], atMost: { roundTrips: 200 } }),
};

export const looped: Section = {
  name: "loop",
  title: "A loop over 100 items on one host",
  words: "One task that loops over the hundred directories; they are as they should be. The wire takes no time, and counts.",
  measure: (stage) => behind({ ...hundred, name: "loop", form: "loop" }, { stage, contestants: [script, bowline], atMost: { roundTrips: 3 } }),
};

interface Behind {
  readonly stage: Stage;
  readonly contestants: readonly Contestant[];
  readonly delay?: number;
  readonly disturbed?: boolean;
  readonly limits?: Limits;
  readonly atMost: Measures;
}

async function behind(options: CourseOptions, { stage, contestants, delay = 0, disturbed = false, limits = {}, atMost }: Behind): Promise<Row[]> {
  const near = await makeCourse(stage.sshd, options);
  const { course, wire } = await behindWire(near, stage.sshd, delay);
  try {
    const track = { name: options.name, course, wire, disturbed };
    const rows = table(await raced(track, contestants, stage), track, stage, limits);
    return rows.map((row) => (row.name === bowline.name && row.against === undefined ? { ...row, atMost, detail: `handshake: ${row.wireRoundTrips! - row.roundTrips!} round trips` } : row));
  } finally {
    await wire.close();
  }
}

/** Each contestant, then Bowline beside each of them, then those who could not take part. */
function table(all: readonly Raced[], track: Track, { field }: Stage, limits: Limits): Row[] {
  const rows = all.map(rowOf).map((row) => (row.bytes === undefined || row.name === bareLogin.name ? row : { ...row, bytesPerTask: row.bytes / track.course.directories.length }));
  const ours = rows.find(({ name }) => name === bowline.name);
  const others = ours === undefined ? [] : rows.filter(({ name }) => name !== bowline.name && name !== syntaxCheck.name);
  const compared = others.map((other) => besides(ours!, other, limits[other.name]));
  return [...rows, ...compared, ...(all.some(({ contestant }) => contestant === bareLogin) ? field.absent : [])];
}

function besides(ours: Row, other: Row, limit: number | undefined): Row {
  return { name: ours.name, seconds: ours.seconds, against: { name: other.name, seconds: other.seconds }, ...(limit === undefined ? {} : { limit }) };
}
