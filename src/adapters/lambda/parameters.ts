import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { SbwError } from '../../errors.ts';
import { toSbwError } from '../aws/aws-errors.ts';

/**
 * The values of SSM parameters, decrypted, in the order of their names. The SDK is the runtime's own, set up by the
 * function's environment.
 * @throws SbwError PARAMETER_MISSING (environment), or what toSbwError makes of a refusal
 */
export async function readParameters<const Names extends readonly string[]>(
  names: Names,
): Promise<{ readonly [K in keyof Names]: string }> {
  const client = new SSMClient({});
  try {
    const command = new GetParametersCommand({ Names: [...names], WithDecryption: true });
    const { Parameters = [] } = await client.send(command).catch((error: unknown) => {
      throw toSbwError(error, { action: 'ssm:GetParameters' });
    });
    const values = new Map(Parameters.map(({ Name, Value }) => [Name, Value]));
    return names.map((name) => values.get(name) ?? missing(name)) as { [K in keyof Names]: string };
  } finally {
    client.destroy();
  }
}

function missing(name: string): never {
  throw new SbwError('PARAMETER_MISSING', `There is no parameter ${name}.`, {
    kind: 'environment',
    fix: 'sbw deploy   (it makes what is missing)',
  });
}
