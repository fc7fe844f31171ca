import type { LayerName } from '../../catalog.ts';
import type { ResourceChange, StackDescription, StackResource } from '../../ports/cloudformation.ts';
import type { AssetName } from '../../ports/deploy/assets.ts';
import type { BuiltBundle } from '../../ports/deploy/host-bundle.ts';
import type { Place } from '../ports.ts';
import type { Template } from '../template/read-template.ts';

/** What was found when somebody looked. A plan is made of this and of the settings alone. */
export interface Facts {
  readonly place: Place;
  /** Null: not there. */
  readonly stacks: ReadonlyMap<LayerName, StackDescription | null>;
  /** As they are deployed now; absent where there is no stack. */
  readonly deployed: ReadonlyMap<LayerName, string>;
  /** What a failed first creation left behind, of stacks that can only be deleted. */
  readonly remains: ReadonlyMap<LayerName, readonly StackResource[]>;
  readonly templates: ReadonlyMap<LayerName, Template>;
  readonly assets: readonly Asset[];
  /** Names of the secrets that are there, below the stage's path. */
  readonly secrets: ReadonlySet<string>;
  readonly bundle: BuiltBundle | null;
  /** What the warehouse server runs; null: nothing yet. */
  readonly hostRelease: string | null;
  /** The warehouse server was terminated behind CloudFormation's back. */
  readonly isServerGone: boolean;
  /** The stage may not be torn down: see protection.ts. */
  readonly isProtected: boolean;
  /** Null where nobody had to look. */
  readonly zone: string | null;
  readonly newestImage: string | null;
  readonly concurrency: { readonly limit: number; readonly unreserved: number } | null;
  readonly isRuleEnabled: boolean | null;
}

export interface Asset {
  readonly name: AssetName;
  /** `code/ingest-0123456789abcdef.zip` */
  readonly key: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly content: Uint8Array;
  readonly isUploaded: boolean;
}

/** What CloudFormation would change in stacks that are there; absent where nothing is to be asked. */
export type Previews = ReadonlyMap<LayerName, readonly ResourceChange[]>;
