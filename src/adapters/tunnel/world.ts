import { randomUUID } from 'node:crypto';
import { Agent as HttpsAgent } from 'node:https';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Config } from '../../config.ts';
import type { PlatformOptions } from '../../stacks/ports/platform.ts';
import type { TunnelWorld } from '../../tunnel/world.ts';
import { awsConfig, sdkSettings } from '../aws/sdk.ts';
import { credentialsFrom } from '../aws-credentials.ts';
import { openDirectory } from './aws/directory.ts';
import { openInspector } from './aws/inspector.ts';
import { openSessionApi } from './aws/session-api.ts';
import { tunnelClock } from './clock.ts';
import { listen } from './local/listen.ts';
import { probe } from './local/probe.ts';
import { createPrograms } from './local/programs.ts';
import { readyFile } from './local/ready-file.ts';
import { createDial } from './network/dial.ts';
import { openSocket } from './network/open-socket.ts';
import { readNetwork } from './network/settings.ts';
import type { Network } from './network/settings.ts';
import { isLoopback } from './network/stream-host.ts';

const TIMEOUT_MS = 20_000;

/** The real world of a tunnel. @throws SbwError AWS_REGION_MISSING, PROXY_INVALID, CA_BUNDLE_UNREADABLE (environment) */
export function openTunnelWorld(config: Config, options: PlatformOptions = {}): TunnelWorld {
  const aws = awsConfig(config, options);
  // Proxy, certificates, private endpoints: the variables that every AWS tool reads.
  const environment = config.childEnvironment;
  const userAgent = `sbw/${packageJson.version} tunnel`;
  const network = readNetwork(environment);
  const endpointOf = (service: string): string | undefined =>
    environment[`AWS_ENDPOINT_URL_${service}`] || environment['AWS_ENDPOINT_URL'] || undefined;
  const settings = (service: string, timeoutMs = TIMEOUT_MS) => ({
    // Credentials that nobody has kept: a login during a running tunnel counts at once.
    ...sdkSettings({ aws: { ...aws, endpointUrl: endpointOf(service) }, userAgent }),
    requestHandler: {
      requestTimeout: timeoutMs,
      // Otherwise the SDK only writes a warning, and waits for ever.
      throwOnRequestTimeout: true,
      connectionTimeout: timeoutMs / 2,
      ...agentsFor(network),
    },
  });
  const { region } = settings('SSM');
  const { profile } = aws;
  const override = environment['AWS_ENDPOINT_URL_SSMMESSAGES'] || undefined;
  const api = endpointOf('SSM');
  const directory = openDirectory(settings, profile);
  return {
    region,
    connections: {
      api: openSessionApi((timeoutMs) => settings('SSM', timeoutMs), profile),
      dial: createDial({
        region,
        credentials: () => credentialsFrom(profile)(),
        network,
        host: {
          override: override === undefined ? undefined : new URL(override),
          isLoopbackTrusted: api !== undefined && isLoopback(new URL(api)),
        },
      }),
      clock: tunnelClock,
      newId: randomUUID,
      random: Math.random,
      listen,
    },
    directory,
    inspector: openInspector(settings, directory),
    probe,
    programs: createPrograms({
      environment,
      region,
      profile,
      endpoint: api ?? `https://ssm.${region}.amazonaws.com`,
    }),
    readyFile,
  };
}

/** The SDK knows neither proxies nor AWS_CA_BUNDLE by itself. */
function agentsFor(network: Network): { httpsAgent?: HttpsAgent } {
  if (network.ca === undefined && network.proxyFor(new URL('https://ssm.amazonaws.com')) === null) return {};
  const httpsAgent = new HttpsAgent({ keepAlive: false });
  httpsAgent.createConnection = (options, connected) => {
    const url = new URL(`https://${options.host}:${options.port ?? 443}`);
    openSocket(url, network, new AbortController().signal).then(
      (socket) => connected?.(null, socket),
      (error: Error) => connected?.(error, undefined as never),
    );
    return undefined;
  };
  return { httpsAgent };
}
