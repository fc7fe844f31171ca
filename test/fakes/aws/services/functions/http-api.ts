import type * as sdk from '@aws-sdk/client-apigatewayv2';
import { API, deleteApi, requireApi } from '../../resources/http-api.ts';
import { AwsFault } from '../../wire/fault.ts';
import { nextToken, pageOf } from '../../world/paging.ts';
import { flag, nested, number, optionalText, text, texts } from '../../world/properties.ts';
import type { Thing } from '../../world/things.ts';
import { type World, change } from '../../world/world.ts';
import type { Service } from '../service.ts';

type OfApi = { readonly ApiId: string; readonly NextToken?: string };

/** The parts of an API, page by page. */
function partsOf(
  world: World,
  { ApiId, NextToken }: OfApi,
  noun: string,
): { found: readonly Thing[]; next: { NextToken?: string } } {
  requireApi(world, ApiId);
  const { items, token } = pageOf(
    world.using(`AWS::ApiGatewayV2::${noun}`, 'ApiId', ApiId),
    NextToken,
    world.settings.pageSize,
  );
  return { found: items, next: nextToken('NextToken', token) };
}

function requirePart(world: World, apiId: string, noun: string, id: string): Thing {
  requireApi(world, apiId);
  const found = world.using(`AWS::ApiGatewayV2::${noun}`, 'ApiId', apiId).find((part) => part.id === id);
  if (found !== undefined) return found;
  throw new AwsFault('NotFoundException', `Invalid ${noun} identifier specified`, 404);
}

const apiShape = ({ id, properties, attributes, createdAt, tags }: Thing): sdk.Api => ({
  ApiId: id,
  Name: text(properties, 'Name'),
  ProtocolType: (optionalText(properties, 'ProtocolType') ?? 'HTTP') as sdk.ProtocolType,
  ApiEndpoint: text(attributes, 'ApiEndpoint'),
  RouteSelectionExpression: '$request.method $request.path',
  CreatedDate: createdAt,
  CorsConfiguration: { AllowOrigins: texts(nested(properties, 'CorsConfiguration'), 'AllowOrigins') },
  Tags: { ...tags },
});

function stageShape({ id, properties, tags }: Thing): sdk.Stage {
  const limits = nested(properties, 'DefaultRouteSettings');
  return {
    StageName: id,
    AutoDeploy: flag(properties, 'AutoDeploy'),
    DefaultRouteSettings: {
      ThrottlingBurstLimit: number(limits, 'ThrottlingBurstLimit'),
      ThrottlingRateLimit: number(limits, 'ThrottlingRateLimit'),
    },
    AccessLogSettings: { DestinationArn: text(nested(properties, 'AccessLogSettings'), 'DestinationArn') },
    Tags: { ...tags },
  };
}

export const httpApi: Service = {
  name: 'apigateway',
  signingName: 'apigateway',
  protocol: 'rest-json',
  xmlns: '',
  client: () => import('@aws-sdk/client-apigatewayv2'),
  actions: {
    GetApis({ NextToken }: sdk.GetApisRequest, world: World): sdk.GetApisResponse {
      const { items, token } = pageOf(world.things.all(API), NextToken, world.settings.pageSize);
      return { Items: items.map(apiShape), ...nextToken('NextToken', token) };
    },
    GetApi: ({ ApiId }: OfApi, world: World): sdk.GetApiResponse => apiShape(requireApi(world, ApiId)),
    DeleteApi({ ApiId }: OfApi, world: World): void {
      deleteApi(requireApi(world, ApiId), world);
    },
    GetStages(input: OfApi, world: World): sdk.GetStagesResponse {
      const { found, next } = partsOf(world, input, 'Stage');
      return { Items: found.map(stageShape), ...next };
    },
    GetStage: ({ ApiId, StageName }: OfApi & { StageName: string }, world: World): sdk.GetStageResponse =>
      stageShape(requirePart(world, ApiId, 'Stage', StageName)),
    UpdateStage(
      input: Omit<sdk.UpdateStageRequest, 'ApiId' | 'StageName'> & OfApi & { StageName: string },
      world: World,
    ): sdk.UpdateStageResponse {
      const { ApiId, StageName, ...given } = input;
      const found = requirePart(world, ApiId, 'Stage', StageName);
      change(found, given);
      return stageShape(found);
    },
    DeleteStage({ ApiId, StageName }: OfApi & { StageName: string }, world: World): void {
      world.things.remove(requirePart(world, ApiId, 'Stage', StageName));
    },
    GetRoutes(input: OfApi, world: World): sdk.GetRoutesResponse {
      const { found, next } = partsOf(world, input, 'Route');
      const shape = ({ id, properties }: Thing): sdk.Route => ({
        RouteId: id,
        RouteKey: text(properties, 'RouteKey'),
        Target: text(properties, 'Target'),
      });
      return { Items: found.map(shape), ...next };
    },
    DeleteRoute({ ApiId, RouteId }: OfApi & { RouteId: string }, world: World): void {
      world.things.remove(requirePart(world, ApiId, 'Route', RouteId));
    },
    GetIntegrations(input: OfApi, world: World): sdk.GetIntegrationsResponse {
      const { found, next } = partsOf(world, input, 'Integration');
      const shape = ({ id, properties }: Thing): sdk.Integration => ({
        IntegrationId: id,
        IntegrationType: text(properties, 'IntegrationType') as sdk.IntegrationType,
        IntegrationUri: text(properties, 'IntegrationUri'),
      });
      return { Items: found.map(shape), ...next };
    },
  },
};
