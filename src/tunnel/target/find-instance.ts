import { SbwError } from '../../errors.ts';

/** An EC2 instance, as far as a tunnel cares. */
export interface Instance {
  readonly id: string;
  /** '' when it is not known. */
  readonly accountId: string;
  /** Its tag `Name`, '' without. */
  readonly name: string;
  /** `running`, `stopped` ... */
  readonly state: string;
  readonly privateIp: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly securityGroupIds: readonly string[];
  /** ARN; null: it has none, so no role. */
  readonly profileArn: string | null;
}

/** Where instances are looked up. */
export interface Directory {
  /** Null when there is no such stack. @throws SbwError AWS_* */
  outputsOf(stack: string): Promise<Readonly<Record<string, string>> | null>;
  /** All that are not terminated. @throws SbwError AWS_* */
  instancesWith(tags: Readonly<Record<string, string>>): Promise<readonly Instance[]>;
  /** Null when there is none, or it is terminated. @throws SbwError AWS_* */
  findInstance(id: string): Promise<Instance | null>;
}

/** The three ways to an instance, tried in this order. */
export interface Place {
  readonly stack: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Of an instance that was made by hand. */
  readonly name: string;
}

const OUTPUT = 'InstanceId';
const INSTANCE_ID = /^m?i-[0-9a-f]{8,17}$/;

/**
 * By the stack's output, else by its tags, else by its name.
 * @throws SbwError TUNNEL_TARGET_NOT_FOUND, TUNNEL_TARGET_AMBIGUOUS (environment), AWS_*
 */
export async function findInstance(directory: Directory, place: Place): Promise<Instance> {
  const id = await findOutput(directory, place.stack);
  const found = id === undefined ? null : await directory.findInstance(id);
  if (found !== null) return found;
  for (const tags of [place.tags, { Name: place.name }]) {
    const instance = requireOne(await directory.instancesWith(tags), place);
    if (instance !== null) return instance;
  }
  throw new SbwError(
    'TUNNEL_TARGET_NOT_FOUND',
    `There is no instance: no stack ${place.stack}, none tagged as its, none named ${place.name}.`,
    { kind: 'environment', fix: 'check --stage and --region, or name it: --instance i-... --port <port>' },
  );
}

/** @throws SbwError TUNNEL_TARGET_NOT_FOUND (environment), INSTANCE_ID_INVALID (usage) */
export async function getInstance(directory: Directory, id: string): Promise<Instance> {
  if (!INSTANCE_ID.test(id)) {
    throw new SbwError('INSTANCE_ID_INVALID', `${JSON.stringify(id)} is no instance id.`, {
      kind: 'usage',
      fix: 'such as: --instance i-0123456789abcdef0',
    });
  }
  // Machines outside EC2 are known to Systems Manager only.
  if (id.startsWith('mi-')) return unknownInstance(id);
  const instance = await directory.findInstance(id);
  if (instance !== null) return instance;
  throw new SbwError('TUNNEL_TARGET_NOT_FOUND', `There is no instance ${id} in this account and region.`, {
    kind: 'environment',
    fix: 'check --region and the profile',
  });
}

/** When it may not be looked up: the session tells whether it is there. */
export function unknownInstance(id: string): Instance {
  return {
    id,
    accountId: '',
    name: '',
    state: '',
    privateIp: '',
    vpcId: '',
    subnetId: '',
    securityGroupIds: [],
    profileArn: null,
  };
}

/** Not everybody who may open a tunnel may read stacks: then tags and names must do. */
async function findOutput(directory: Directory, stack: string): Promise<string | undefined> {
  try {
    return (await directory.outputsOf(stack))?.[OUTPUT];
  } catch (error) {
    if (error instanceof SbwError && error.code === 'AWS_ACCESS_DENIED') return undefined;
    throw error;
  }
}

/** Null for none. One that runs beats those that do not. */
function requireOne(found: readonly Instance[], { name }: Place): Instance | null {
  const running = found.filter(({ state }) => state === 'running');
  const candidates = running.length > 0 ? running : found;
  if (candidates.length < 2) return candidates[0] ?? null;
  const list = candidates.map((one) => `${one.id} (${one.state})`).join(', ');
  throw new SbwError('TUNNEL_TARGET_AMBIGUOUS', `Several instances could be ${name}: ${list}.`, {
    kind: 'environment',
    fix: `say which: --instance ${candidates[0]!.id}`,
  });
}
