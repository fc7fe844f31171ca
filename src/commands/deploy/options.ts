import { SbwError } from '../../errors.ts';
import type { StageFlags } from '../../project-config.ts';
import { LAYER_NAMES, type LayerName, layersFrom, parseLayer } from '../../stacks/catalog.ts';
import type { Settings } from '../../stacks/settings.ts';

export interface DeployOptions extends StageFlags {
  readonly set: readonly string[];
  readonly only?: string;
  readonly from?: string;
  readonly planOnly?: boolean;
  readonly savePlan?: string;
  /** The id of a plan shown before: deploy only if it is still the plan. */
  readonly plan?: string;
  readonly yes?: boolean;
  readonly allowDataLoss?: boolean;
  /** False with `--no-smoke-test`. */
  readonly smokeTest: boolean;
  readonly skipStuck?: boolean;
  readonly timeout: number;
  readonly attach?: boolean;
  readonly cancel?: boolean;
  /** True: the last run that failed. */
  readonly explain?: string | true;
  readonly stack?: string;
  readonly json?: boolean;
}

/** Layers that are asked for, in the order of the catalog. @throws SbwError LAYER_UNKNOWN, FLAGS_CONFLICT (usage) */
export function layersOf(
  { only, from }: DeployOptions,
  { webDb }: Pick<Settings, 'webDb'>,
): readonly LayerName[] {
  if (only !== undefined && from !== undefined) throw conflict('--only', '--from');
  const asked =
    only === undefined
      ? from === undefined
        ? LAYER_NAMES
        : layersFrom(parseLayer(from))
      : only.split(',').filter(Boolean).map(parseLayer);
  const isNamed = only?.split(',').includes('web-db') ?? false;
  return LAYER_NAMES.filter((name) => asked.includes(name) && (name !== 'web-db' || webDb || isNamed));
}

export function conflict(one: string, other: string): SbwError {
  return new SbwError('FLAGS_CONFLICT', `${one} and ${other} exclude each other.`, {
    kind: 'usage',
    fix: 'give one of them',
  });
}
