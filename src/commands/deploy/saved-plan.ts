import { readFile, rename, writeFile } from 'node:fs/promises';
import { SbwError } from '../../errors.ts';
import { parseLayer } from '../../stacks/catalog.ts';
import type { DeployRequest } from '../../stacks/deploy/plan/draft.ts';
import type { Facts } from '../../stacks/deploy/plan/facts.ts';
import type { DeployPlan } from '../../stacks/deploy/plan/plan.ts';
import { readSettings } from '../../stacks/settings.ts';
import { parseStage } from '../../stacks/stage.ts';
import { planToJson } from '../../terminal/deploy/deploy-json.ts';

/** A plan in a file: what was asked for, and by its id what was shown. No secrets. */
export interface SavedPlan {
  readonly planId: string;
  readonly account: string;
  readonly region: string;
  readonly request: DeployRequest;
  /** Made when it was shown; looked up again they could be others. */
  readonly choices: Pick<Facts, 'zone' | 'newestImage'>;
}

const SCHEMA = 'sbw.saved-plan/1';

/** @throws SbwError PLAN_NOT_SAVED (environment) */
export async function savePlan(
  file: string,
  plan: DeployPlan,
  request: DeployRequest,
  facts: Facts,
): Promise<void> {
  const { stage, settings, layers } = request;
  const content = {
    schema: SCHEMA,
    plan_id: plan.id,
    account: plan.account,
    region: plan.region,
    stage: stage.name,
    layers,
    settings,
    choices: { zone: facts.zone, newest_image: facts.newestImage },
    plan: planToJson(plan),
  };
  try {
    await writeFile(`${file}.part`, `${JSON.stringify(content, null, 2)}\n`);
    await rename(`${file}.part`, file);
  } catch (cause) {
    throw new SbwError(
      'PLAN_NOT_SAVED',
      `The plan cannot be written to ${file}: ${(cause as Error).message}`,
      {
        kind: 'environment',
        cause,
      },
    );
  }
}

/** @throws SbwError PLAN_UNREADABLE (usage) */
export async function readSavedPlan(file: string): Promise<SavedPlan> {
  try {
    const saved = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    if (saved['schema'] !== SCHEMA) throw new Error(`it is no ${SCHEMA}`);
    const choices = saved['choices'] as { zone: string | null; newest_image: string | null };
    return {
      planId: text(saved, 'plan_id'),
      account: text(saved, 'account'),
      region: text(saved, 'region'),
      request: {
        stage: parseStage(text(saved, 'stage')),
        settings: readSettings(saved['settings'] as Record<string, unknown>),
        layers: (saved['layers'] as string[]).map(parseLayer),
      },
      choices: { zone: choices.zone, newestImage: choices.newest_image },
    };
  } catch (cause) {
    throw new SbwError('PLAN_UNREADABLE', `${file} holds no plan: ${(cause as Error).message}`, {
      kind: 'usage',
      fix: 'make one: sbw deploy --save-plan plan.json',
      cause,
    });
  }
}

/** @throws SbwError PLAN_CHANGED (refused) when it was made for somewhere else, or the world has moved since */
export function requireSamePlan(
  expected: Pick<SavedPlan, 'planId'> & Partial<SavedPlan>,
  plan: DeployPlan,
): void {
  const { planId, account, region } = expected;
  const elsewhere =
    (account !== undefined && account !== plan.account) || (region !== undefined && region !== plan.region);
  if (!elsewhere && planId === plan.id) return;
  const message = elsewhere
    ? `The plan is for account ${account} in ${region}, and these credentials lead to ${plan.account} in ${plan.region}.`
    : `The plan is now ${plan.id}, no longer ${planId}: stacks, templates or settings have changed.`;
  throw new SbwError('PLAN_CHANGED', message, {
    kind: 'refused',
    fix: elsewhere
      ? 'use the profile and region that the plan was made with'
      : 'look at the new one: sbw deploy --plan-only',
  });
}

function text(saved: Record<string, unknown>, name: string): string {
  const value = saved[name];
  if (typeof value === 'string') return value;
  throw new Error(`${name} is missing`);
}
