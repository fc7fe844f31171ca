import type { Service } from '../service.ts';
import { networkActions } from './network-actions.ts';
import { networkRemoval } from './network-removal.ts';
import { regionActions } from './region-actions.ts';
import { serverActions } from './server-actions.ts';
import { storageActions } from './storage-actions.ts';

export const ec2: Service = {
  name: 'ec2',
  signingName: 'ec2',
  protocol: 'ec2',
  xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  client: () => import('@aws-sdk/client-ec2'),
  actions: { ...networkActions, ...networkRemoval, ...regionActions, ...serverActions, ...storageActions },
};
