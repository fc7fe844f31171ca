import type * as sdk from '@aws-sdk/client-ssm';
import { PARAMETER } from '../../resources/operations.ts';
import { AwsFault } from '../../wire/fault.ts';
import { uuid } from '../../world/ids.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import { number, text } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import { type World, change } from '../../world/world.ts';
import { commandActions } from './ssm-commands.ts';
import type { Service } from '../service.ts';

/** What a SecureString shows without decryption. */
const ENCRYPTED = 'AQICAHhEXAMPLEENCRYPTEDVALUE';
const NAME = /^[a-zA-Z0-9_.\-/]+$/;

function requireParameter(world: World, name: string): Thing {
  return world.require(PARAMETER, name, () => new AwsFault('ParameterNotFound', ''));
}

function shapeOf(thing: Thing, isDecrypted: boolean): sdk.Parameter {
  const { properties, attributes, arn, id, createdAt } = thing;
  const type = text(properties, 'Type') as sdk.ParameterType;
  return {
    Name: id,
    Type: type,
    Value: type === 'SecureString' && !isDecrypted ? ENCRYPTED : text(properties, 'Value'),
    Version: number(attributes, 'Version', 1),
    LastModifiedDate: createdAt,
    ARN: arn,
    DataType: 'text',
  };
}

const parameterActions = {
  GetParameter({ Name, WithDecryption }: sdk.GetParameterRequest, world: World): sdk.GetParameterResult {
    return { Parameter: shapeOf(requireParameter(world, Name!), WithDecryption ?? false) };
  },

  GetParameters({ Names, WithDecryption }: sdk.GetParametersRequest, world: World): sdk.GetParametersResult {
    const names = Names ?? [];
    if (names.length > 10)
      throw new AwsFault('ValidationException', 'Member must have length less than or equal to 10');
    const found = names.flatMap((name) => world.things.find(PARAMETER, name) ?? []);
    const ids = found.map(({ id }) => id);
    return {
      Parameters: found.map((thing) => shapeOf(thing, WithDecryption ?? false)),
      InvalidParameters: names.filter((name) => !ids.includes(name)),
    };
  },

  GetParametersByPath(input: sdk.GetParametersByPathRequest, world: World): sdk.GetParametersByPathResult {
    const path = input.Path!.endsWith('/') ? input.Path! : `${input.Path!}/`;
    const below = world.things
      .all(PARAMETER)
      .filter(({ id }) => id.startsWith(path))
      .filter(({ id }) => input.Recursive === true || !id.slice(path.length).includes('/'));
    const { items, token } = pageOf(
      below,
      input.NextToken,
      Math.min(input.MaxResults ?? 10, world.settings.pageSize),
    );
    return {
      Parameters: items.map((thing) => shapeOf(thing, input.WithDecryption ?? false)),
      ...nextToken('NextToken', token),
    };
  },

  PutParameter(input: sdk.PutParameterRequest, world: World): sdk.PutParameterResult {
    const { Name: name, Value, Type, Overwrite, Tags } = input;
    if (!NAME.test(name!) || /^\/?(aws|ssm)/i.test(name!)) {
      throw new AwsFault(
        'ValidationException',
        `Parameter name: can't be prefixed with "aws" or "ssm", and holds letters, digits, . - _ / only`,
      );
    }
    const found = world.things.find(PARAMETER, name!);
    if (found !== undefined) {
      if (Overwrite !== true) {
        throw new AwsFault(
          'ParameterAlreadyExists',
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
        );
      }
      if (Tags !== undefined) {
        throw new AwsFault(
          'ValidationException',
          "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
        );
      }
      const version = number(found.attributes, 'Version', 1) + 1;
      change(found, { Value, ...(Type === undefined ? {} : { Type }) });
      found.attributes = { Value, Version: version };
      return { Version: version, Tier: 'Standard' };
    }
    if (Type === undefined)
      throw new AwsFault('ValidationException', 'A parameter type is required when you create a parameter.');
    world.add({
      type: PARAMETER,
      id: name!,
      arn: world.arn('ssm', `parameter${name!.startsWith('/') ? '' : '/'}${name!}`),
      properties: { Name: name!, Value, Type },
      attributes: { Value, Version: 1 },
      tags: Object.fromEntries((Tags ?? []).map(({ Key, Value: value }) => [Key!, value!])),
    });
    return { Version: 1, Tier: 'Standard' };
  },

  DeleteParameter({ Name }: sdk.DeleteParameterRequest, world: World): sdk.DeleteParameterResult {
    world.things.remove(requireParameter(world, Name!));
    return {};
  },

  DeleteParameters({ Names }: sdk.DeleteParametersRequest, world: World): sdk.DeleteParametersResult {
    const names = Names ?? [];
    if (names.length > 10)
      throw new AwsFault('ValidationException', 'Member must have length less than or equal to 10');
    const found = names.flatMap((name) => world.things.find(PARAMETER, name) ?? []);
    for (const thing of found) world.things.remove(thing);
    const deleted = found.map(({ id }) => id);
    return { DeletedParameters: deleted, InvalidParameters: names.filter((name) => !deleted.includes(name)) };
  },

  DescribeParameters(input: sdk.DescribeParametersRequest, world: World): sdk.DescribeParametersResult {
    const all = world.things
      .all(PARAMETER)
      .filter(({ id }) => matchesFilters(id, input.ParameterFilters ?? []));
    const { items, token } = pageOf(all, input.NextToken, world.settings.pageSize);
    return {
      Parameters: items.map(({ id, arn, properties }) => ({
        Name: id,
        ARN: arn,
        Type: text(properties, 'Type') as sdk.ParameterType,
      })),
      ...nextToken('NextToken', token),
    };
  },

  AddTagsToResource(
    { ResourceId, Tags }: sdk.AddTagsToResourceRequest,
    world: World,
  ): sdk.AddTagsToResourceResult {
    const thing = world.require(PARAMETER, ResourceId!, () => new AwsFault('InvalidResourceId', ''));
    for (const { Key, Value } of Tags ?? []) thing.tags[Key!] = Value!;
    return {};
  },

  ListTagsForResource(
    { ResourceId }: sdk.ListTagsForResourceRequest,
    world: World,
  ): sdk.ListTagsForResourceResult {
    const { tags } = world.require(PARAMETER, ResourceId!, () => new AwsFault('InvalidResourceId', ''));
    return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
  },
};

function matchesFilters(id: string, filters: readonly sdk.ParameterStringFilter[]): boolean {
  return filters.every(({ Key, Option = 'Equals', Values = [] }) => {
    if (Key === 'Path') return Values.some((path) => id.startsWith(path.endsWith('/') ? path : `${path}/`));
    if (Key !== 'Name')
      throw new AwsFault('InvalidFilterKey', `The fake filters by Name and Path, not by ${Key!}`);
    return Values.some((value) => (Option === 'BeginsWith' ? id.startsWith(value) : id === value));
  });
}

/** A parameter that AWS itself publishes, such as the newest image. */
export function publish(world: World, name: string, value: string): void {
  world.add({
    type: PARAMETER,
    id: name,
    arn: `arn:aws:ssm:${world.region}::parameter${name}`,
    properties: { Name: name, Value: value, Type: 'String' },
    attributes: { Value: value, Version: 1, Publication: uuid() },
    isImplicit: true,
  });
}

export const ssm: Service = {
  name: 'ssm',
  signingName: 'ssm',
  protocol: 'json',
  xmlns: '',
  client: () => import('@aws-sdk/client-ssm'),
  actions: { ...parameterActions, ...commandActions },
};
