import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Config } from '../../../config.ts';
import { SbwError } from '../../../errors.ts';

/** How this machine gets to AWS: from the variables that every tool knows. */
export interface Network {
  /** Null: straight there. */
  proxyFor(url: URL): URL | null;
  /** Trusted beside nothing else; undefined: what Node trusts. */
  readonly ca: string[] | undefined;
  /** For people: `AWS_CA_BUNDLE=...`, '' when there is none. */
  readonly caName: string;
}

/** @throws SbwError PROXY_INVALID, CA_BUNDLE_UNREADABLE (environment) */
export function readNetwork(environment: Config['childEnvironment']): Network {
  const get = (name: string): string | undefined =>
    environment[name] || environment[name.toLowerCase()] || undefined;
  const [secure, plain] = [get('HTTPS_PROXY'), get('HTTP_PROXY')].map((value) => proxyOf(value));
  const exceptions = (get('NO_PROXY') ?? '').split(',').map((entry) => entry.trim().toLowerCase());
  const bundle = environment['AWS_CA_BUNDLE'] || undefined;
  return {
    proxyFor: (url) => {
      const proxy = url.protocol === 'wss:' || url.protocol === 'https:' ? secure : plain;
      return proxy === undefined || isException(url, exceptions) ? null : proxy;
    },
    ca: bundle === undefined ? undefined : trusted(bundle, environment['NODE_EXTRA_CA_CERTS'] || undefined),
    caName: bundle === undefined ? '' : `AWS_CA_BUNDLE=${bundle}`,
  };
}

function proxyOf(value: string | undefined): URL | undefined {
  if (value === undefined) return undefined;
  try {
    const url = new URL(value.includes('://') ? value : `http://${value}`);
    if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  } catch {
    // Said below; the value may hold a password, so it is not shown.
  }
  throw new SbwError('PROXY_INVALID', 'HTTPS_PROXY or HTTP_PROXY is no URL of an HTTP proxy.', {
    kind: 'environment',
    fix: 'such as: export HTTPS_PROXY=http://proxy.example.com:3128',
  });
}

/** `NO_PROXY=.amazonaws.com,127.0.0.1,*`: suffixes of host names, with or without the leading dot. */
function isException({ hostname, port }: URL, exceptions: readonly string[]): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  // As every tool does: a proxy elsewhere has another machine as its loopback.
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return true;
  return exceptions.some((entry) => {
    if (entry === '*') return true;
    const [name = '', wantedPort] = entry.replace(/^\*?\./, '').split(':');
    if (name === '' || (wantedPort !== undefined && wantedPort !== port)) return false;
    return host === name || host.endsWith(`.${name}`);
  });
}

/** With a list of our own Node adds nothing to it: neither its roots nor NODE_EXTRA_CA_CERTS. */
function trusted(bundle: string, extra: string | undefined): string[] {
  const files = extra === undefined ? [bundle] : [bundle, extra];
  return [...rootCertificates, ...files.map(readCertificates)];
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SbwError('CA_BUNDLE_UNREADABLE', `Cannot read the certificates in ${file}.`, {
      kind: 'environment',
      fix: 'correct AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS',
      cause,
    });
  }
}
