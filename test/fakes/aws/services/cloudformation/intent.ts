import type * as sdk from '@aws-sdk/client-cloudformation';
import type { Intent } from '../../cloudformation/stack.ts';
import { type Template, parseTemplate } from '../../cloudformation/template/template.ts';
import { resolveParameters } from '../../cloudformation/template/parameters.ts';
import { AwsFault } from '../../wire/fault.ts';
import type { World } from '../../world/world.ts';

const invalid = (message: string): AwsFault => new AwsFault('ValidationError', message);

export interface IntentInput {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
  readonly UsePreviousTemplate?: boolean | undefined;
  readonly Parameters?: readonly sdk.Parameter[] | undefined;
  readonly Tags?: readonly sdk.Tag[] | undefined;
  readonly Capabilities?: readonly string[] | undefined;
}

const MAX_TAGS = 50;
const MAX_URL_BYTES = 1_048_576;

/** Template, parameters, tags and capabilities, checked as CloudFormation does before it answers. @throws AwsFault */
export function intentOf(world: World, input: IntentInput, previous: Intent | null): Intent {
  const template = templateOf(world, input, previous);
  const given = Object.fromEntries(
    (input.Parameters ?? []).map(({ ParameterKey, ParameterValue, UsePreviousValue }) => {
      const value = UsePreviousValue === true ? previous?.parameters[ParameterKey!] : ParameterValue;
      if (value === undefined) throw invalid(`Parameters: [${ParameterKey!}] must have values`);
      return [ParameterKey!, value];
    }),
  );
  const tags = input.Tags === undefined ? previous?.tags : tagsFrom(input.Tags);
  const capabilities = input.Capabilities ?? [];
  const parameters = resolveParameters(template, given, world);
  requireCapabilities(template, capabilities);
  return { template, parameters, tags: tags ?? {}, capabilities };
}

export function templateOf(world: World, input: IntentInput, previous: Intent | null): Template {
  if (input.UsePreviousTemplate === true && previous !== null) return previous.template;
  if (input.TemplateBody !== undefined) return parseTemplate(input.TemplateBody);
  if (input.TemplateURL === undefined) {
    throw invalid('Either Template URL or Template Body must be specified.');
  }
  const [, bucket, key] = /^https?:\/\/[^/]+\/([^/?]+)\/([^?]+)/.exec(input.TemplateURL) ?? [];
  const object = world.buckets.get(bucket ?? '')?.current(decodeURIComponent(key ?? ''));
  if (object === undefined) throw invalid('S3 error: The specified key does not exist.');
  return parseTemplate(object.body.toString(), MAX_URL_BYTES);
}

function tagsFrom(tags: readonly sdk.Tag[]): Record<string, string> {
  if (tags.length > MAX_TAGS) throw invalid(`Tags exceed the limit of ${MAX_TAGS}`);
  const reserved = tags.find(({ Key }) => Key!.startsWith('aws:'));
  if (reserved !== undefined) throw invalid(`aws: prefixed tag key names are not allowed for external use.`);
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key!, Value!]));
}

const IAM_TYPES =
  /^AWS::IAM::(Role|InstanceProfile|Policy|ManagedPolicy|Group|User|AccessKey|UserToGroupAddition)$/;
const IAM_NAMES = ['RoleName', 'InstanceProfileName', 'ManagedPolicyName', 'GroupName', 'UserName'];

/** The capability that a template needs; null for none. */
export function neededCapability({ Resources }: Template): 'CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM' | null {
  const ofIam = Object.values(Resources).filter(({ Type }) => IAM_TYPES.test(Type));
  if (ofIam.length === 0) return null;
  const isNamed = ofIam.some(({ Properties = {} }) => IAM_NAMES.some((name) => name in Properties));
  return isNamed ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM';
}

function requireCapabilities(template: Template, given: readonly string[]): void {
  const needed = neededCapability(template);
  if (needed === null || given.includes(needed) || given.includes('CAPABILITY_NAMED_IAM')) return;
  throw new AwsFault('InsufficientCapabilitiesException', `Requires capabilities : [${needed}]`);
}
