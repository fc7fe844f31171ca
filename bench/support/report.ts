import { cpuOf, disturbance, median, wallOf, type Sample } from './measure.ts';

/** What must be reached: at least, or at most, so much. */
export interface Target {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** Gathers what a bench found: a line each as it goes, and one line of JSON at the end. */
export class BenchReport {
  readonly #name: string;
  readonly #cases: Record<string, Record<string, number>> = {};
  readonly #ratios: Record<string, { value: number; target: string | null; reached: boolean | null }> = {};
  readonly #samples: (readonly Sample[])[] = [];

  constructor(name: string, subtitle: string) {
    this.#name = name;
    console.log(`${name}: ${subtitle}`);
  }

  /** A case with its medians per event. */
  addCase(name: string, samples: readonly Sample[]): void {
    this.#samples.push(samples);
    const per = (of: (sample: Sample) => number): number =>
      round(median(samples.map((one) => of(one) / one.events)));
    const found = {
      events: samples[0]!.events,
      per_second: Math.round(1e6 / median(samples.map(wallOf))),
      wall_us: round(median(samples.map(wallOf))),
      cpu_us: round(median(samples.map(cpuOf))),
      client_us: per(({ clientUs }) => clientUs),
      postgres_us: per(({ postgresUs }) => postgresUs),
    };
    this.#cases[name] = found;
    const rate = `${found.per_second.toLocaleString('en-US')}/s`.padStart(12);
    const cpu = `CPU ${found.client_us} us client + ${found.postgres_us} us PostgreSQL an event`;
    console.log(`  ${name.padEnd(38)}${rate}   ${cpu}`);
  }

  /** A ratio (or another number) and whether it reaches its target. */
  addRatio(name: string, value: number, unit: string, target: Target = {}): void {
    const { atLeast, atMost } = target;
    const wanted = atLeast !== undefined ? `>= ${atLeast}` : atMost !== undefined ? `<= ${atMost}` : null;
    const reached = wanted === null ? null : value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
    this.#ratios[name] = { value: round(value), target: wanted, reached };
    const verdict = wanted === null ? '' : `   ${reached === true ? 'reached' : 'MISSED'} (${wanted}${unit})`;
    console.log(`  ${name.padEnd(38)}${`${round(value)}${unit}`.padStart(12)}${verdict}`);
  }

  /** A line for people only. */
  say(text: string): void {
    console.log(`  ${text}`);
  }

  /** Says how busy the machine was, and prints the JSON. */
  finish(): void {
    const others = this.#samples.length === 0 ? null : round(disturbance(this.#samples));
    if (others !== null && others > BUSY) {
      this.say(
        `Other programs used ${Math.round(others * 100)} % of the machine meanwhile: trust CPU and ratios, not rates.`,
      );
    }
    console.log(
      JSON.stringify({ bench: this.#name, cases: this.#cases, ratios: this.#ratios, others_share: others }),
    );
  }
}

/** From this share of the machine on, other programs are worth a word. */
const BUSY = 0.05;

function round(value: number): number {
  return Number(value.toPrecision(3));
}
