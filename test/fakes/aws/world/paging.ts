import { AwsFault } from '../wire/fault.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly token?: string;
}

/**
 * A page of a listing. Pages are as small as the fake was told, also when the client asks for more: AWS promises no
 * page size either.
 * @throws AwsFault for a token that this fake did not give
 */
export function pageOf<T>(all: readonly T[], token: string | undefined, size: number): Page<T> {
  const start = token === undefined ? 0 : positionOf(token);
  const end = start + size;
  const items = all.slice(start, end);
  return end < all.length ? { items, token: Buffer.from(`page@${end}`).toString('base64url') } : { items };
}

function positionOf(token: string): number {
  const [, position] = /^page@(\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (position === undefined) throw new AwsFault('InvalidNextToken', 'The token is not valid.');
  return Number(position);
}

/** To be spread into an answer: nothing on the last page, since absent is not undefined. */
export function nextToken<Name extends string>(
  name: Name,
  token: string | undefined,
): { [K in Name]?: string } {
  return token === undefined ? {} : ({ [name]: token } as { [K in Name]?: string });
}
