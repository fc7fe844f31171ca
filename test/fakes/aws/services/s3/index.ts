import type { Service } from '../service.ts';
import { bucketActions } from './bucket-actions.ts';
import { listingActions } from './listing-actions.ts';
import { objectActions } from './object-actions.ts';
import { uploadActions } from './upload-actions.ts';

export const s3: Service = {
  name: 's3',
  signingName: 's3',
  protocol: 'rest-xml',
  xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/',
  client: () => import('@aws-sdk/client-s3'),
  actions: { ...bucketActions, ...listingActions, ...objectActions, ...uploadActions },
};
