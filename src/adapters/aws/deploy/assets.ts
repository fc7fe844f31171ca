import * as sdk from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import type { AssetStore } from '../../../stacks/ports/deploy/assets.ts';
import { isNotFound } from '../aws-errors.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, unlessGone } from '../call.ts';

/** The assets bucket through the SDK. */
export function openAssetStore(settings: SdkSettings): AssetStore & { close(): void } {
  const client = new sdk.S3Client({ ...settings, forcePathStyle: settings.endpoint !== undefined });
  return {
    has: (bucket, key) =>
      call('s3:GetObject', async () => {
        try {
          await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }));
          return true;
        } catch (error) {
          if (isNotFound(error)) return false;
          throw error;
        }
      }),
    put: (bucket, key, content) =>
      call('s3:PutObject', async () => {
        const command = new sdk.PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: content,
          ChecksumSHA256: createHash('sha256').update(content).digest('base64'),
        });
        await client.send(command);
      }),
    readText: (bucket, key) =>
      unlessGone('s3:GetObject', null, async () => {
        const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }));
        return (await Body?.transformToString()) ?? '';
      }),
    close: () => client.destroy(),
  };
}
