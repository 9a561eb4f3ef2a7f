import { stat } from "node:fs/promises";
import type { Proxy } from "../lab/proxy.ts";
import type { Sshd } from "../lab/sshd.ts";
import { shortened, type Contestant, type Ran } from "./contestant.ts";
import { disturb, type Course } from "./course.ts";
import { hostCpuSeconds, idleHosts } from "./hosts.ts";
import { loginCounter } from "./logins.ts";
import { median, type Row } from "./row.ts";
import type { Stage } from "./section.ts";

/** Seconds of a round after which a contestant has no other on that course: nobody needs its third digit. */
const longRound = 10;

export interface Track {
  /** For the line that says where the bench is. */
  readonly name: string;
  readonly course: Course;
  /** What the course is behind, if anything counts there. */
  readonly wire?: Proxy;
  /** Every directory has a wrong mode before each round. */
  readonly disturbed?: boolean;
}

/** What one contestant did, round by round. */
export interface Raced {
  readonly contestant: Contestant;
  readonly rounds: readonly (Ran & Counted)[];
  /** Why it has no more rounds. */
  readonly failure?: string;
}

interface Counted {
  readonly hostCpuSeconds: number;
  readonly handshakes: number;
  readonly wireRoundTrips?: number;
  readonly bytes?: number;
}

/** Every contestant in turn, round after round, so that what else the machine does hits all of them alike. */
export async function raced(track: Track, contestants: readonly Contestant[], { sshd, rounds, say }: Stage): Promise<Raced[]> {
  const all: Mutable<Raced>[] = contestants.map((contestant) => ({ contestant, rounds: [] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const one of all) {
      if (one.failure !== undefined || one.rounds.some(({ seconds }) => seconds > longRound)) continue;
      say(`${track.name}: round ${round} of ${rounds}: ${one.contestant.name}`);
      Object.assign(one, await withRound(one, track, sshd));
    }
  }
  return all;
}

async function withRound({ contestant, rounds }: Raced, track: Track, sshd: Sshd): Promise<Partial<Raced>> {
  try {
    const counted = await counters(track, () => loginCounter(sshd));
    return { rounds: [...rounds, { ...(await oneRound(contestant, track)), ...(await counted()) }] };
  } catch (error) {
    if (!contestant.optional) throw error;
    return { failure: `failed in round ${rounds.length + 1}: ${shortened(error)}` };
  }
}

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

async function oneRound(contestant: Contestant, { course, disturbed = false }: Track): Promise<Ran> {
  if (!disturbed) return contestant.race(course, 0);
  await disturb(course.directories);
  const ran = await contestant.race(course, course.directories.length);
  for (const directory of course.directories) await mustBeMended(contestant, directory, course.mode);
  return ran;
}

/** Throws when a contestant said that it mended a directory, and did not. */
export async function mustBeMended(contestant: Contestant, directory: string, wanted: string): Promise<void> {
  const { mode } = await stat(directory);
  if ((mode & 0o7777) !== Number.parseInt(wanted, 8)) throw new Error(`${contestant.name} said that it mended ${directory}, and did not`);
}

async function counters({ wire }: Track, logins: () => Promise<() => Promise<number>>): Promise<() => Promise<Counted>> {
  await idleHosts();
  wire?.reset();
  const before = hostCpuSeconds();
  const handshakes = await logins();
  return async () => {
    await idleHosts();
    const spent = { hostCpuSeconds: hostCpuSeconds() - before, handshakes: await handshakes() };
    if (wire === undefined) return spent;
    const { sent, received } = wire.bytes();
    return { ...spent, wireRoundTrips: wire.roundTrips(), bytes: sent + received };
  };
}

/** One row for a contestant: its times, and the middle of all else. */
export function rowOf({ contestant, rounds, failure }: Raced): Row {
  const middle = (values: readonly (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : median(known);
  };
  const measures = {
    cpuSeconds: middle(rounds.map(({ cpuSeconds }) => cpuSeconds)),
    hostCpuSeconds: middle(rounds.map((round) => round.hostCpuSeconds)),
    handshakes: middle(rounds.map(({ handshakes }) => handshakes)),
    roundTrips: middle(rounds.map(({ roundTrips }) => roundTrips)),
    wireRoundTrips: middle(rounds.map(({ wireRoundTrips }) => wireRoundTrips)),
    bytes: middle(rounds.map(({ bytes }) => bytes)),
  };
  const known = Object.fromEntries(Object.entries(measures).filter(([, value]) => value !== undefined));
  return { name: contestant.name, seconds: rounds.map(({ seconds }) => seconds), ...known, ...(failure === undefined ? {} : { detail: failure }) };
}
