import type { TeardownEvent } from '../../../src/stacks/teardown/apply/event.ts';
import type { Choices, Keepable } from '../../../src/stacks/teardown/plan/choices.ts';
import { gather } from '../../../src/stacks/teardown/plan/gather.ts';
import { planTeardown } from '../../../src/stacks/teardown/plan/plan.ts';
import { type TeardownReport, tearDown } from '../../../src/stacks/teardown/teardown.ts';
import type { Stand } from './stand.ts';

export const choose = (...keep: Keepable[]): Choices => ({ keep: new Set(keep), includesArtifacts: false });

export interface RunOptions {
  readonly choices?: Choices;
  readonly stop?: AbortSignal;
  readonly emit?: (event: TeardownEvent) => void;
}

let runs = 0;

/** One teardown from gathering to residue check, as the command does it. */
export async function runTeardown(stand: Stand, options: RunOptions = {}): Promise<TeardownReport> {
  const { aws, ports, clock, stage } = stand;
  const { choices = choose(), stop = new AbortController().signal, emit = () => undefined } = options;
  const place = { account: aws.accountId, region: aws.region };
  const before = await gather({ ports, clock }, stage, place, null);
  const plan = planTeardown(before, choices);
  runs += 1;
  return tearDown({ ports, clock, stop, token: `run-${runs}`, emit }, plan, { stage, before, choices });
}

/** What went wrong, for the message of an assertion. */
export function explain({ results, residue }: TeardownReport): string {
  const bad = results.filter(({ end }) => end.outcome !== 'done' && end.outcome !== 'gone');
  return JSON.stringify({
    tasks: bad.map(({ task, end }) => [task.id, end.outcome, 'error' in end ? end.error.message : '']),
    residue,
  });
}

export function outcomeOf({ results }: TeardownReport, id: string): string | undefined {
  return results.find(({ task }) => task.id === id)?.end.outcome;
}

export function errorOf({ results }: TeardownReport, id: string): Error | undefined {
  const end = results.find(({ task }) => task.id === id)?.end;
  return end?.outcome === 'failed' ? end.error : undefined;
}
