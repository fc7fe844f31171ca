import { randomBytes } from 'node:crypto';
import { AwsFault } from '../wire/fault.ts';
import { uuid } from '../world/ids.ts';
import { number, optionalText, text } from '../world/properties.ts';
import type { Thing } from '../world/things.ts';
import type { World } from '../world/world.ts';
import { resourceType } from './resource-type.ts';

/** What operates the platform: parameters, builds, daily snapshots, and CloudFormation's own letter boxes. */
export const PARAMETER = 'AWS::SSM::Parameter';
export const PROJECT = 'AWS::CodeBuild::Project';
export const LIFECYCLE = 'AWS::DLM::LifecyclePolicy';
export const HANDLE = 'AWS::CloudFormation::WaitConditionHandle';
export const WAIT = 'AWS::CloudFormation::WaitCondition';

export const parameter = resourceType({
  type: PARAMETER,
  actions: { create: 'ssm:PutParameter', update: 'ssm:PutParameter', delete: 'ssm:DeleteParameter' },
  nameProperty: 'Name',
  create: (draft, world) => {
    const id = optionalText(draft.properties, 'Name') ?? draft.generatedName(1000);
    if (world.things.find(PARAMETER, id) !== undefined) {
      throw new AwsFault('ParameterAlreadyExists', 'The parameter already exists.');
    }
    return world.add({
      type: PARAMETER,
      id,
      arn: world.arn('ssm', `parameter${id.startsWith('/') ? '' : '/'}${id}`),
      properties: { ...draft.properties, Name: id },
      tags: { ...draft.tags },
      attributes: { Value: text(draft.properties, 'Value'), Version: 1 },
    });
  },
});

export const project = resourceType({
  type: PROJECT,
  actions: 'codebuild:Project',
  nameProperty: 'Name',
  create: (draft, world) => {
    const id = optionalText(draft.properties, 'Name') ?? draft.generatedName(150);
    if (world.things.find(PROJECT, id) !== undefined) {
      throw new AwsFault(
        'ResourceAlreadyExistsException',
        `Project already exists: arn:aws:codebuild:${world.region}:${world.accountId}:project/${id}`,
      );
    }
    const arn = world.arn('codebuild', `project/${id}`);
    return world.add({
      type: PROJECT,
      id,
      arn,
      properties: draft.properties,
      tags: { ...draft.tags },
      attributes: { Arn: arn },
    });
  },
});

export const lifecyclePolicy = resourceType({
  type: LIFECYCLE,
  actions: 'dlm:LifecyclePolicy',
  create: ({ properties, tags }, world) => {
    const id = `policy-0${randomBytes(8).toString('hex')}`;
    const arn = world.arn('dlm', `policy/${id}`);
    return world.add({
      type: LIFECYCLE,
      id,
      arn,
      properties,
      tags: { ...tags },
      state: 'ENABLED',
      attributes: { Arn: arn },
    });
  },
});

export const handle = resourceType({
  type: HANDLE,
  actions: {
    create: 'cloudformation:CreateStack',
    update: 'cloudformation:UpdateStack',
    delete: 'cloudformation:DeleteStack',
  },
  isTaggable: false,
  create: (draft, world) => {
    const key = encodeURIComponent(`${draft.stackId}/${draft.logicalId}/${uuid()}`);
    const signature = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=86399&X-Amz-Signature=${randomBytes(32).toString('hex')}`;
    const id = `${world.endpointUrl}/cloudformation-waitcondition-${world.region}/${key}?${signature}`;
    return world.add({
      type: HANDLE,
      id,
      arn: '',
      properties: {},
      attributes: { Signals: [] },
      isImplicit: true,
    });
  },
});

/** What is PUT to the address of a handle. */
export interface Signal {
  readonly Status: string;
  readonly Reason: string;
  readonly UniqueId: string;
  readonly Data: string;
}

export const signalsOf = ({ attributes }: Thing): readonly Signal[] =>
  attributes['Signals'] as readonly Signal[];

/** A second signal with the same UniqueId counts once. @returns false when there is no such letter box */
export function signal(world: World, pathAndQuery: string, content: Signal): boolean {
  const box = world.things.all(HANDLE).find(({ id }) => id === world.endpointUrl + pathAndQuery);
  if (box === undefined) return false;
  if (signalsOf(box).every(({ UniqueId }) => UniqueId !== content.UniqueId)) {
    box.attributes = { Signals: [...signalsOf(box), content] };
  }
  return true;
}

export const waitCondition = resourceType({
  type: WAIT,
  actions: {
    create: 'cloudformation:CreateStack',
    update: 'cloudformation:UpdateStack',
    delete: 'cloudformation:DeleteStack',
  },
  isTaggable: false,
  minutes: { create: 0 },
  create: (draft, world) => {
    const box = text(draft.properties, 'Handle');
    const { signalAfter, status, reason } = world.host;
    if (signalAfter !== null) {
      world.clock.after(signalAfter, () => {
        const content: Signal = { Status: status, Reason: reason, UniqueId: 'first-boot', Data: '' };
        signal(world, box.slice(world.endpointUrl.length), content);
      });
    }
    const id = `${draft.stackId.replace(':stack/', ':waitCondition/')}/${draft.logicalId}`;
    return world.add({
      type: WAIT,
      id,
      arn: '',
      properties: draft.properties,
      attributes: { Data: '{}' },
      isImplicit: true,
    });
  },
  isReady: (thing, world) => {
    const wanted = number(thing.properties, 'Count', 1);
    const box = world.things.find(HANDLE, text(thing.properties, 'Handle'));
    const signals = box === undefined ? [] : signalsOf(box);
    const failed = signals.find(({ Status }) => Status === 'FAILURE');
    if (failed !== undefined) {
      throw new AwsFault(
        'Failure',
        `WaitCondition received failed message: '${failed.Reason}' for uniqueId: ${failed.UniqueId}`,
      );
    }
    if (signals.length >= wanted) {
      const data = Object.fromEntries(signals.map(({ UniqueId, Data }) => [UniqueId, Data]));
      thing.attributes = { Data: JSON.stringify(data) };
      return true;
    }
    const waited = world.clock.now().getTime() - thing.createdAt.getTime();
    if (waited < number(thing.properties, 'Timeout', 3600) * 1000) return false;
    throw new AwsFault(
      'Timeout',
      `WaitCondition timed out. Received ${signals.length} conditions when expecting ${wanted}`,
    );
  },
});
