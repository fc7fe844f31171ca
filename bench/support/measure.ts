import { CORES, cpuOfMachine } from './cpu.ts';

/** CPU time so far of the programs that take part, microseconds. */
export interface Meters {
  readonly postgres: () => number;
  readonly s3: () => number;
}

/** One case measured once. */
export interface Sample {
  readonly events: number;
  readonly wallUs: number;
  /** Of this process. */
  readonly clientUs: number;
  readonly postgresUs: number;
  readonly s3Us: number;
  /** Of everything else on this machine. */
  readonly othersUs: number;
}

/** A case: brings things into their first state, untimed, then does the work that is timed. */
export interface Case {
  readonly prepare?: () => Promise<void>;
  /** @returns events worked on */
  readonly work: () => Promise<number>;
}

/**
 * Measures the cases in turn, round after round: what disturbs the machine for a while then disturbs all of them,
 * and the ratios within a round hold.
 */
export async function measureRounds<Name extends string>(
  rounds: number,
  cases: Readonly<Record<Name, Case>>,
  meters: Meters,
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(cases) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Sample[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      await cases[name].prepare?.();
      samples[name].push(await measure(cases[name].work, meters));
    }
  }
  return samples;
}

export async function measure(work: () => Promise<number>, meters: Meters): Promise<Sample> {
  const machine = cpuOfMachine();
  const [postgres, s3, client] = [meters.postgres(), meters.s3(), process.cpuUsage()];
  const startedAt = performance.now();
  const events = await work();
  const wallUs = (performance.now() - startedAt) * 1000;
  const { user, system } = process.cpuUsage(client);
  const [postgresUs, s3Us] = [meters.postgres() - postgres, meters.s3() - s3];
  const machineUs = machine === null ? 0 : (cpuOfMachine() ?? 0) - machine;
  const othersUs = Math.max(0, machineUs - user - system - postgresUs - s3Us);
  return { events, wallUs, clientUs: user + system, postgresUs, s3Us, othersUs };
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const wallOf = ({ wallUs, events }: Sample): number => wallUs / events;
/** Without the S3 server's: that is not the loader's work. */
export const cpuOf = ({ clientUs, postgresUs, events }: Sample): number => (clientUs + postgresUs) / events;

/** How many times faster `fast` is, as the median of the ratios within each round. */
export function speedUp(
  slow: readonly Sample[],
  fast: readonly Sample[],
  costOf: (sample: Sample) => number = wallOf,
): number {
  return median(slow.map((sample, round) => costOf(sample) / costOf(fast[round]!)));
}

/** The share of the machine that other programs used meanwhile, 0 to 1. */
export function disturbance(samples: Iterable<readonly Sample[]>): number {
  const all = [...samples].flat();
  const total = (of: (sample: Sample) => number): number => all.reduce((sum, sample) => sum + of(sample), 0);
  return total(({ othersUs }) => othersUs) / (CORES * total(({ wallUs }) => wallUs));
}
