import { randomBytes } from 'node:crypto';
import { SbwError } from '../../../errors.ts';
import type { LayerName } from '../../catalog.ts';
import type { Parameters } from '../../ports/deploy/parameters.ts';
import { STAGE_TAG, type Stage, parameterPath } from '../../stage.ts';
import { generateKey, makeAuthority } from './certificate.ts';

const CA_KEY = 'dwh/ca-key';
const CA_CERTIFICATE = 'dwh/ca-certificate';

/** In the order in which they are made: the certificate is made of the key. */
const SECRETS: readonly { readonly name: string; readonly layer: LayerName; readonly about: string }[] = [
  { name: 'dwh/etl-password', layer: 'warehouse', about: 'Password of etl_writer in the warehouse' },
  { name: CA_KEY, layer: 'warehouse', about: 'Key that signs the certificate of the warehouse' },
  { name: CA_CERTIFICATE, layer: 'warehouse', about: 'By which the ETL knows the warehouse; not secret' },
  { name: 'webdb/password', layer: 'web-db', about: 'Password of the web database' },
];

/** Names below the stage's path. */
export function neededSecrets(layers: readonly LayerName[]): readonly string[] {
  return SECRETS.filter(({ layer }) => layers.includes(layer)).map(({ name }) => name);
}

/** Whether the warehouse server has to read it. */
export function readsServer(name: string): boolean {
  return SECRETS.some((secret) => secret.name === name && secret.layer === 'warehouse');
}

/**
 * Makes the secrets of the names that are not there yet. One that is there is never changed: servers and functions
 * read it when they start. Values go from here to the parameter store and nowhere else.
 *
 * @throws SbwError SECRET_MISSING (refused) when half of the authority is gone
 */
export async function makeSecrets(
  parameters: Parameters,
  stage: Stage,
  names: readonly string[],
  now: Date,
): Promise<void> {
  const path = parameterPath(stage);
  for (const { name, about } of SECRETS.filter((one) => names.includes(one.name))) {
    if (name === CA_KEY) await requireNoLostKey(parameters, path);
    const value = name === CA_CERTIFICATE ? await certificateOf(parameters, stage, now) : valueOf(name);
    await parameters.create({
      name: `${path}${name}`,
      value,
      isSecret: name !== CA_CERTIFICATE,
      description: about,
      tags: { [STAGE_TAG]: stage.name },
    });
  }
}

/** 192 bits in letters that need no quoting anywhere. */
function valueOf(name: string): string {
  return name === CA_KEY ? generateKey() : randomBytes(24).toString('base64url');
}

async function certificateOf(parameters: Parameters, stage: Stage, now: Date): Promise<string> {
  const key = await parameters.read(`${parameterPath(stage)}${CA_KEY}`);
  if (key !== null) return makeAuthority(key, `sbw ${stage.name} warehouse authority`, now);
  throw lostHalf(`${parameterPath(stage)}${CA_KEY}`);
}

async function requireNoLostKey(parameters: Parameters, path: string): Promise<void> {
  const [key, certificate] = await Promise.all(
    [CA_KEY, CA_CERTIFICATE].map((name) => parameters.read(`${path}${name}`)),
  );
  if (key === null && certificate !== null) throw lostHalf(`${path}${CA_KEY}`);
}

function lostHalf(name: string): SbwError {
  return new SbwError('SECRET_MISSING', `The parameter ${name} is gone, and its certificate is not.`, {
    kind: 'refused',
    fix: `restore it; or delete ${name.replace(CA_KEY, CA_CERTIFICATE)} too, and deploy again: both are made anew, and the server takes them`,
  });
}
