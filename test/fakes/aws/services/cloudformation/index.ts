import type { Service } from '../service.ts';
import { changeSetActions } from './change-set-actions.ts';
import { driftActions } from './drift-actions.ts';
import { stackActions } from './stack-actions.ts';

export const cloudFormation: Service = {
  name: 'cloudformation',
  signingName: 'cloudformation',
  protocol: 'query',
  xmlns: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
  client: () => import('@aws-sdk/client-cloudformation'),
  actions: { ...stackActions, ...changeSetActions, ...driftActions },
};
