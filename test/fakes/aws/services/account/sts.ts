import type * as sdk from '@aws-sdk/client-sts';
import type { World } from '../../world/world.ts';
import type { Service } from '../service.ts';

export const sts: Service = {
  name: 'sts',
  signingName: 'sts',
  protocol: 'query',
  isGlobal: true,
  xmlns: 'https://sts.amazonaws.com/doc/2011-06-15/',
  client: () => import('@aws-sdk/client-sts'),
  actions: {
    GetCallerIdentity: (_input: unknown, world: World): sdk.GetCallerIdentityResponse => ({
      Account: world.accountId,
      Arn: world.arn('iam', 'user/operator', ''),
      UserId: 'AIDAEXAMPLEUSEROPERATOR',
    }),
  },
};
