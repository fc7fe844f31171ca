import { readConfig } from '../../config.ts';
import type { AwsCredentials } from '../sigv4.ts';

/**
 * In the bundles of the functions this takes the place of the package of the same name: a function finds its keys in
 * its environment and needs no chain of providers, which would take longer to load than all the rest.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function fromNodeProviderChain(): () => Promise<AwsCredentials> {
  return async () => {
    const environment = readConfig().childEnvironment;
    const [accessKeyId, secretAccessKey] = [
      environment['AWS_ACCESS_KEY_ID'],
      environment['AWS_SECRET_ACCESS_KEY'],
    ];
    if (accessKeyId === undefined || secretAccessKey === undefined)
      throw new Error('the function has no role');
    return { accessKeyId, secretAccessKey, sessionToken: environment['AWS_SESSION_TOKEN'] };
  };
}
