import { createHash, hash, type Hash } from 'node:crypto';
import type { ObjectInfo } from '../ports.ts';

/** Bytes per object in the ledger. 128 bits: two objects of one hour never collide in practice. */
export const DIGEST_BYTES = 16;

/** Names one version of one object. A rewritten object has another version and so counts as new. */
export function digestOf(object: Pick<ObjectInfo, 'key' | 'version'>): Buffer {
  return hash('sha256', `${object.key}\n${object.version}`, 'buffer').subarray(0, DIGEST_BYTES);
}

/** The objects a partition has loaded so far, as the ledger remembers them. */
export class ObjectDigests {
  readonly #known: Set<string>;
  readonly #added: Buffer[] = [];
  readonly #stored: Buffer;

  /** @param stored digests one behind the other, as `bytes` gave them */
  constructor(stored: Buffer = Buffer.alloc(0)) {
    this.#stored = stored;
    this.#known = new Set();
    for (let at = 0; at < stored.length; at += DIGEST_BYTES) {
      this.#known.add(stored.toString('latin1', at, at + DIGEST_BYTES));
    }
  }

  has(digest: Buffer): boolean {
    return this.#known.size > 0 && this.#known.has(digest.toString('latin1'));
  }

  add(digest: Buffer): void {
    this.#added.push(digest);
  }

  bytes(): Buffer {
    return this.#added.length === 0 ? this.#stored : Buffer.concat([this.#stored, ...this.#added]);
  }
}

/** Hash over the keys and versions of a partition in listing order; equal fingerprints mean nothing changed. */
export class Fingerprint {
  readonly #hash: Hash = createHash('sha256');
  #pending = '';

  add({ key, version }: Pick<ObjectInfo, 'key' | 'version'>): void {
    this.#pending += `${key}\t${version}\n`;
    // Hashing costs per call, not per byte: feed it large pieces.
    if (this.#pending.length > 16_384) this.#flush();
  }

  digest(): string {
    this.#flush();
    return this.#hash.digest('hex').slice(0, 32);
  }

  #flush(): void {
    this.#hash.update(this.#pending);
    this.#pending = '';
  }
}
