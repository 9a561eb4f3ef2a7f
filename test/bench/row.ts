/** Who a row is measured beside: in the same rounds, so that what slows the machine slows both. */
export interface Beside {
  readonly name: string;
  /** Wall time of each round. */
  readonly seconds: readonly number[];
}

/** What a row can say besides its time; each is a column of the section's table. */
export interface Measures {
  /** User and system time of the command and of what it started, in the middle round. */
  readonly cpuSeconds?: number;
  /** The same of the hosts: sshd and all that ran under it. */
  readonly hostCpuSeconds?: number;
  /** The most memory that the command held at once. */
  readonly memoryMB?: number;
  /** SSH handshakes of one round, all hosts. */
  readonly handshakes?: number;
  /** Of the host that took most of them, as run:end says: the handshake not counted. */
  readonly roundTrips?: number;
  /** As the wire counted them: how often the client spoke after the host had spoken, the handshake included. */
  readonly wireRoundTrips?: number;
  /** Over the wire in one round, both ways. */
  readonly bytes?: number;
  readonly bytesPerTask?: number;
}

/** One line of a section's table: one thing that was measured. */
export interface Row extends Measures {
  readonly name: string;
  /** Wall time of each round; none where only other things were measured, or nothing could be: then `detail` says why. */
  readonly seconds: readonly number[];
  readonly against?: Beside;
  /** The most that `seconds` may be, in times of `against.seconds`. */
  readonly limit?: number;
  /** The most seconds that it may take, whatever stands beside it. */
  readonly within?: number;
  /** The most that other measures may be. */
  readonly atMost?: Measures;
  readonly detail?: string;
}

/** The middle value; of two, their mean. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * How many times `against` a row took: the median of the rounds' own ratios, or the ratio of the medians where one of both
 * had fewer rounds. Undefined where there is nothing to compare.
 */
export function ratioOf({ seconds, against }: Row): number | undefined {
  if (against === undefined || seconds.length === 0 || against.seconds.length === 0) return undefined;
  if (seconds.length !== against.seconds.length) return median(seconds) / median(against.seconds);
  return median(seconds.map((time, round) => time / against.seconds[round]!));
}
