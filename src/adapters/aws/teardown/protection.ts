import * as sdk from '@aws-sdk/client-ssm';
import type { Protection } from '../../../stacks/ports/protection.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, unlessGone } from '../call.ts';

/** A plain parameter: it is there before the stacks, and its history names who changed it and when. */
export function openProtection(settings: SdkSettings): Protection & { close(): void } {
  const client = new sdk.SSMClient(settings);
  return {
    read: (path) =>
      unlessGone('ssm:GetParameter', null, async () => {
        const { Parameter } = await client.send(new sdk.GetParameterCommand({ Name: path }));
        return Parameter?.Value ?? null;
      }),
    write: (path, value) =>
      call('ssm:PutParameter', async () => {
        await client.send(
          new sdk.PutParameterCommand({ Name: path, Value: value, Type: 'String', Overwrite: true }),
        );
      }),
    close: () => client.destroy(),
  };
}
