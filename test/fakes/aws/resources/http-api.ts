import { AwsFault } from '../wire/fault.ts';
import { shortId } from '../world/ids.ts';
import { optionalText, text } from '../world/properties.ts';
import type { Thing } from '../world/things.ts';
import type { World } from '../world/world.ts';
import { type Draft, resourceType } from './resource-type.ts';

export const API = 'AWS::ApiGatewayV2::Api';
const PARTS = ['Route', 'Integration', 'Stage'].map((noun) => `AWS::ApiGatewayV2::${noun}`);

const actions = { create: 'apigateway:POST', update: 'apigateway:PATCH', delete: 'apigateway:DELETE' };

/** @throws AwsFault NotFoundException */
export function requireApi(world: World, id: string): Thing {
  return world.require(
    API,
    id,
    () => new AwsFault('NotFoundException', `Invalid API identifier specified ${world.accountId}:${id}`, 404),
  );
}

export const api = resourceType({
  type: API,
  actions,
  create: ({ properties, tags }, world) => {
    const id = shortId();
    return world.add({
      type: API,
      id,
      arn: `arn:aws:apigateway:${world.region}::/apis/${id}`,
      properties,
      tags: { ...tags },
      attributes: { ApiId: id, ApiEndpoint: `https://${id}.execute-api.${world.region}.amazonaws.com` },
    });
  },
  remove: (thing, world) => deleteApi(thing, world),
});

/** Its parts go with it. */
export function deleteApi(thing: Thing, world: World): void {
  for (const type of PARTS)
    for (const part of world.using(type, 'ApiId', thing.id)) world.things.remove(part);
  world.things.remove(thing);
}

function addPart(noun: string, idOf: (draft: Draft) => string) {
  return (draft: Draft, world: World): Thing => {
    requireApi(world, text(draft.properties, 'ApiId'));
    const id = idOf(draft);
    if (
      world
        .using(`AWS::ApiGatewayV2::${noun}`, 'ApiId', text(draft.properties, 'ApiId'))
        .some((part) => part.id === id)
    ) {
      throw new AwsFault('ConflictException', `${noun} ${id} already exists`, 409);
    }
    return world.add({
      type: `AWS::ApiGatewayV2::${noun}`,
      id,
      arn: `arn:aws:apigateway:${world.region}::/apis/${text(draft.properties, 'ApiId')}/${noun.toLowerCase()}s/${id}`,
      properties: draft.properties,
      tags: { ...draft.tags },
      attributes: { [`${noun}Id`]: id },
    });
  };
}

export const route = resourceType({
  type: 'AWS::ApiGatewayV2::Route',
  actions,
  isTaggable: false,
  create: (draft, world) => {
    const target = optionalText(draft.properties, 'Target')?.split('/')[1];
    if (target !== undefined && world.things.find('AWS::ApiGatewayV2::Integration', target) === undefined) {
      throw new AwsFault('BadRequestException', `Unable to find Integration ${target}`);
    }
    return addPart('Route', shortId)(draft, world);
  },
});

export const integration = resourceType({
  type: 'AWS::ApiGatewayV2::Integration',
  actions,
  isTaggable: false,
  create: addPart('Integration', shortId),
});

export const stage = resourceType({
  type: 'AWS::ApiGatewayV2::Stage',
  actions,
  create: addPart('Stage', ({ properties }) => text(properties, 'StageName')),
});
