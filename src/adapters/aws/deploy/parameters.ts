import * as sdk from '@aws-sdk/client-ssm';
import type { Parameters } from '../../../stacks/ports/deploy/parameters.ts';
import type { SdkSettings } from '../sdk.ts';
import { call, pagesOf, unlessGone } from '../call.ts';

/** The parameter store through the SDK. */
export function openParameters(settings: SdkSettings): Parameters & { close(): void } {
  const client = new sdk.SSMClient(settings);
  return {
    read: (name) =>
      unlessGone('ssm:GetParameter', null, async () => {
        const command = new sdk.GetParameterCommand({ Name: name, WithDecryption: true });
        return (await client.send(command)).Parameter?.Value ?? null;
      }),
    names: async (path) => {
      const names = new Set<string>();
      const filters = [{ Key: 'Name', Option: 'BeginsWith', Values: [path] }];
      const pages = pagesOf((NextToken) =>
        call('ssm:DescribeParameters', () =>
          client.send(new sdk.DescribeParametersCommand({ ParameterFilters: filters, NextToken })),
        ),
      );
      for await (const { Parameters: page } of pages) for (const { Name } of page ?? []) names.add(Name!);
      return names;
    },
    create: ({ name, value, isSecret, description, tags }) =>
      call('ssm:PutParameter', async () => {
        const command = new sdk.PutParameterCommand({
          Name: name,
          Value: value,
          Type: isSecret ? 'SecureString' : 'String',
          Description: description,
          Overwrite: false,
          Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
        });
        try {
          await client.send(command);
          return true;
        } catch (error) {
          if ((error as Error).name === 'ParameterAlreadyExists') return false;
          throw error;
        }
      }),
    replace: (name, value) =>
      call('ssm:PutParameter', async () => {
        await client.send(new sdk.PutParameterCommand({ Name: name, Value: value, Overwrite: true }));
      }),
    remove: (name) =>
      unlessGone('ssm:DeleteParameter', undefined, async () => {
        await client.send(new sdk.DeleteParameterCommand({ Name: name }));
      }),
    close: () => client.destroy(),
  };
}
