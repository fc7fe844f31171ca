import type * as sdk from '@aws-sdk/client-lambda';
import {
  FUNCTION,
  configure,
  lambdaFunction,
  requireConcurrency,
  requireFunction,
} from '../../resources/lambda.ts';
import { AwsFault } from '../../wire/fault.ts';
import { pageOf } from '../../world/paging.ts';
import { nested, number, optionalText, text, texts, without } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import { type World, change } from '../../world/world.ts';
import type { Service } from '../service.ts';

type Named = { readonly FunctionName: string };

function configuration(thing: Thing): sdk.FunctionConfiguration {
  const { id, arn, properties, attributes, state, createdAt } = thing;
  const place = nested(properties, 'VpcConfig');
  const variables = nested(nested(properties, 'Environment'), 'Variables') as Record<string, string>;
  return {
    FunctionName: id,
    FunctionArn: arn,
    Runtime: text(properties, 'Runtime') as sdk.Runtime,
    Role: text(properties, 'Role'),
    Handler: text(properties, 'Handler'),
    Timeout: number(properties, 'Timeout', 3),
    MemorySize: number(properties, 'MemorySize', 128),
    LastModified: createdAt.toISOString(),
    RevisionId: text(attributes, 'RevisionId'),
    State: state as sdk.State,
    LastUpdateStatus: text(attributes, 'LastUpdateStatus') as sdk.LastUpdateStatus,
    VpcConfig: {
      SubnetIds: texts(place, 'SubnetIds'),
      SecurityGroupIds: texts(place, 'SecurityGroupIds'),
      VpcId: '',
    },
    Environment: { Variables: variables },
    LoggingConfig: {
      LogGroup: optionalText(nested(properties, 'LoggingConfig'), 'LogGroup') ?? `/aws/lambda/${id}`,
    },
    Version: '$LATEST',
  };
}

/** @throws AwsFault while an update is under way */
function requireSettled({ id, arn, attributes, state }: Thing): void {
  if (attributes['LastUpdateStatus'] !== 'InProgress' && state !== 'Pending') return;
  throw new AwsFault(
    'ResourceConflictException',
    `The operation cannot be performed at this time. An update is in progress for resource: ${arn || id}`,
    409,
  );
}

const settings = {
  GetAccountSettings: (_input: unknown, world: World): sdk.GetAccountSettingsResponse => {
    const reserved = world.things
      .all(FUNCTION)
      .reduce((sum, { properties }) => sum + number(properties, 'ReservedConcurrentExecutions'), 0);
    const { concurrencyLimit } = world.settings;
    return {
      AccountLimit: {
        ConcurrentExecutions: concurrencyLimit,
        UnreservedConcurrentExecutions: concurrencyLimit - reserved,
      },
      AccountUsage: { FunctionCount: world.things.all(FUNCTION).length, TotalCodeSize: 0 },
    };
  },

  UpdateFunctionConfiguration(
    { FunctionName, ...wish }: Omit<sdk.UpdateFunctionConfigurationRequest, 'FunctionName'> & Named,
    world: World,
  ): sdk.FunctionConfiguration {
    const thing = requireFunction(world, FunctionName);
    requireSettled(thing);
    if (wish.RevisionId !== undefined && wish.RevisionId !== thing.attributes['RevisionId']) {
      throw new AwsFault(
        'PreconditionFailedException',
        'The Revision Id provided does not match the latest Revision Id.',
        412,
      );
    }
    configure(thing, { ...thing.properties, ...without(wish, 'RevisionId') }, world);
    return configuration(thing);
  },

  PutFunctionConcurrency(
    { FunctionName, ReservedConcurrentExecutions }: sdk.PutFunctionConcurrencyRequest,
    world: World,
  ): sdk.Concurrency {
    const thing = requireFunction(world, FunctionName!);
    requireConcurrency(world, thing.id, ReservedConcurrentExecutions!);
    change(thing, { ReservedConcurrentExecutions: ReservedConcurrentExecutions! });
    return { ReservedConcurrentExecutions: ReservedConcurrentExecutions! };
  },

  GetFunctionConcurrency({ FunctionName }: Named, world: World): sdk.GetFunctionConcurrencyResponse {
    const reserved = requireFunction(world, FunctionName).properties['ReservedConcurrentExecutions'];
    return reserved === undefined ? {} : { ReservedConcurrentExecutions: Number(reserved) };
  },

  DeleteFunctionConcurrency({ FunctionName }: Named, world: World): void {
    const thing = requireFunction(world, FunctionName);
    thing.properties = without(thing.properties, 'ReservedConcurrentExecutions');
  },
};

const functions = {
  ListFunctions({ Marker }: sdk.ListFunctionsRequest, world: World): sdk.ListFunctionsResponse {
    const { items, token } = pageOf(world.things.all(FUNCTION), Marker, world.settings.pageSize);
    return { Functions: items.map(configuration), ...(token === undefined ? {} : { NextMarker: token }) };
  },

  GetFunction({ FunctionName }: Named, world: World): sdk.GetFunctionResponse {
    const thing = requireFunction(world, FunctionName);
    const reserved = thing.properties['ReservedConcurrentExecutions'];
    return {
      Configuration: configuration(thing),
      Tags: { ...thing.tags },
      ...(reserved === undefined ? {} : { Concurrency: { ReservedConcurrentExecutions: Number(reserved) } }),
    };
  },

  GetFunctionConfiguration: ({ FunctionName }: Named, world: World): sdk.FunctionConfiguration =>
    configuration(requireFunction(world, FunctionName)),

  DeleteFunction({ FunctionName }: Named, world: World): object {
    lambdaFunction.remove(requireFunction(world, FunctionName), world);
    return {};
  },

  ListVersionsByFunction: ({ FunctionName }: Named, world: World): sdk.ListVersionsByFunctionResponse => ({
    Versions: [configuration(requireFunction(world, FunctionName))],
  }),

  ListTags({ Resource }: { readonly Resource: string }, world: World): sdk.ListTagsResponse {
    return { Tags: { ...requireFunction(world, Resource).tags } };
  },

  Invoke(
    { FunctionName, Payload, InvocationType }: Named & { Payload?: Uint8Array; InvocationType?: string },
    world: World,
  ): object {
    const thing = requireFunction(world, FunctionName);
    if (thing.state === 'Pending') {
      throw new AwsFault(
        'ResourceConflictException',
        `The operation cannot be performed at this time. The function is currently in the following state: Pending`,
        409,
      );
    }
    if (number(thing.properties, 'ReservedConcurrentExecutions', 1) === 0) {
      throw new AwsFault('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    if (InvocationType === 'DryRun') return { StatusCode: 204 };
    const given = Buffer.from(Payload ?? []).toString('utf8');
    const { payload, error } = world.invoke(thing.id, given === '' ? null : JSON.parse(given));
    if (InvocationType === 'Event') return { StatusCode: 202 };
    return {
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      Payload: Buffer.from(JSON.stringify(payload)),
      ...(error === undefined ? {} : { FunctionError: error }),
    };
  },
};

export const lambda: Service = {
  name: 'lambda',
  signingName: 'lambda',
  protocol: 'rest-json',
  xmlns: '',
  client: () => import('@aws-sdk/client-lambda'),
  actions: { ...functions, ...settings },
};
