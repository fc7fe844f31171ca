import { SbwError } from '../../errors.ts';

/** How to find out that what listens there works, before anybody is told that it does. */
export type Proof =
  /** An HTTP request for the path. */
  | { readonly kind: 'http'; readonly path: string }
  /** The first exchange of the PostgreSQL protocol. */
  | { readonly kind: 'postgres'; readonly database: string }
  | { readonly kind: 'none' };

/** A part of the platform that has a name on the command line. */
export interface NamedTarget {
  readonly name: string;
  /** Of the stack that has it. */
  readonly layer: 'warehouse' | 'web-db';
  /** The instance's Name where no stack of ours made it; the stage's suffix follows. */
  readonly instanceName: string;
  /** On the instance, and here unless it is taken. */
  readonly port: number;
  readonly localPort: number;
  readonly proof: Proof;
}

export const NAMED_TARGETS: readonly NamedTarget[] = [
  {
    name: 'shiny',
    layer: 'warehouse',
    instanceName: 'SBW_EC2_ShinyDWH',
    port: 3838,
    localPort: 3838,
    proof: { kind: 'http', path: '/sbw_dashboard/' },
  },
  {
    name: 'dwh',
    layer: 'warehouse',
    instanceName: 'SBW_EC2_ShinyDWH',
    port: 5432,
    localPort: 5432,
    proof: { kind: 'postgres', database: 'clickstream_dw' },
  },
  {
    name: 'webdb',
    layer: 'web-db',
    instanceName: 'SBW_EC2_WebDB',
    port: 5432,
    localPort: 5433,
    proof: { kind: 'postgres', database: '' },
  },
];

/** @throws SbwError TUNNEL_TARGET_UNKNOWN (usage) */
export function getNamedTarget(name: string): NamedTarget {
  const target = NAMED_TARGETS.find((one) => one.name === name);
  if (target !== undefined) return target;
  throw new SbwError('TUNNEL_TARGET_UNKNOWN', `There is no target ${JSON.stringify(name)}.`, {
    kind: 'usage',
    fix: `one of ${NAMED_TARGETS.map((one) => one.name).join(', ')}, or --instance i-... --port <port>`,
  });
}
